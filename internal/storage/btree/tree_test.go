package btree_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
	"pgregory.net/rapid"
)

func mustPut(t testing.TB, tree *btree.Tree, key, value string) {
	t.Helper()
	if err := tree.Put([]byte(key), []byte(value)); err != nil {
		t.Fatalf("Put(%.20q): %v", key, err)
	}
}

func mustDelete(t testing.TB, tree *btree.Tree, key string) {
	t.Helper()
	if ok, err := tree.Delete([]byte(key)); err != nil || !ok {
		t.Fatalf("Delete(%.20q) = %v, %v", key, ok, err)
	}
}

// wantSound fails when Check finds a problem, or when the pages in use are not those that the tree reaches.
func wantSound(t testing.TB, pages *memPages, state btree.State) {
	t.Helper()
	reached := map[page.No]int{}
	for err := range btree.Check(btree.NewView(pages, state), func(no page.No, n int) { reached[no] += n }) {
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

// wantSame fails when the tree does not hold exactly the model, seen forwards, backwards and by Get.
func wantSame(t testing.TB, view btree.View, model map[string]string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(model))
	c := view.Cursor()
	i := 0
	for ok := c.First(); ok; ok = c.Next() {
		if i >= len(keys) || string(c.Key()) != keys[i] || string(c.Value()) != model[keys[i]] {
			t.Fatalf("forwards: entry %d is %.40q (value of %d bytes)", i, c.Key(), len(c.Value()))
		}
		i++
	}
	if i != len(keys) || c.Err() != nil {
		t.Fatalf("forwards: %d entries, want %d; error %v", i, len(keys), c.Err())
	}
	for ok := c.Prev(); ok; ok = c.Prev() {
		i--
		if i < 0 || string(c.Key()) != keys[i] || string(c.Value()) != model[keys[i]] {
			t.Fatalf("backwards: entry %d is %.40q", i, c.Key())
		}
	}
	if i != 0 || c.Err() != nil {
		t.Fatalf("backwards: %d entries missing; error %v", i, c.Err())
	}
	for key, want := range model {
		got, ok, err := view.Get([]byte(key))
		if err != nil || !ok || string(got) != want {
			t.Fatalf("Get(%.40q) = %d bytes, %v, %v; want %d bytes", key, len(got), ok, err, len(want))
		}
	}
	if got, want := view.Entries(), uint64(len(model)); got != want {
		t.Fatalf("Entries() = %d, want %d", got, want)
	}
}

// drawKey draws keys that collide often, share long prefixes, and now and then are as long as can be.
func drawKey(t *rapid.T) string {
	switch rapid.IntRange(0, 9).Draw(t, "key kind") {
	case 0:
		return strings.Repeat("k", btree.KeyBytesMax-4) + fmt.Sprintf("%04d", rapid.IntRange(0, 30).Draw(t, "long key"))
	case 1:
		return string(rapid.SliceOfN(rapid.ByteRange(0, 2), 1, 12).Draw(t, "bytes")) // many zero bytes
	case 2:
		return strings.Repeat("p", rapid.IntRange(1, btree.KeyBytesMax).Draw(t, "key length"))
	default:
		return fmt.Sprintf("users/%03d", rapid.IntRange(0, 400).Draw(t, "user"))
	}
}

func drawValue(t *rapid.T) string {
	size := 0
	switch rapid.IntRange(0, 9).Draw(t, "value kind") {
	case 0:
		size = rapid.IntRange(2000, 2100).Draw(t, "near the bound") // 2032 is the longest that stands in the leaf
	case 1:
		size = rapid.IntRange(8000, 40_000).Draw(t, "large")
	case 2, 3, 4:
		size = rapid.IntRange(0, 1000).Draw(t, "medium")
	default:
		size = rapid.IntRange(0, 20).Draw(t, "small")
	}
	return strings.Repeat(string(rune('a'+rapid.IntRange(0, 25).Draw(t, "letter"))), size)
}

func TestTree_MatchesMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pages, model := newMemPages(), map[string]string{}
		tree := btree.New(pages, btree.State{})
		put := func(key, value string) {
			mustPut(t, tree, key, value)
			model[key] = value
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) { put(drawKey(rt), drawValue(rt)) },
			"ascending": func(rt *rapid.T) {
				prefix, value := drawKey(rt), drawValue(rt)
				for i := range rapid.IntRange(1, 60).Draw(rt, "count") {
					put(fmt.Sprintf("%.1900s%05d", prefix, i), value)
				}
			},
			"descending": func(rt *rapid.T) {
				prefix, value := drawKey(rt), drawValue(rt)
				for i := rapid.IntRange(1, 60).Draw(rt, "count"); i > 0; i-- {
					put(fmt.Sprintf("%.1900s%05d", prefix, i), value)
				}
			},
			"delete": func(rt *rapid.T) {
				key := drawKey(rt)
				_, want := model[key]
				if got, err := tree.Delete([]byte(key)); err != nil || got != want {
					rt.Fatalf("Delete(%.40q) = %v, %v; want %v", key, got, err, want)
				}
				delete(model, key)
			},
			"delete some": func(rt *rapid.T) {
				keys := slices.Sorted(maps.Keys(model))
				if len(keys) == 0 {
					return
				}
				from := rapid.IntRange(0, len(keys)-1).Draw(rt, "from")
				step := rapid.IntRange(1, 3).Draw(rt, "step")
				for i := from; i < len(keys); i += step {
					mustDelete(t, tree, keys[i])
					delete(model, keys[i])
				}
			},
			"seek": func(rt *rapid.T) { wantSeek(rt, tree.View(), model, drawKey(rt)) },
			"commit and reopen": func(rt *rapid.T) {
				pages.commit(t)
				state, rest, err := btree.DecodeState(btree.AppendState(nil, tree.State()))
				if err != nil || len(rest) != 0 {
					rt.Fatalf("state does not survive: %v", err)
				}
				tree = btree.New(pages, state)
			},
			"": func(rt *rapid.T) { wantSound(t, pages, tree.State()) },
		})
		wantSame(t, tree.View(), model)
		for key := range model {
			mustDelete(t, tree, key)
		}
		if got, want := tree.State(), (btree.State{}); got != want || len(pages.runs) != 0 {
			rt.Fatalf("after deleting all: %+v and %d pages", got, len(pages.runs))
		}
	})
}

func wantSeek(t fatalHelper, view btree.View, model map[string]string, key string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(model))
	at, _ := slices.BinarySearch(keys, key)
	c := view.Cursor()
	if got, want := c.Seek([]byte(key)), at < len(keys); got != want || c.Err() != nil {
		t.Fatalf("Seek(%.40q) = %v, %v; want %v", key, got, c.Err(), want)
	}
	if c.Valid() && string(c.Key()) != keys[at] {
		t.Fatalf("Seek(%.40q) is on %.40q, want %.40q", key, c.Key(), keys[at])
	}
	if got, want := c.Prev(), at > 0; got != want {
		t.Fatalf("Prev after Seek(%.40q) = %v, want %v", key, got, want)
	}
	if c.Valid() && string(c.Key()) != keys[at-1] {
		t.Fatalf("Prev after Seek(%.40q) is on %.40q, want %.40q", key, c.Key(), keys[at-1])
	}
	if got, want := c.Next(), at < len(keys); got != want {
		t.Fatalf("Next after Prev after Seek(%.40q) = %v, want %v", key, got, want)
	}
}

func TestPut_RefusesKeysAndValuesOutOfBounds(t *testing.T) {
	tree := btree.New(newMemPages(), btree.State{})
	f := func(bytes int, want fault.Kind) {
		t.Helper()
		err := tree.Put(make([]byte, bytes), nil)
		var sizeErr *btree.KeySizeError
		if !errors.As(err, &sizeErr) || sizeErr.Bytes != bytes || fault.Of(err) != want {
			t.Errorf("key of %d bytes: %v, want *KeySizeError of kind %v", bytes, err, want)
		}
	}
	f(0, fault.Invalid)
	f(btree.KeyBytesMax+1, fault.TooLarge)
	if debug.SetMemoryLimit(-1) < 2*btree.ValueBytesMax {
		t.Skip("a value that is too long takes more memory than there is here")
	}
	var sizeErr *btree.ValueSizeError
	if err := tree.Put([]byte("k"), make([]byte, btree.ValueBytesMax+1)); !errors.As(err, &sizeErr) || fault.Of(err) != fault.TooLarge {
		t.Errorf("long value: %v, want *ValueSizeError", err)
	}
	if got, want := tree.State(), (btree.State{}); got != want {
		t.Errorf("refused puts changed the state to %+v", got)
	}
}

func TestGet_OfImpossibleKeysFindsNothing(t *testing.T) {
	tree := btree.New(newMemPages(), btree.State{})
	mustPut(t, tree, "k", "v")
	for _, key := range [][]byte{nil, make([]byte, 10_000)} {
		if _, ok, err := tree.Get(key); ok || err != nil {
			t.Errorf("Get of %d bytes: %v, %v", len(key), ok, err)
		}
		if ok, err := tree.Delete(key); ok || err != nil {
			t.Errorf("Delete of %d bytes: %v, %v", len(key), ok, err)
		}
	}
}

func TestPut_LeavesFullPagesBehind(t *testing.T) {
	const count = 20_000
	f := func(name string, key func(i int) uint64) {
		t.Helper()
		pages := newMemPages()
		tree := btree.New(pages, btree.State{})
		for i := range count {
			mustPut(t, tree, string(binary.BigEndian.AppendUint64(nil, key(i))), "12345678")
		}
		wantSound(t, pages, tree.State())
		const perPage = page.PayloadBytes / (8 + 8 + 4 + 2)
		if got, most := tree.State().LeafPages, uint64(count/perPage+count/perPage/20+8); got > most {
			t.Errorf("%s: %d leaves, want at most %d", name, got, most)
		}
	}
	f("ascending", func(i int) uint64 { return uint64(i) })
	f("descending", func(i int) uint64 { return uint64(count - i) })
	f("four ascending runs by turns", func(i int) uint64 { return uint64(i%4)<<40 + uint64(i/4) })
	f("eight ascending runs one after the other, from the last", func(i int) uint64 { return uint64(8-i/2500)<<40 + uint64(i) })
}

func TestPut_TouchesFewPagesAndBytes(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	for i := range 5000 {
		mustPut(t, tree, fmt.Sprintf("key/%06d", i*2), "value of one length")
	}
	changed := func(act func()) (pageCount, byteCount int) {
		pages.commit(t)
		before := map[page.No][]byte{}
		for no, run := range pages.runs {
			before[no] = bytes.Clone(run)
		}
		act()
		for no, run := range pages.runs {
			count := 0
			for i, b := range run {
				if before[no] == nil || before[no][i] != b {
					count++
				}
			}
			byteCount += count
			if count > 0 {
				pageCount++
			}
		}
		return pageCount, byteCount
	}
	f := func(name string, pagesMax, bytesMax int, act func()) {
		t.Helper()
		if gotPages, gotBytes := changed(act); gotPages > pagesMax || gotBytes > bytesMax {
			t.Errorf("%s: %d pages and %d bytes changed, want at most %d and %d", name, gotPages, gotBytes, pagesMax, bytesMax)
		}
	}
	copies := pages.copies
	f("the same value", 0, 0, func() { mustPut(t, tree, "key/000100", "value of one length") })
	if pages.copies != copies {
		t.Error("putting the same value copied a page")
	}
	f("a value of the same length", 1, 19, func() { mustPut(t, tree, "key/000100", "VALUE OF ONE LENGTH") })
	f("a shorter value", 1, 24, func() { mustPut(t, tree, "key/000100", "short") })
	f("a longer value", 1, 60, func() { mustPut(t, tree, "key/009998", "a value that is longer than before") })
	f("a key at the end", 1, 60, func() { mustPut(t, tree, "key/009999", "value of one length") })
	f("a key in the middle", 1, 600, func() { mustPut(t, tree, "key/009991", "value of one length") })
}

func TestPut_GrowsAValueAloneAmongDeadBytes(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	model := map[string]string{}
	for i := range 4 {
		mustPut(t, tree, fmt.Sprint(i), strings.Repeat("v", 1900))
	}
	for i := range 3 {
		mustDelete(t, tree, fmt.Sprint(i))
	}
	for size := 1000; size < 2000; size += 200 {
		model["3"] = strings.Repeat("w", size)
		mustPut(t, tree, "3", model["3"])
		mustPut(t, tree, "3", model["3"][:500])
		mustPut(t, tree, "3", model["3"])
		wantSound(t, pages, tree.State())
		wantSame(t, tree.View(), model)
	}
}

func TestDecodeState_RefusesWhatCannotBe(t *testing.T) {
	sound := btree.FixedState{
		State:      btree.State{Root: 0x0102030405060708, Depth: 3, Entries: 4, LeafPages: 5, BranchPages: 6, OverflowPages: 7},
		ValueBytes: 8,
	}
	data := btree.AppendFixedState(nil, sound)
	if got, rest, err := btree.DecodeFixedState(append(data, 9)); err != nil || got != sound || !bytes.Equal(rest, []byte{9}) {
		t.Errorf("got %+v, rest %v, %v", got, rest, err)
	}
	f := func(name string, data []byte) {
		t.Helper()
		var corruptErr *btree.CorruptError
		if _, _, err := btree.DecodeFixedState(data); !errors.As(err, &corruptErr) {
			t.Errorf("%s: %v, want *CorruptError", name, err)
		}
	}
	for n := range data {
		f(fmt.Sprintf("%d bytes", n), data[:n])
	}
	change := func(at int, b byte) []byte {
		changed := bytes.Clone(data)
		changed[at] = b
		return changed
	}
	f("depth 0 with a root", change(8, 0))
	f("depth 25", change(8, 25))
	f("values of 65 bytes", change(41, 65))
}

func TestErrors_SayWhatAndHowMuch(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		if got := err.Error(); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
	f(&btree.KeySizeError{Bytes: 3000}, "3000")
	f(&btree.ValueSizeError{Bytes: 7, Want: 8}, "takes 8")
	f(&btree.DepthError{Depth: 24}, "24 levels")
	f(&btree.CorruptError{Page: 7, Reason: "r"}, "page 7: r")
	f(&btree.CorruptError{Reason: "r"}, "tree: r")
	if got := fault.Of(&btree.DepthError{}); got != fault.TooLarge {
		t.Errorf("DepthError is %v", got)
	}
}

func TestPut_KeepsOverflowRunOfTheSameLength(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	mustPut(t, tree, "k", strings.Repeat("a", 20_000))
	f := func(size int, wantPages uint64) {
		t.Helper()
		pages.commit(t)
		value := strings.Repeat("b", size)
		mustPut(t, tree, "k", value)
		wantSound(t, pages, tree.State())
		wantSame(t, tree.View(), map[string]string{"k": value})
		if got := tree.State().OverflowPages; got != wantPages {
			t.Errorf("value of %d bytes: %d overflow pages, want %d", size, got, wantPages)
		}
	}
	f(20_000, 3)
	f(19_000, 3)
	f(9_000, 2)
	f(2_033, 1)
	f(2_032, 0)
	f(50_000, 7)
}

func TestDelete_JoinsPages(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	model := map[string]string{}
	for i := range 20_000 {
		key := fmt.Sprintf("key/%06d", i)
		mustPut(t, tree, key, "value")
		model[key] = "value"
	}
	full := tree.State()
	random := rand.New(rand.NewPCG(1, 2))
	keys := slices.Sorted(maps.Keys(model))
	random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, key := range keys[:18_000] {
		mustDelete(t, tree, key)
		delete(model, key)
	}
	wantSound(t, pages, tree.State())
	wantSame(t, tree.View(), model)
	if got, most := tree.State().LeafPages, full.LeafPages*3/10; got > most {
		t.Errorf("a tenth of the entries take %d of %d leaves, want at most %d", got, full.LeafPages, most)
	}
}

// TestDelete_FreesLeavesWithOneEntry empties leaves that no neighbour could take in before, at all positions in the branch.
func TestDelete_FreesLeavesWithOneEntry(t *testing.T) {
	for first := range 12 {
		pages, model := newMemPages(), map[string]string{}
		tree := btree.New(pages, btree.State{})
		for i := range 12 {
			key := fmt.Sprintf("%02d%s", i, strings.Repeat("k", btree.KeyBytesMax-2))
			model[key] = strings.Repeat("v", 2032)
			mustPut(t, tree, key, model[key])
		}
		keys := slices.Sorted(maps.Keys(model))
		for i := range keys {
			key := keys[(first+i)%12]
			mustDelete(t, tree, key)
			delete(model, key)
			wantSound(t, pages, tree.State())
			wantSame(t, tree.View(), model)
		}
	}
}

// TestDelete_BorrowsNothingWhenTheBranchIsFull: borrowing would put a long key in the branch in place of a short one.
func TestDelete_BorrowsNothingWhenTheBranchIsFull(t *testing.T) {
	pages, model := newMemPages(), map[string]string{}
	tree := btree.New(pages, btree.State{})
	put := func(key, value string) {
		mustPut(t, tree, key, value)
		model[key] = value
	}
	for i := range 8 {
		put(fmt.Sprintf("%s%d", strings.Repeat("a", btree.KeyBytesMax-1), i), strings.Repeat("v", 2032)) // two in a leaf
	}
	for i := range 5 {
		put(fmt.Sprintf("b%d", i), "v")
	}
	if s := tree.State(); s.Depth != 2 || s.LeafPages != 5 {
		t.Fatalf("the tree has not the form that this test is about: %+v", s)
	}
	mustDelete(t, tree, "b2")
	delete(model, "b2")
	wantSound(t, pages, tree.State())
	wantSame(t, tree.View(), model)
}

// TestDelete_BorrowsAmongEntriesOfHalfAPage lets small leaves borrow from neighbours whose entries are as long as can be.
func TestDelete_BorrowsAmongEntriesOfHalfAPage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pages, model := newMemPages(), map[string]string{}
		tree := btree.New(pages, btree.State{})
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 99), 5, 60, rapid.ID).Draw(rt, "keys") {
			padding := strings.Repeat("k", rapid.SampledFrom([]int{0, 500, 1000, btree.KeyBytesMax - 2}).Draw(rt, "padding"))
			size := rapid.SampledFrom([]int{0, 500, 1000, 2032}).Draw(rt, "value")
			key := fmt.Sprintf("%02d%s", i, padding)
			if rapid.Bool().Draw(rt, "begins alike") { // then the keys of branches are long too
				key = fmt.Sprintf("%s%02d", padding, i)
			}
			model[key] = strings.Repeat("v", size)
			mustPut(t, tree, key, model[key])
		}
		for _, key := range rapid.Permutation(slices.Sorted(maps.Keys(model))).Draw(rt, "order") {
			mustDelete(t, tree, key)
			delete(model, key)
			wantSound(t, pages, tree.State())
			wantSame(t, tree.View(), model)
		}
	})
}

func TestDrop_FreesAllPages(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	for i := range 3000 {
		mustPut(t, tree, fmt.Sprint(i), strings.Repeat("v", i*7%9000))
	}
	if err := btree.Drop(pages, tree.State()); err != nil {
		t.Fatal(err)
	}
	if len(pages.runs) != 0 {
		t.Errorf("%d pages are left", len(pages.runs))
	}
	if err := btree.Drop(pages, btree.State{}); err != nil {
		t.Errorf("empty tree: %v", err)
	}
}

// TestTree_PassesErrorsOfTheVerbsOn fails each verb call of a workload in turn.
func TestTree_PassesErrorsOfTheVerbsOn(t *testing.T) {
	workload := func(pages *memPages) error {
		tree := btree.New(pages, btree.State{})
		for i := range 400 {
			if err := tree.Put([]byte(fmt.Sprintf("%0200d", i*7919%1000)), make([]byte, i%3*1500)); err != nil {
				return err
			}
		}
		for i := range 400 {
			key := []byte(fmt.Sprintf("%0200d", i))
			if _, _, err := tree.Get(key); err != nil {
				return err
			}
			if err := tree.Put(key, make([]byte, (i+1)%3*1500)); err != nil {
				return err
			}
			if _, err := tree.Delete([]byte(fmt.Sprintf("%0200d", i*7919%1000))); err != nil {
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
	for i := 1; i <= calls; i += 1 + i/50 {
		pages := newMemPages()
		pages.failAt = i
		if err := workload(pages); !errors.Is(err, errInjected) {
			t.Fatalf("verb call %d of %d failed; the tree said %v", i, calls, err)
		}
	}
}
