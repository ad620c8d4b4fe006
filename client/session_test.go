package client_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// user is the document of most tests. It knows only some members of what is stored.
type user struct {
	ID      string `json:"-" rookery:"id"`
	Name    string
	Age     int
	Address address
	Company string `json:",omitempty"`
}

type address struct{ City string }

type company struct{ Name string }

func (user) Collection() string { return "Users" }

// must fails the test on an error.
func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// wantAs fails the test unless err is of a type.
func wantAs[E error](tb testing.TB, err error) {
	tb.Helper()
	_ = typed[E](tb, err)
}

// typed is err as what it must be.
func typed[E error](tb testing.TB, err error) E {
	tb.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		var want E
		tb.Fatalf("error %T %v, want a %T", err, err, want)
	}
	return e
}

// put stores documents in a session of their own.
func put(tb testing.TB, store *client.Store, docs map[string]any) {
	tb.Helper()
	s := store.SessionWith(client.SessionOptions{LastWriteWins: true})
	for id, doc := range docs {
		must(tb, s.Store(tb.Context(), doc, id))
	}
	must(tb, s.SaveChanges(tb.Context()))
}

// raw reads a document as it is stored.
func raw(tb testing.TB, store *client.Store, id string) map[string]any {
	tb.Helper()
	doc, ok, err := client.Load[map[string]any](tb.Context(), store.Session(), id, client.Untracked())
	must(tb, err)
	if !ok {
		tb.Fatalf("document %q is not there", id)
	}
	return *doc
}

func load[T any](tb testing.TB, s *client.Session, id string) *T {
	tb.Helper()
	doc, ok, err := client.Load[T](tb.Context(), s, id)
	must(tb, err)
	if !ok {
		tb.Fatalf("document %q is not there", id)
	}
	return doc
}

func TestSession_StoresLoadsChangesDeletes(t *testing.T) {
	store := clienttest.New(t)
	s := store.Session()
	ada := &user{Name: "Ada", Age: 36}
	must(t, s.Store(t.Context(), ada, ""))
	if ada.ID != "users/1-A" {
		t.Errorf("id %q, want users/1-A", ada.ID)
	}
	must(t, s.SaveChanges(t.Context()))
	if s.Requests() != 1 {
		t.Errorf("%d requests, want 1", s.Requests())
	}

	s = store.Session()
	again := load[user](t, s, "USERS/1-a")
	if diff := cmp.Diff(again, ada); diff != "" {
		t.Errorf("loaded (-got +want):\n%s", diff)
	}
	if load[user](t, s, "users/1-A") != again {
		t.Error("one id gave two values")
	}
	again.Age++
	must(t, s.SaveChanges(t.Context()))
	must(t, s.SaveChanges(t.Context())) // nothing to do
	if s.Requests() != 2 {
		t.Errorf("%d requests, want 2: one load, one save", s.Requests())
	}
	if got := raw(t, store, "users/1-A")["Age"]; got != 37.0 {
		t.Errorf("Age = %v, want 37", got)
	}

	must(t, s.Delete(again))
	must(t, s.SaveChanges(t.Context()))
	if _, ok, err := client.Load[user](t.Context(), store.Session(), "users/1-A"); ok || err != nil {
		t.Errorf("deleted document: %v, %v", ok, err)
	}
	if _, ok, err := client.Load[user](t.Context(), s, "users/1-A"); ok || err != nil || s.Requests() != 3 {
		t.Errorf("the session that deleted it: %v, %v, %d requests", ok, err, s.Requests())
	}
}

func TestSaveChanges_KeepsMembersThatTheTypeDoesNotKnow(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/7": &map[string]any{
		"name": "Ada", "Extra": []int{1, 2}, "Address": map[string]any{"City": "London", "Zip": "N1"},
	}})
	s := store.Session()
	u := load[user](t, s, "users/7")
	u.Name, u.Address.City = "Grace", "Arlington"
	must(t, s.SaveChanges(t.Context()))
	want := map[string]any{
		"name": "Grace", "Extra": []any{1.0, 2.0}, "Age": 0.0, "Address": map[string]any{"City": "Arlington", "Zip": "N1"},
	}
	if diff := cmp.Diff(raw(t, store, "users/7"), want); diff != "" {
		t.Errorf("stored (-got +want):\n%s", diff)
	}
	// and the second save of the same session starts from there
	u.Age = 85
	must(t, s.SaveChanges(t.Context()))
	want["Age"] = 85.0
	if diff := cmp.Diff(raw(t, store, "users/7"), want); diff != "" {
		t.Errorf("stored again (-got +want):\n%s", diff)
	}
}

func TestSaveChanges_RefusesWhatOthersHaveChanged(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/1": &user{Name: "Ada"}, "users/2": &user{Name: "Grace"}})
	s := store.Session()
	ada, grace := load[user](t, s, "users/1"), load[user](t, s, "users/2")
	put(t, store, map[string]any{"users/1": &user{Name: "Ada Lovelace"}})
	ada.Age, grace.Age = 36, 85
	e := typed[*client.ConcurrencyError](t, s.SaveChanges(t.Context()))
	seen, err := s.ChangeVector(ada)
	must(t, err)
	if e.ID != "users/1" || e.Expected != seen || e.Actual == seen || e.Actual == "" || e.Status != 409 || e.Node != "A" {
		t.Errorf("error %+v of %+v", e, e.ServerError)
	}
	wantAs[*client.ServerError](t, e)
	if got := raw(t, store, "users/2")["Age"]; got != 0.0 {
		t.Errorf("half of the batch is there: Age = %v", got)
	}

	// what was seen is told by Refresh; then it works
	ok, err := s.Refresh(t.Context(), ada)
	must(t, err)
	if !ok || ada.Name != "Ada Lovelace" || ada.Age != 0 || ada.ID != "users/1" {
		t.Errorf("refreshed: %v, %+v", ok, ada)
	}
	ada.Age = 36
	must(t, s.SaveChanges(t.Context()))

	// a new document does not go over one that is there, nor a deletion over one that has changed
	s = store.Session()
	must(t, s.Store(t.Context(), &user{}, "users/1"))
	wantAs[*client.ConcurrencyError](t, s.SaveChanges(t.Context()))
	s = store.Session()
	must(t, s.Delete(load[user](t, s, "users/1")))
	put(t, store, map[string]any{"users/1": &user{Name: "Ada"}})
	wantAs[*client.ConcurrencyError](t, s.SaveChanges(t.Context()))
}

func TestStore_OptionsSayWhatMayBeOverwritten(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/1": &user{Name: "Ada"}})
	s := store.Session()
	must(t, s.Store(t.Context(), &user{Name: "Grace"}, "users/1", client.Overwrite()))
	must(t, s.SaveChanges(t.Context()))

	version, err := client.LoadIfChanged[user](t.Context(), store.Session(), "users/1", "")
	must(t, err)
	for _, step := range []struct {
		vector string
		ok     bool
	}{{version.ChangeVector, true}, {version.ChangeVector, false}, {"", false}} {
		s = store.Session()
		must(t, s.Store(t.Context(), &user{Name: "Edsger"}, "users/1", client.ExpectChangeVector(step.vector)))
		if err := s.SaveChanges(t.Context()); (err == nil) != step.ok {
			t.Errorf("expecting %q: %v, want success %v", step.vector, err, step.ok)
		}
	}

	s = store.SessionWith(client.SessionOptions{LastWriteWins: true})
	u := load[user](t, s, "users/1")
	put(t, store, map[string]any{"users/1": &user{Name: "Barbara"}})
	u.Age = 1
	must(t, s.SaveChanges(t.Context()))
}

func TestStore_Ids(t *testing.T) {
	store := clienttest.New(t)
	s := store.Session()
	numbered, guid, own, tagged := &user{}, &user{}, &company{}, &user{ID: "users/ada"}
	must(t, s.Store(t.Context(), numbered, "users/"))
	must(t, s.Store(t.Context(), &user{}, "users/")) // not the same one
	must(t, s.Store(t.Context(), guid, "", client.ServerID()))
	must(t, s.Store(t.Context(), own, "", client.InCollection("FooBars")))
	must(t, s.Store(t.Context(), tagged, ""))
	if id, _ := s.ID(own); id != "FooBars/1-A" {
		t.Errorf("id %q, want FooBars/1-A", id)
	}
	must(t, s.SaveChanges(t.Context()))
	if len(numbered.ID) != len("users/0000000000000000001-A") || len(guid.ID) != 36 || tagged.ID != "users/ada" {
		t.Errorf("ids %q, %q, %q", numbered.ID, guid.ID, tagged.ID)
	}
	// the ids that the server made are those by which the session knows them
	if load[user](t, s, numbered.ID) != numbered || load[user](t, s, guid.ID) != guid {
		t.Error("a completed id gave another value")
	}
	if changed, err := s.HasChanges(); changed || err != nil {
		t.Errorf("changes after saving: %v, %v", changed, err)
	}
	numbered.Name = "Ada"
	must(t, s.SaveChanges(t.Context()))
}

func TestSession_RefusesWhatMakesNoSense(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/1": &user{Name: "Ada"}})
	s := store.Session()
	ctx := t.Context()
	type openID struct {
		ID string `rookery:"id"`
	}
	ada := load[user](t, s, "users/1")
	for what, err := range map[string]error{
		"no pointer":            s.Store(ctx, user{}, "users/2"),
		"nil":                   s.Store(ctx, (*user)(nil), "users/2"),
		"another value":         s.Store(ctx, &user{}, "USERS/1"),
		"another id":            s.Store(ctx, ada, "users/2"),
		"no collection":         s.Store(ctx, &map[string]any{}, ""),
		"an id in the document": s.Store(ctx, &openID{}, "x"),
		"a long id":             s.Store(ctx, &user{}, string(make([]byte, 513))),
		"a stranger":            s.Delete(&user{}),
		"no id":                 s.DeleteID(""),
		"refresh of a stranger": func() error { _, err := s.Refresh(ctx, &user{}); return err }(),
	} {
		if _, ok := errors.AsType[*client.UsageError](err); !ok {
			t.Errorf("%s: error %v, want a UsageError", what, err)
		}
	}
	ada.Age = 36
	wantAs[*client.UsageError](t, s.DeleteID("users/1"))
	must(t, s.Delete(ada))
	wantAs[*client.UsageError](t, s.Store(ctx, ada, ""))
	_, _, err := client.Load[company](ctx, store.Session(), "users/1")
	must(t, err)
	s = store.Session()
	load[user](t, s, "users/1")
	_, _, err = client.Load[company](ctx, s, "users/1")
	wantAs[*client.TypeError](t, err)
	put(t, store, map[string]any{"users/9": &map[string]any{"Age": "old"}})
	_, _, err = client.Load[user](ctx, s, "users/9")
	wantAs[*client.DecodeError](t, err)
}

func TestSession_RequestLimit(t *testing.T) {
	store := clienttest.New(t)
	s := store.SessionWith(client.SessionOptions{MaxRequests: 2})
	for range 2 {
		_, err := s.Exists(t.Context(), "x")
		must(t, err)
	}
	_, err := s.Exists(t.Context(), "x")
	if e := typed[*client.RequestLimitError](t, err); e.Max != 2 {
		t.Errorf("limit %d", e.Max)
	}
	s = store.SessionWith(client.SessionOptions{MaxRequests: -1})
	for range 40 {
		_, err := s.Exists(t.Context(), "x")
		must(t, err)
	}
}

func TestWhatChanged(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/1": &user{Name: "Ada", Company: "companies/1"}, "users/2": &user{}, "users/3": &user{}})
	s := store.Session()
	docs, err := client.LoadMany[user](t.Context(), s, []string{"users/1", "users/2"})
	must(t, err)
	u := docs["users/1"]
	if changes, err := s.WhatChanged(); len(changes) > 0 || err != nil {
		t.Errorf("untouched: %v, %v", changes, err)
	}
	u.Address.City, u.Company = "London", ""
	m, err := s.Metadata(u)
	must(t, err)
	m["Note"] = "x"
	must(t, s.Delete(docs["users/2"]))
	must(t, s.DeleteID("users/3"))
	must(t, s.Store(t.Context(), &user{}, "users/4"))
	changes, err := s.WhatChanged()
	must(t, err)
	byID := map[string]client.DocumentChange{}
	for _, c := range changes {
		byID[c.ID] = c
	}
	for id, kind := range map[string]client.ChangeKind{"users/2": client.Removed, "users/3": client.Removed, "users/4": client.Added, "users/1": client.Changed} {
		if byID[id].Kind != kind {
			t.Errorf("%s: %q, want %q", id, byID[id].Kind, kind)
		}
	}
	want := []client.FieldChange{
		{Path: "Address.City", Kind: client.Changed, Old: []byte(`""`), New: []byte(`"London"`)},
		{Path: "Company", Kind: client.Removed, Old: []byte(`"companies/1"`)},
		{Path: "@metadata.Note", Kind: client.Added, New: []byte(`"x"`)},
	}
	if diff := cmp.Diff(byID["users/1"].Fields, want); diff != "" {
		t.Errorf("fields (-got +want):\n%s", diff)
	}
	must(t, s.SaveChanges(t.Context()))
	if changed, err := s.HasChanges(); changed || err != nil {
		t.Errorf("after saving: %v, %v", changed, err)
	}
	stored := raw(t, store, "users/1")
	if _, there := stored["Company"]; there {
		t.Errorf("Company is still there: %v", stored)
	}
	s = store.Session()
	m, err = s.Metadata(load[user](t, s, "users/1"))
	must(t, err)
	if m["Note"] != "x" || m.Collection() != "Users" {
		t.Errorf("metadata %v", m)
	}
}

func TestEvict_ForgetsChanges(t *testing.T) {
	store := clienttest.New(t)
	put(t, store, map[string]any{"users/1": &user{Name: "Ada"}})
	s := store.Session()
	u := load[user](t, s, "users/1")
	u.Age = 1
	must(t, s.Evict(u))
	must(t, s.SaveChanges(t.Context()))
	again := load[user](t, s, "users/1")
	if again == u || again.Age != 0 {
		t.Errorf("after Evict: same value %v, Age %d", again == u, again.Age)
	}

	// nor is what came along with others meanwhile taken for news
	put(t, store, map[string]any{"users/2": &user{Company: "users/1"}})
	_, _, err := client.Load[user](t.Context(), s, "users/2", client.Include("Company"))
	must(t, err)
	put(t, store, map[string]any{"users/1": &user{Name: "Grace"}})
	must(t, s.Evict(again))
	if u := load[user](t, s, "users/1"); u.Name != "Grace" {
		t.Errorf("after Evict: %q, want what is there now", u.Name)
	}
}
