package client_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// people stores users/1 to users/n of companies/1, and returns the store.
func people(tb testing.TB, n int) *client.Store {
	tb.Helper()
	store := clienttest.New(tb)
	docs := map[string]any{"companies/1": &company{Name: "Acme"}}
	for i := 1; i <= n; i++ {
		docs[fmt.Sprintf("users/%d", i)] = &user{Name: fmt.Sprint("user ", i), Company: "companies/1"}
	}
	put(tb, store, docs)
	return store
}

// ids collects the ids of a sequence.
func ids(tb testing.TB, rows iter.Seq2[*user, error]) []string {
	tb.Helper()
	var list []string
	for u, err := range rows {
		must(tb, err)
		list = append(list, u.ID)
	}
	return list
}

func TestLoadMany_OneRequestAndNilForMissing(t *testing.T) {
	store := people(t, 3)
	s := store.Session()
	first := load[user](t, s, "users/1")
	docs, err := client.LoadMany[user](t.Context(), s, []string{"users/1", "users/2", "Users/2", "users/nobody", ""})
	must(t, err)
	if docs["users/1"] != first || docs["users/2"] == nil || docs["Users/2"] != docs["users/2"] || docs["users/nobody"] != nil {
		t.Errorf("loaded %v", docs)
	}
	if _, there := docs["users/nobody"]; !there || len(docs) != 5 {
		t.Errorf("loaded %v, want an entry for each id", docs)
	}
	_, ok, err := client.Load[user](t.Context(), s, "users/NOBODY")
	if ok || err != nil || s.Requests() != 2 {
		t.Errorf("known to be missing: %v, %v, %d requests, want 2", ok, err, s.Requests())
	}
}

func TestLoadMany_LongListsGoIntoTheBody(t *testing.T) {
	store := people(t, 2)
	list := []string{"users/1", "users/2"}
	for i := range 100 {
		list = append(list, fmt.Sprintf("nothing/%d/%s", i, strings.Repeat("ü&?", 10)))
	}
	docs, err := client.LoadMany[user](t.Context(), store.Session(), list)
	must(t, err)
	if docs["users/2"] == nil || docs[list[50]] != nil || len(docs) != 102 {
		t.Errorf("%d documents, users/2 is %v", len(docs), docs["users/2"])
	}
}

func TestInclude_SavesARequest(t *testing.T) {
	store := people(t, 1)
	s := store.Session()
	u, _, err := client.Load[user](t.Context(), s, "users/1", client.Include("Company"))
	must(t, err)
	if c := load[company](t, s, u.Company); c.Name != "Acme" || s.Requests() != 1 {
		t.Errorf("%+v after %d requests, want Acme after 1", c, s.Requests())
	}
	// a query includes too
	s = store.Session()
	for _, err := range client.Query[user](t.Context(), s, "from Users include Company") {
		must(t, err)
	}
	if c := load[company](t, s, "companies/1"); c.Name != "Acme" || s.Requests() != 1 {
		t.Errorf("%+v after %d requests, want Acme after 1", c, s.Requests())
	}
}

func TestLoad_UntrackedIsForgotten(t *testing.T) {
	store := people(t, 1)
	for _, s := range []*client.Session{store.Session(), store.SessionWith(client.SessionOptions{Untracked: true})} {
		a, _, err := client.Load[user](t.Context(), s, "users/1", client.Untracked())
		must(t, err)
		b, _, err := client.Load[user](t.Context(), s, "users/1", client.Untracked())
		must(t, err)
		a.Age = 5
		if changed, err := s.HasChanges(); a == b || changed || err != nil {
			t.Errorf("same value %v, changes %v, %v", a == b, changed, err)
		}
		if a.ID != "users/1" {
			t.Errorf("id %q", a.ID)
		}
	}
}

func TestQuery(t *testing.T) {
	store := people(t, 5)
	s := store.Session()
	tracked := load[user](t, s, "users/3")
	var stats client.QueryStats
	found, err := client.All(client.Query[user](t.Context(), s, "from Users where id() in ($ids)",
		client.Param("ids", []string{"users/3", "users/4"}), client.Statistics(&stats)))
	must(t, err)
	if len(found) != 2 || found[0] != tracked && found[1] != tracked || stats.TotalResults != 2 || stats.NodeTag != "A" {
		t.Errorf("found %v, %+v", found, stats)
	}
	found[0].Age = 9
	if changed, err := s.HasChanged(found[0]); !changed || err != nil {
		t.Errorf("results are not tracked: %v, %v", changed, err)
	}
	if n, err := client.Count(t.Context(), s, "from Users"); n != 5 || err != nil {
		t.Errorf("Count = %d, %v, want 5", n, err)
	}
	if got := ids(t, client.Query[user](t.Context(), s, "from Users", client.Page(1, 2))); len(got) != 2 {
		t.Errorf("page %v, want 2", got)
	}
	u, ok, err := client.First(client.Query[user](t.Context(), s, "from Users where id() = 'users/2'"))
	if err != nil || !ok || u.Name != "user 2" {
		t.Errorf("First = %v, %v, %v", u, ok, err)
	}
	if u, ok, err := client.First(client.Query[user](t.Context(), s, "from Nothing")); u != nil || ok || err != nil {
		t.Errorf("First of nothing = %v, %v, %v", u, ok, err)
	}

	_, err = client.All(client.Query[user](t.Context(), s, "from Users where"))
	if e := typed[*client.QueryError](t, err); !strings.Contains(e.Message, "line 1") {
		t.Errorf("message %q", e.Message)
	}
	_, err = client.All(client.Query[user](t.Context(), s, "from Users where Age > 1"))
	wantAs[*client.UnsupportedError](t, err)
	_, err = client.All(client.Query[user](t.Context(), s, "from Users where id() = $p", client.Param("p", func() {})))
	wantAs[*client.UsageError](t, err)
}

func TestLoadStartingWith(t *testing.T) {
	store := people(t, 12)
	f := func(q client.PrefixQuery, want ...string) {
		t.Helper()
		s := store.Session()
		if diff := cmp.Diff(ids(t, client.LoadStartingWith[user](t.Context(), s, q)), want); diff != "" {
			t.Errorf("%+v (-got +want):\n%s", q, diff)
		}
		if diff := cmp.Diff(ids(t, client.StreamStartingWith[user](t.Context(), s, q)), want); diff != "" {
			t.Errorf("streamed %+v (-got +want):\n%s", q, diff)
		}
	}
	f(client.PrefixQuery{Prefix: "users/1"}, "users/1", "users/10", "users/11", "users/12")
	f(client.PrefixQuery{Prefix: "users/", Matches: "1?|2", Exclude: "*1"}, "users/10", "users/12", "users/2")
	f(client.PrefixQuery{Prefix: "USERS/", StartAfter: "users/7", PageSize: 1}, "users/8")
	f(client.PrefixQuery{Prefix: "users/1", Start: 2}, "users/11", "users/12")
	f(client.PrefixQuery{Prefix: "nothing"})
	for _, err := range client.LoadStartingWith[user](t.Context(), store.Session(), client.PrefixQuery{Prefix: "users/"}) {
		must(t, err)
		break // leaving early is fine
	}
	_, err := client.All(client.LoadStartingWith[user](t.Context(), store.Session(), client.PrefixQuery{}))
	wantAs[*client.UsageError](t, err)
}

func TestStream_ComesOneByOneAndUntracked(t *testing.T) {
	store := people(t, 300)
	s := store.Session()
	if n := len(ids(t, client.Stream[user](t.Context(), s, "from Users"))); n != 300 {
		t.Errorf("%d rows, want 300", n)
	}
	n := 0
	for u, err := range client.Stream[user](t.Context(), s, "from Users") {
		must(t, err)
		u.Age = 99
		if n++; n == 3 {
			break
		}
	}
	if changed, err := s.HasChanges(); changed || err != nil || s.Requests() != 2 {
		t.Errorf("changes %v, %v, %d requests", changed, err, s.Requests())
	}
	_, err := client.All(client.Stream[user](t.Context(), s, "from Users where"))
	wantAs[*client.QueryError](t, err)
}

func TestLazily_OneRequestForAll(t *testing.T) {
	store := people(t, 3)
	s := store.Session()
	load[user](t, s, "users/1")
	batch := s.Lazily()
	one := client.LazyLoad[user](batch, []string{"users/1"}) // is there already
	many := client.LazyLoad[user](batch, []string{"users/2", "users/nobody"}, client.Include("Company"))
	missing := client.LazyLoad[user](batch, []string{"users/nobody2"})
	all := client.LazyQuery[user](batch, "from Users")
	bad := client.LazyQuery[user](batch, "from")
	_, err := one.Value()
	wantAs[*client.UsageError](t, err)
	must(t, batch.Send(t.Context()))
	if s.Requests() != 2 {
		t.Errorf("%d requests, want 2", s.Requests())
	}
	if docs, err := one.Value(); err != nil || docs["users/1"] != load[user](t, s, "users/1") {
		t.Errorf("one: %v, %v", docs, err)
	}
	docs, err := many.Value()
	if err != nil || docs["users/2"].Name != "user 2" || docs["users/nobody"] != nil {
		t.Errorf("many: %v, %v", docs, err)
	}
	if docs, err := missing.Value(); err != nil || docs["users/nobody2"] != nil {
		t.Errorf("missing: %v, %v", docs, err)
	}
	if rows, err := all.Value(); err != nil || len(rows) != 3 {
		t.Errorf("all: %v, %v", rows, err)
	}
	_, err = bad.Value()
	wantAs[*client.QueryError](t, err)
	if load[company](t, s, "companies/1").Name != "Acme" || s.Requests() != 2 {
		t.Errorf("%d requests, want 2: the company was included", s.Requests())
	}
}

func TestLoadIfChanged(t *testing.T) {
	store := people(t, 1)
	s := store.Session()
	v, err := client.LoadIfChanged[user](t.Context(), s, "users/1", "A:0-x")
	must(t, err)
	if v.Doc == nil || v.Doc.ID != "users/1" || v.ChangeVector == "" || v.Missing {
		t.Errorf("changed: %+v", v)
	}
	again, err := client.LoadIfChanged[user](t.Context(), s, "users/1", v.ChangeVector)
	if err != nil || again.Doc != nil || again.ChangeVector != v.ChangeVector || again.Missing {
		t.Errorf("unchanged: %+v, %v", again, err)
	}
	none, err := client.LoadIfChanged[user](t.Context(), s, "users/9", v.ChangeVector)
	if err != nil || none.Doc != nil || !none.Missing {
		t.Errorf("missing: %+v, %v", none, err)
	}
	for id, want := range map[string]bool{"users/1": true, "USERS/1": true, "users/9": false, "": false} {
		if got, err := s.Exists(t.Context(), id); got != want || err != nil {
			t.Errorf("Exists(%q) = %v, %v", id, got, err)
		}
	}
}

func TestAdmin(t *testing.T) {
	store := clienttest.New(t)
	must(t, store.CreateDatabase(t.Context(), "Second", client.DatabaseOptions{Settings: map[string]string{"Odd": "1"}}))
	wantAs[*client.ConcurrencyError](t, store.CreateDatabase(t.Context(), "second", client.DatabaseOptions{}))
	names, err := store.Databases(t.Context())
	must(t, err)
	if diff := cmp.Diff(names, []string{"Second", clienttest.Database}); diff != "" {
		t.Errorf("databases (-got +want):\n%s", diff)
	}
	put(t, store, map[string]any{"users/1": &user{}, "c/1": &company{}})
	stats, err := store.Stats(t.Context())
	must(t, err)
	if stats.CountOfDocuments != 2 || stats.DatabaseID == "" || stats.Collections["Users"] != 1 || stats.SizeOnDisk.SizeInBytes == 0 {
		t.Errorf("stats %+v", stats)
	}
	must(t, store.DeleteDatabase(t.Context(), clienttest.Database))
	_, err = store.Stats(t.Context())
	if e := typed[*client.DatabaseMissingError](t, err); e.Database != clienttest.Database {
		t.Errorf("database %q", e.Database)
	}
	must(t, store.DeleteDatabase(t.Context(), "Second"))
	must(t, store.Close(t.Context()))
	must(t, store.Close(t.Context()))
	_, err = store.Databases(t.Context())
	if err != client.ErrClosed { //nolint:errorlint // it is not wrapped, and shall not be
		t.Errorf("after Close: %v", err)
	}
}
