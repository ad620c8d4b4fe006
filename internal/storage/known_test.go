package storage_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// A snapshot remembers some of its structures. Whichever of them come first, by however many goroutines: every
// structure is found as this snapshot has it, those above the number that it remembers too.
func TestRead_FindsEveryStructureOfItsSnapshot(t *testing.T) {
	const structures = 40
	env := storagetest.Open(t, memfs.New())
	for round := range 3 {
		must(t, env.Update(func(tx *storage.WriteTx) error {
			for i := range structures {
				tree, err := tx.WriteTree(fmt.Sprint("tree ", i))
				if err != nil {
					return err
				}
				if err := tree.Put(fmt.Append(nil, "key ", round), fmt.Append(nil, i)); err != nil {
					return err
				}
			}
			return nil
		}))
		var readers sync.WaitGroup
		for g := range 4 {
			readers.Go(func() {
				if err := env.View(func(tx *storage.ReadTx) error { return wantTrees(tx, structures, g*7, round) }); err != nil {
					t.Error(err)
				}
			})
		}
		readers.Wait()
	}
}

func wantTrees(tx *storage.ReadTx, structures, first, round int) error {
	for range 2 {
		for i := range structures {
			i = (i + first) % structures
			tree, ok := tx.Tree(fmt.Sprint("tree ", i))
			value, found, err := tree.Get(fmt.Append(nil, "key ", round))
			if !ok || err != nil || string(value) != fmt.Sprint(i) || tree.Entries() != uint64(round+1) {
				return fmt.Errorf("tree %d in round %d: %v, %v, %q with %d entries, %w", i, round, ok, found, value, tree.Entries(), err)
			}
			if _, ok := tx.FixedTree(fmt.Sprint("tree ", i)); ok {
				return fmt.Errorf("tree %d is found as a fixed-size tree", i)
			}
		}
		if _, ok := tx.Tree("none"); ok {
			return fmt.Errorf("a tree is found that nobody made")
		}
	}
	return nil
}

func TestRead_AllocatesNothingOnceWarm(t *testing.T) {
	env := storagetest.Open(t, memfs.New())
	must(t, put(env, "a", "1"))
	allocs := testing.AllocsPerRun(100, func() {
		tx, err := env.Read()
		must(t, err)
		if got := get(t, tx, "a"); got != "1" {
			t.Fatalf("got %q, want 1", got)
		}
		tx.Close()
	})
	if allocs >= 1 { // a collection between two runs may empty the pool of transactions
		t.Errorf("a read allocates %v times, want none", allocs)
	}
}
