package storage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestTransactions_AreListedWhileOpen: the writer, and readers by what they see, with what they keep in memory.
func TestTransactions_AreListedWhileOpen(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	opts := storagetest.Options(memfs.New())
	opts.Now = func() time.Time { return now }
	env := storagetest.OpenWith(t, opts)
	want := func(list ...storage.Transaction) {
		t.Helper()
		if diff := cmp.Diff(list, env.Transactions()); diff != "" {
			t.Error(diff)
		}
	}
	read := func() *storage.ReadTx {
		t.Helper()
		tx, err := env.Read()
		must(t, err)
		return tx
	}
	want()
	must(t, put(env, "key", "one")) // transaction 2
	now = now.Add(time.Second)
	old, other := read(), read()
	want(storage.Transaction{ID: 2, Count: 2, OldestAge: time.Second})

	now = now.Add(time.Second)
	writer, err := env.Write()
	must(t, err)
	tree, err := writer.WriteTree("tree")
	must(t, err)
	must(t, tree.Put([]byte("key"), []byte("two")))
	now = now.Add(time.Second)
	list := env.Transactions()
	if len(list) != 2 || list[0].PagesHeld < 1 {
		t.Fatalf("%+v", list)
	}
	want(storage.Transaction{Kind: storage.Writing, ID: 3, Count: 1, OldestAge: time.Second, PagesHeld: list[0].PagesHeld},
		storage.Transaction{ID: 2, Count: 2, OldestAge: 3 * time.Second})
	pages := list[0].PagesHeld
	commit, err := writer.CommitAsync()
	must(t, err)
	want(storage.Transaction{Kind: storage.Committing, ID: 3, Count: 1, OldestAge: time.Second, PagesHeld: pages},
		storage.Transaction{ID: 2, Count: 2, OldestAge: 3 * time.Second})
	must(t, commit.Wait())

	now = now.Add(time.Second)
	newest := read()
	list = env.Transactions()
	if len(list) != 2 || list[0].PagesHeld < 1 {
		t.Fatalf("%+v", list)
	}
	want(storage.Transaction{ID: 2, Count: 2, OldestAge: 4 * time.Second, ReplacedAge: time.Second, PagesHeld: list[0].PagesHeld},
		storage.Transaction{ID: 3, Count: 1, OldestAge: time.Second})
	old.Close()
	other.Close()
	newest.Close()
	want()
}
