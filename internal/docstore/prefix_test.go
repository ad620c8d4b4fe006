package docstore_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

func TestByPrefix(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	for _, id := range []string{"users/2", "Users/1", "users/10", "users/3", "user", "userz", "Abc", "aaa", "Ala", "Afa", "users/É"} {
		f.mustPut(id, `{}`)
	}
	g := func(q docstore.PrefixQuery, want ...string) {
		t.Helper()
		got := f.ids(func(tx storage.Tx) iter.Seq2[docstore.Document, error] { return f.store.ByPrefix(tx, q) })
		if diff := cmp.Diff(got, append([]string{}, want...)); diff != "" {
			t.Errorf("%+v (-got +want):\n%s", q, diff)
		}
	}
	g(docstore.PrefixQuery{Prefix: "users/"}, "Users/1", "users/10", "users/2", "users/3", "users/É")
	g(docstore.PrefixQuery{Prefix: "USERS/1"}, "Users/1", "users/10")
	g(docstore.PrefixQuery{Prefix: "a"}, "aaa", "Abc", "Afa", "Ala")
	g(docstore.PrefixQuery{Prefix: "zzz"})
	g(docstore.PrefixQuery{Limit: 2}, "aaa", "Abc")
	// patterns are over what follows the prefix
	g(docstore.PrefixQuery{Prefix: "users/", Matches: "1*|2?"}, "Users/1", "users/10")
	g(docstore.PrefixQuery{Prefix: "users/", Matches: "?"}, "Users/1", "users/2", "users/3", "users/É")
	g(docstore.PrefixQuery{Prefix: "users/", Exclude: "1*|é"}, "users/2", "users/3")
	g(docstore.PrefixQuery{Prefix: "users/", Matches: "1*", Exclude: "?"}, "users/10")
	// paging
	g(docstore.PrefixQuery{Prefix: "users/", StartAfter: "USERS/1"}, "users/10", "users/2", "users/3", "users/É")
	g(docstore.PrefixQuery{Prefix: "users/", StartAfter: "users/2x", Limit: 1}, "users/3")
	g(docstore.PrefixQuery{Prefix: "users/", StartAfter: "a"}, "Users/1", "users/10", "users/2", "users/3", "users/É")
	g(docstore.PrefixQuery{Prefix: "users/", StartAfter: "z"})
	g(docstore.PrefixQuery{Prefix: "users/", Start: 1, Limit: 2}, "users/10", "users/2")
	g(docstore.PrefixQuery{Prefix: "users/", Matches: "?", Start: 1, Limit: 2}, "users/2", "users/3")
	g(docstore.PrefixQuery{Prefix: "users/", Start: 9})
}

func TestDeletePrefix(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	for _, id := range []string{"users/1", "Users/2", "users", "orders/1"} {
		f.mustPut(id, `{}`)
	}
	f.update(t, func(tx *storage.WriteTx) error {
		if n, err := f.store.DeletePrefix(tx, "USERS/"); n != 2 || err != nil {
			t.Errorf("got %d, %v, want 2", n, err)
		}
		if _, err := f.store.DeletePrefix(tx, ""); !errors.As(err, new(*docstore.InvalidIDError)) {
			t.Errorf("of nothing: got error %v, want an *InvalidIDError", err)
		}
		return nil
	})
	got := f.ids(func(tx storage.Tx) iter.Seq2[docstore.Document, error] { return f.store.Newest(tx) })
	if diff := cmp.Diff(got, []string{"orders/1", "users"}); diff != "" {
		t.Errorf("left (-got +want):\n%s", diff)
	}
	if got := f.stats(); got.Tombstones != 2 || got.LastEtag != 6 {
		t.Errorf("got %+v, want 2 tombstones and etag 6", got)
	}
}
