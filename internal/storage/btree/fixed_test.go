package btree_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
	"pgregory.net/rapid"
)

func fixedValue(key uint64, round, size int) string {
	value := binary.BigEndian.AppendUint64(nil, key*31+uint64(round))
	return string(bytes.Repeat(value, size/8+1)[:size])
}

func wantFixedSound(t testing.TB, pages *memPages, state btree.FixedState) {
	t.Helper()
	reached := map[page.No]int{}
	for err := range btree.CheckFixed(btree.NewFixedView(pages, state), func(no page.No, n int) { reached[no] += n }) {
		t.Errorf("check: %v", err)
	}
	allocated := map[page.No]int{}
	for no, run := range pages.runs {
		allocated[no] = len(run) / page.SizeBytes
	}
	if diff := cmp.Diff(allocated, reached); diff != "" {
		t.Fatalf("pages allocated (-) and reached (+):\n%s", diff)
	}
}

func wantFixedSame(t fatalHelper, view btree.FixedView, model map[uint64]string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(model))
	c := view.Cursor()
	i := 0
	for ok := c.First(); ok; ok = c.Next() {
		if i >= len(keys) || c.Key() != keys[i] || string(c.Value()) != model[keys[i]] {
			t.Fatalf("forwards: entry %d is %d", i, c.Key())
		}
		i++
	}
	if i != len(keys) || c.Err() != nil || view.Entries() != uint64(i) {
		t.Fatalf("forwards: %d entries, want %d, Entries() = %d; error %v", i, len(keys), view.Entries(), c.Err())
	}
	for ok := c.Prev(); ok; ok = c.Prev() {
		i--
		if i < 0 || c.Key() != keys[i] || string(c.Value()) != model[keys[i]] {
			t.Fatalf("backwards: entry %d is %d", i, c.Key())
		}
	}
	if i != 0 || c.Err() != nil {
		t.Fatalf("backwards: %d entries missing; error %v", i, c.Err())
	}
	for key, want := range model {
		if got, ok, err := view.Get(key); err != nil || !ok || string(got) != want {
			t.Fatalf("Get(%d) = %x, %v, %v; want %x", key, got, ok, err, want)
		}
	}
}

func wantFixedSeek(t fatalHelper, view btree.FixedView, model map[uint64]string, key uint64) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(model))
	at, found := slices.BinarySearch(keys, key)
	if _, ok, err := view.Get(key); ok != found || err != nil {
		t.Fatalf("Get(%d): %v, %v; want %v", key, ok, err, found)
	}
	c := view.Cursor()
	if got, want := c.Seek(key), at < len(keys); got != want || c.Valid() != want || c.Err() != nil {
		t.Fatalf("Seek(%d) = %v, %v; want %v", key, got, c.Err(), want)
	}
	if c.Valid() && c.Key() != keys[at] {
		t.Fatalf("Seek(%d) is on %d, want %d", key, c.Key(), keys[at])
	}
	if got, want := c.Prev(), at > 0; got != want {
		t.Fatalf("Prev after Seek(%d) = %v, want %v", key, got, want)
	}
	if c.Valid() && c.Key() != keys[at-1] {
		t.Fatalf("Prev after Seek(%d) is on %d, want %d", key, c.Key(), keys[at-1])
	}
	if got, want := c.Next(), at < len(keys); got != want {
		t.Fatalf("Next after Prev after Seek(%d) = %v, want %v", key, got, want)
	}
}

func TestFixedTree_MatchesMap(t *testing.T) {
	drawKey := func(rt *rapid.T) uint64 {
		return rapid.OneOf(
			rapid.Uint64Range(0, 3000),
			rapid.Uint64Range(^uint64(0)-3, ^uint64(0)),
			rapid.Uint64(),
		).Draw(rt, "key")
	}
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 8, 64}).Draw(rt, "value bytes")
		pages, model := newMemPages(), map[uint64]string{}
		empty := btree.FixedState{ValueBytes: uint8(size)}
		tree := btree.NewFixed(pages, empty)
		put := func(key uint64, round int) {
			value := fixedValue(key, round, size)
			if err := tree.Put(key, []byte(value)); err != nil {
				rt.Fatalf("Put(%d): %v", key, err)
			}
			model[key] = value
		}
		remove := func(key uint64) {
			_, want := model[key]
			if got, err := tree.Delete(key); err != nil || got != want {
				rt.Fatalf("Delete(%d) = %v, %v; want %v", key, got, err, want)
			}
			delete(model, key)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) { put(drawKey(rt), rapid.IntRange(0, 9).Draw(rt, "round")) },
			"run": func(rt *rapid.T) {
				from, step := drawKey(rt), rapid.SampledFrom([]uint64{1, 2, ^uint64(0)}).Draw(rt, "step")
				for i := range rapid.Uint64Range(1, 1200).Draw(rt, "count") {
					put(from+i*step, 0)
				}
			},
			"delete": func(rt *rapid.T) { remove(drawKey(rt)) },
			"delete some": func(rt *rapid.T) {
				keys := slices.Sorted(maps.Keys(model))
				if len(keys) == 0 {
					return
				}
				from := rapid.IntRange(0, len(keys)-1).Draw(rt, "from")
				step := rapid.IntRange(1, 3).Draw(rt, "step")
				for i := from; i < len(keys); i += step {
					remove(keys[i])
				}
			},
			"seek": func(rt *rapid.T) { wantFixedSeek(rt, tree.View(), model, drawKey(rt)) },
			"commit and reopen": func(rt *rapid.T) {
				pages.commit(t)
				state, rest, err := btree.DecodeFixedState(btree.AppendFixedState(nil, tree.State()))
				if err != nil || len(rest) != 0 {
					rt.Fatalf("state does not survive: %v", err)
				}
				tree = btree.NewFixed(pages, state)
			},
			"": func(rt *rapid.T) { wantFixedSound(t, pages, tree.State()) },
		})
		wantFixedSame(rt, tree.View(), model)
		for key := range model {
			remove(key)
		}
		if got := tree.State(); got != empty || len(pages.runs) != 0 {
			rt.Fatalf("after deleting all: %+v and %d pages", got, len(pages.runs))
		}
	})
}

func TestFixedTree_LeavesFullPagesBehind(t *testing.T) {
	const count, valueBytes = 100_000, 8
	f := func(name string, key func(i int) uint64) {
		t.Helper()
		pages := newMemPages()
		tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: valueBytes})
		model := map[uint64]string{}
		for i := range count {
			model[key(i)] = fixedValue(key(i), 0, valueBytes)
			if err := tree.Put(key(i), []byte(model[key(i)])); err != nil {
				t.Fatal(err)
			}
		}
		wantFixedSound(t, pages, tree.State())
		wantFixedSame(t, tree.View(), model)
		if got, most := tree.State().LeafPages, uint64(count/(page.PayloadBytes/16)+1); got > most {
			t.Errorf("%s: %d leaves, want at most %d", name, got, most)
		}
		if err := btree.DropFixed(pages, tree.State()); err != nil || len(pages.runs) != 0 {
			t.Errorf("%s: %d pages left after drop, %v", name, len(pages.runs), err)
		}
	}
	f("ascending", func(i int) uint64 { return uint64(i) })
	f("descending", func(i int) uint64 { return uint64(count - i) })
}

// TestFixedDelete_FreesLeavesWithOneEntry empties the first leaf, which descending keys left with one entry.
func TestFixedDelete_FreesLeavesWithOneEntry(t *testing.T) {
	const perPage, valueBytes = page.PayloadBytes / 72, 64
	pages, model := newMemPages(), map[uint64]string{}
	tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: valueBytes})
	for key := uint64(3*perPage + 1); key > 0; key-- {
		model[key] = fixedValue(key, 0, valueBytes)
		if err := tree.Put(key, []byte(model[key])); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree.State().LeafPages; got != 4 {
		t.Fatalf("%d leaves; the tree has not the form that this test is about", got)
	}
	if ok, err := tree.Delete(1); !ok || err != nil {
		t.Fatal(ok, err)
	}
	delete(model, 1)
	wantFixedSound(t, pages, tree.State())
	wantFixedSame(t, tree.View(), model)
}

func TestFixedPut_AppendTouchesFewBytes(t *testing.T) {
	pages := newMemPages()
	tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: 16})
	for i := range uint64(1000) {
		if err := tree.Put(i, make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
	}
	pages.commit(t)
	before := map[page.No][]byte{}
	for no, run := range pages.runs {
		before[no] = bytes.Clone(run)
	}
	if err := tree.Put(1000, bytes.Repeat([]byte{1}, 16)); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for no, run := range pages.runs {
		for i := range run {
			if run[i] != before[no][i] {
				changed++
			}
		}
	}
	if changed > 8+16+2 {
		t.Errorf("%d bytes changed, want at most key, value and lower", changed)
	}
	copies := pages.copies
	pages.commit(t)
	if err := tree.Put(1000, bytes.Repeat([]byte{1}, 16)); err != nil || pages.copies != copies {
		t.Errorf("putting the same value copied a page (%v)", err)
	}
}

func TestFixedPut_RefusesValuesOfAnotherLength(t *testing.T) {
	tree := btree.NewFixed(newMemPages(), btree.FixedState{ValueBytes: 8})
	f := func(bytes int, want fault.Kind) {
		t.Helper()
		var sizeErr *btree.ValueSizeError
		if err := tree.Put(1, make([]byte, bytes)); !errors.As(err, &sizeErr) || fault.Of(err) != want {
			t.Errorf("value of %d bytes: %v, want *ValueSizeError of kind %v", bytes, err, want)
		}
	}
	f(7, fault.Invalid)
	f(9, fault.TooLarge)
}

// TestFixedTree_PassesErrorsOfTheVerbsOn fails each verb call of a workload in turn.
func TestFixedTree_PassesErrorsOfTheVerbsOn(t *testing.T) {
	workload := func(pages *memPages) error {
		tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: 64})
		for i := range uint64(1500) {
			if err := tree.Put(i*7919%1500, make([]byte, 64)); err != nil {
				return err
			}
		}
		for i := range uint64(1500) {
			if _, err := tree.Delete(i * 104729 % 1500); err != nil {
				return err
			}
		}
		return nil
	}
	count := newMemPages()
	count.failAt = 1 << 30
	if err := workload(count); err != nil {
		t.Fatal(err)
	}
	calls := 1<<30 - count.failAt
	for i := 1; i <= calls; i += 1 + i/20 {
		pages := newMemPages()
		pages.failAt = i
		if err := workload(pages); !errors.Is(err, errInjected) {
			t.Fatalf("verb call %d of %d failed; the tree said %v", i, calls, err)
		}
	}
}
