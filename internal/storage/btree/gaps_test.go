package btree_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// Small entries of like size, so that leaves are halved, filled from gaps, emptied and joined; puts follow gets of the
// same key or of another one, as they come.
func TestTree_MatchesMapWithManyEntriesOnAPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := newMemPages()
		tree, model := btree.New(pages, btree.State{}), map[string]string{}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		space := rapid.SampledFrom([]int{300, 3000, 30000}).Draw(t, "keys")
		key := func() string { return fmt.Sprintf("%05d", random.IntN(space)) }
		for range rapid.IntRange(1, 6).Draw(t, "phases") {
			deletes := rapid.IntRange(0, 10).Draw(t, "deletes of ten")
			for range rapid.IntRange(1, 800).Draw(t, "operations") {
				k := key()
				if random.IntN(2) == 0 {
					wantValue(t, tree, model, k)
				}
				if random.IntN(10) == 0 {
					wantValue(t, tree, model, key())
				}
				if random.IntN(10) < deletes {
					_, want := model[k]
					if got, err := tree.Delete([]byte(k)); err != nil || got != want {
						t.Fatalf("delete %s: got %v, %v, want %v", k, got, err, want)
					}
					delete(model, k)
					continue
				}
				model[k] = "value"[:random.IntN(6)]
				if err := tree.Put([]byte(k), []byte(model[k])); err != nil {
					t.Fatal(err)
				}
			}
			wantBothWays(t, tree.View(), model)
			for err := range btree.Check(tree.View(), nil) {
				t.Fatal(err)
			}
		}
	})
}

func wantValue(t *rapid.T, tree *btree.Tree, model map[string]string, key string) {
	want, wanted := model[key]
	value, ok, err := tree.Get([]byte(key))
	if err != nil || ok != wanted || string(value) != want {
		t.Fatalf("get %s: got %q, %v, %v, want %q, %v", key, value, ok, err, want, wanted)
	}
}

// wantBothWays compares walks from both ends with the model.
func wantBothWays(t *rapid.T, view btree.View, model map[string]string) {
	var want, up, down []string
	for k, v := range model {
		want = append(want, k+"="+v)
	}
	slices.Sort(want)
	c := view.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		up = append(up, string(c.Key())+"="+string(c.Value()))
	}
	for ok := c.Last(); ok; ok = c.Prev() {
		down = append(down, string(c.Key())+"="+string(c.Value()))
	}
	slices.Reverse(down)
	if c.Err() != nil || !slices.Equal(up, want) || !slices.Equal(down, want) || view.Entries() != uint64(len(want)) {
		t.Fatalf("upwards %d entries, downwards %d, state says %d, want %d: %v", len(up), len(down), view.Entries(), len(want), c.Err())
	}
}

// Keys in no order move few slots: what the journal gets for a put is near the entry itself. Without gaps it is four times as much.
func TestPut_RandomKeysChangeFewBytes(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	random := rand.New(rand.NewPCG(1, 2))
	put := func(n int) {
		for range n {
			if err := tree.Put(fmt.Appendf(nil, "%016x", random.Uint64()), []byte("12345678")); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(10000)
	total, puts := 0, 1000
	before := map[page.No][]byte{}
	for range puts {
		pages.commit(t)
		put(1)
		for no := range pages.copied {
			total += changedBytes(before[no], pages.runs[no])
			before[no] = bytes.Clone(pages.runs[no])
		}
		if len(before) < len(pages.runs) { // the first time
			for no, run := range pages.runs {
				before[no] = bytes.Clone(run)
			}
		}
	}
	if mean := total / puts; mean > 80 {
		t.Errorf("a put changes %d bytes on average, want at most 80", mean)
	}
}

// changedBytes counts the bytes in which two pages differ; a new page has none before.
func changedBytes(before, after []byte) (n int) {
	for i, b := range after {
		if before == nil && b != 0 || before != nil && b != before[i] {
			n++
		}
	}
	return n
}

// A Put or Delete may go on from what the Get before it found, and from nothing older.
func TestPut_GoesOnFromTheLastGetOnly(t *testing.T) {
	do := map[string]func(tree *btree.Tree, pages *memPages, key string){
		"get":    func(tree *btree.Tree, _ *memPages, key string) { _, _, _ = tree.Get([]byte(key)) },
		"put":    func(tree *btree.Tree, _ *memPages, key string) { mustPut(t, tree, key, "new") },
		"delete": func(tree *btree.Tree, _ *memPages, key string) { _, _ = tree.Delete([]byte(key)) },
		"failing get": func(tree *btree.Tree, pages *memPages, _ string) {
			pages.failAt = 2 // below the root
			if _, _, err := tree.Get([]byte("key/0001")); err == nil {
				t.Fatal("the injected error is missing")
			}
			pages.failAt = 0
		},
	}
	f := func(key string, want uint64, steps ...string) {
		t.Helper()
		pages := newMemPages()
		tree := btree.New(pages, btree.State{})
		for i := range 2000 {
			mustPut(t, tree, fmt.Sprintf("key/%04d", 2*i), "old")
		}
		for _, step := range steps {
			do[step](tree, pages, key)
		}
		if got := tree.State().Entries; got != want {
			t.Errorf("%s %v: %d entries, want %d", key, steps, got, want)
		}
		wantSound(t, pages, tree.State())
	}
	f("key/3001", 2001, "get", "put")
	f("key/3001", 2001, "get", "put", "put")
	f("key/3001", 2000, "get", "put", "delete")
	f("key/3001", 2000, "get", "delete")
	f("key/3000", 2000, "get", "put")
	f("key/3000", 1999, "get", "delete")
	f("key/3000", 1999, "get", "delete", "delete")
	f("key/3000", 2000, "get", "delete", "put")
	f("key/3001", 2001, "get", "failing get", "put")
	f("key/3000", 1999, "get", "failing get", "delete")
}

// A gap may repeat the slot of an entry with an overflow run: the run is one all the same, for Check, Drop and whoever walks.
func TestDrop_FreesARunBehindAGapOnce(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	for i := range 300 {
		mustPut(t, tree, fmt.Sprintf("key/%04d", i), strings.Repeat("v", 40*(i%100))) // the longest in runs
	}
	for i := range 300 {
		if i%100 != 99 && i%3 > 0 {
			mustDelete(t, tree, fmt.Sprintf("key/%04d", i))
		}
	}
	wantSound(t, pages, tree.State())
	if err := btree.Drop(pages, tree.State()); err != nil {
		t.Fatal(err)
	}
	if left := len(pages.runs); left > 0 {
		t.Errorf("%d pages and runs are left", left)
	}
}
