package btree_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// useAll calls everything there is on a tree that may be damaged; nothing may panic or go on for ever.
func useAll(t testing.TB, pages *memPages, state btree.State, key []byte) {
	t.Helper()
	view := btree.NewView(pages, state)
	for err := range btree.Check(view, nil) {
		if fault.Of(err) != fault.Corrupt && !errors.Is(err, errUnknown) {
			t.Fatalf("check: %v", err)
		}
	}
	if err := btree.Dump(io.Discard, view); err != nil {
		t.Fatal(err)
	}
	_, _, _ = view.Get(key)
	c := view.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		_ = c.Value()
	}
	for ok := c.Last(); ok; ok = c.Prev() {
	}
	for ok := c.Seek(key); ok && c.Err() == nil; ok = c.Next() {
	}
	tree := btree.New(pages, state)
	for i := range 40 {
		_ = tree.Put(append(slices.Clip(key), byte(i)), make([]byte, i*i*3))
		_, _ = tree.Delete(key)
		if c := tree.View().Cursor(); c.First() {
			_, _ = tree.Delete(append([]byte(nil), c.Key()...))
		}
	}
	_ = btree.Drop(pages, tree.State())
}

func useAllFixed(t testing.TB, pages *memPages, state btree.FixedState, key uint64) {
	t.Helper()
	view := btree.NewFixedView(pages, state)
	for err := range btree.CheckFixed(view, nil) {
		if fault.Of(err) != fault.Corrupt && !errors.Is(err, errUnknown) {
			t.Fatalf("check: %v", err)
		}
	}
	if err := btree.DumpFixed(io.Discard, view); err != nil {
		t.Fatal(err)
	}
	_, _, _ = view.Get(key)
	c := view.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
	}
	for ok := c.Last(); ok; ok = c.Prev() {
	}
	for ok := c.Seek(key); ok; ok = c.Next() {
	}
	tree := btree.NewFixed(pages, state)
	for i := range uint64(40) {
		_ = tree.Put(key+i, make([]byte, state.ValueBytes))
		_, _ = tree.Delete(key)
		if c := tree.View().Cursor(); c.First() {
			_, _ = tree.Delete(c.Key())
		}
	}
	_ = btree.DropFixed(pages, tree.State())
}

// pagesOf cuts data into pages 3, 4, 5… that have their right numbers and, by a byte of theirs, a kind that trees use.
func pagesOf(data []byte, kinds ...page.Kind) *memPages {
	pages := newMemPages()
	for len(data) > 0 && pages.next < 11 {
		p := make([]byte, page.SizeBytes)
		data = data[copy(p, data):]
		binary.LittleEndian.PutUint64(p, uint64(pages.next))
		p[8] = byte(kinds[int(p[8])%len(kinds)])
		pages.runs[pages.next] = p
		pages.next++
	}
	return pages
}

// fuzzSeed returns the pages of a small tree in a row, numbered as pagesOf does; the last one is the root.
func fuzzSeed(f *testing.F) []byte {
	f.Helper()
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	for i := range 300 {
		if err := tree.Put([]byte(fmt.Sprintf("key/%04d", i*7%300)), make([]byte, i%60)); err != nil {
			f.Fatal(err)
		}
	}
	return rowOf(pages)
}

// rowOf returns the pages in the order of their numbers.
func rowOf(pages *memPages) []byte {
	var row []byte
	for no := page.No(3); no < pages.next; no++ {
		row = append(row, pages.runs[no]...)
	}
	return row
}

// FuzzTree: whatever the pages of a tree hold, no operation panics, hangs, or reads outside of them.
func FuzzTree(f *testing.F) {
	f.Add([]byte{}, uint8(1), uint8(3), []byte("k"))
	f.Add(fuzzSeed(f), uint8(2), uint8(5), []byte("key/0100"))
	f.Fuzz(func(t *testing.T, data []byte, depth, root uint8, key []byte) {
		for _, kinds := range [][]page.Kind{{page.Leaf}, {page.Branch}, {page.Branch, page.Leaf, page.Overflow}} {
			state := btree.State{Root: page.No(root), Depth: depth, Entries: 10, LeafPages: 2}
			useAll(t, pagesOf(data, kinds...), state, key)
		}
	})
}

// FuzzFixedTree is FuzzTree for fixed-size trees.
func FuzzFixedTree(f *testing.F) {
	pages := newMemPages()
	tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: 8})
	for i := range uint64(1200) {
		if err := tree.Put(i, make([]byte, 8)); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(rowOf(pages), uint8(2), uint8(5), uint8(8), uint64(600))
	f.Fuzz(func(t *testing.T, data []byte, depth, root, valueBytes uint8, key uint64) {
		for _, kinds := range [][]page.Kind{{page.FixedLeaf}, {page.FixedBranch}, {page.FixedBranch, page.FixedLeaf}} {
			state := btree.State{Root: page.No(root), Depth: depth, Entries: 10, LeafPages: 2}
			useAllFixed(t, pagesOf(data, kinds...), btree.FixedState{State: state, ValueBytes: valueBytes % 65}, key)
		}
	})
}

// FuzzState: decoding never panics, and what is decoded is what encoding writes.
func FuzzState(f *testing.F) {
	f.Add(btree.AppendFixedState(nil, btree.FixedState{
		State:      btree.State{Root: 0x0102030405060708, Depth: 3, Entries: 4, LeafPages: 5, BranchPages: 6, OverflowPages: 7},
		ValueBytes: 8,
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, rest, err := btree.DecodeFixedState(data)
		if err != nil {
			if fault.Of(err) != fault.Corrupt {
				t.Fatal(err)
			}
			return
		}
		if got := append(btree.AppendFixedState(nil, s), rest...); string(got) != string(data) {
			t.Fatalf("decoded %x as %+v", data, s)
		}
	})
}

// TestTree_SurvivesDamage flips bytes of a real tree of three levels, far more than fuzzing can in a unit test.
func TestTree_SurvivesDamage(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	for round := range rounds {
		pages := newMemPages()
		tree := btree.New(pages, btree.State{})
		for i := range 60 {
			mustPut(t, tree, fmt.Sprintf("%0900d", i*7%60), strings.Repeat("v", i*50))
		}
		if tree.State().Depth < 3 {
			t.Fatal("the tree is too low for this test")
		}
		for range 1 + round%4 {
			no := page.No(3 + random.IntN(int(pages.next)-3))
			if p, ok := pages.runs[no]; ok {
				at := 8 + random.IntN(200) // header and slots
				if random.IntN(2) == 0 {
					at = random.IntN(page.SizeBytes)
				}
				p[at] ^= byte(1 + random.IntN(255))
			}
		}
		useAll(t, pages, tree.State(), []byte(fmt.Sprintf("%0900d", random.IntN(60))))
	}
}

// TestCheck_FindsDamage plants one fault in a sound tree and wants it named.
func TestCheck_FindsDamage(t *testing.T) {
	f := func(want string, damage func(pages *memPages, state *btree.State)) {
		t.Helper()
		pages := newMemPages()
		tree := btree.New(pages, btree.State{})
		for i := range 1000 {
			mustPut(t, tree, fmt.Sprintf("key/%06d", i), strings.Repeat("v", i%40*100))
		}
		state := tree.State()
		wantSound(t, pages, state)
		damage(pages, &state)
		var got []string
		for err := range btree.Check(btree.NewView(pages, state), nil) {
			if _, ok := errors.AsType[*btree.CorruptError](err); !ok {
				t.Errorf("got %v, want *CorruptError", err)
			}
			got = append(got, err.Error())
		}
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("got %q, want one with %q", got, want)
		}
	}
	leaf := func(pages *memPages) []byte { // the first one
		return pages.runs[3]
	}
	swap := func(p []byte, i, j int) {
		a, b := 64+2*i, 64+2*j
		p[a], p[a+1], p[b], p[b+1] = p[b], p[b+1], p[a], p[a+1]
	}
	f("out of order", func(p *memPages, _ *btree.State) { swap(leaf(p), 0, 1) })
	f("does not lie in the page", func(p *memPages, _ *btree.State) { leaf(p)[64], leaf(p)[65] = 0xFF, 0xFF })
	f("header says", func(p *memPages, _ *btree.State) { page.SetDead(leaf(p), page.Dead(leaf(p))+1) })
	f("out of bounds", func(p *memPages, _ *btree.State) { page.SetLower(leaf(p), 63) })
	f("has the number", func(p *memPages, _ *btree.State) { page.Init(leaf(p), 4, page.Leaf) })
	f("is a bitmap page, not a leaf page", func(p *memPages, _ *btree.State) { page.Init(leaf(p), 3, page.Bitmap) })
	f("state says 1001 entries", func(_ *memPages, s *btree.State) { s.Entries++ })
	f("overflow pages", func(_ *memPages, s *btree.State) { s.OverflowPages-- })
	f("impossible depth", func(_ *memPages, s *btree.State) { s.Depth = 0 })
	f("not the length", func(p *memPages, _ *btree.State) {
		for _, run := range p.runs {
			if page.KindOf(run) == page.Overflow {
				page.SetOverflowBytes(run, page.OverflowBytes(run)-1)
				return
			}
		}
	})
	f("above the range", func(p *memPages, s *btree.State) {
		root := p.runs[s.Root] // its second child takes the first one's place
		off := func(i int) int { return int(binary.LittleEndian.Uint16(root[64+2*i:])) }
		child := func(i int) []byte {
			at := off(i) + 4 + int(binary.LittleEndian.Uint16(root[off(i):]))
			return root[at : at+8]
		}
		copy(child(0), child(1))
	})
}

func TestCheck_FindsAKeyOfTheNextLeaf(t *testing.T) {
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	for key := 'a'; key <= 'z'; key++ {
		mustPut(t, tree, string(key), strings.Repeat("v", 2000)) // four in a leaf; branch keys are whole keys
	}
	leaf := pages.runs[3]
	last := page.Lower(leaf) - 2
	leaf[int(binary.LittleEndian.Uint16(leaf[last:]))+4]++ // now the first key of the next leaf
	var got []error
	for err := range btree.Check(tree.View(), nil) {
		got = append(got, err)
	}
	if len(got) != 1 || !strings.Contains(got[0].Error(), "above the range") {
		t.Errorf("got %v, want one error about the range", got)
	}
}

// TestCheckFixed_FindsDamage plants one fault in a sound fixed-size tree and wants it named.
func TestCheckFixed_FindsDamage(t *testing.T) {
	f := func(want string, damage func(pages *memPages, state *btree.FixedState)) {
		t.Helper()
		pages := newMemPages()
		tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: 8})
		for i := range uint64(2000) {
			if err := tree.Put(i, make([]byte, 8)); err != nil {
				t.Fatal(err)
			}
		}
		state := tree.State()
		wantFixedSound(t, pages, state)
		damage(pages, &state)
		var got []string
		for err := range btree.CheckFixed(btree.NewFixedView(pages, state), nil) {
			got = append(got, err.Error())
		}
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("got %q, want one with %q", got, want)
		}
	}
	keyOf := func(p []byte, i int) []byte { return p[64+8*i : 72+8*i] }
	f("out of order", func(p *memPages, _ *btree.FixedState) { copy(keyOf(p.runs[3], 7), keyOf(p.runs[3], 6)) })
	f("out of order", func(p *memPages, s *btree.FixedState) { // the first leaf's range begins too late
		copy(keyOf(p.runs[s.Root], 0), keyOf(p.runs[3], 1))
	})
	f("above the range", func(p *memPages, s *btree.FixedState) { // the first leaf's range ends before its last key
		copy(keyOf(p.runs[s.Root], 1), keyOf(p.runs[3], 507))
	})
	f("out of bounds", func(p *memPages, _ *btree.FixedState) { page.SetUpper(p.runs[3], 8000) })
	f("state says 2001 entries", func(_ *memPages, s *btree.FixedState) { s.Entries++ })
	f("impossible depth", func(_ *memPages, s *btree.FixedState) { s.Depth = 0 })
	f("not a fixed leaf page", func(p *memPages, _ *btree.FixedState) { page.Init(p.runs[3], 3, page.Leaf) })
}

func TestDump_ShowsTheTree(t *testing.T) {
	tree := btree.New(newMemPages(), btree.State{})
	mustPut(t, tree, "b", "two")
	mustPut(t, tree, "a", strings.Repeat("x", 9000))
	var text strings.Builder
	if err := btree.Dump(&text, tree.View()); err != nil {
		t.Fatal(err)
	}
	want := `tree: depth 1, 2 entries, 1 leaf, 0 branch, 2 overflow pages
  leaf 3: 2 entries, 29 bytes used, 0 dead
    "a" = 9000 bytes in run 4
    "b" = "two"
`
	if got := text.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	fixed := btree.NewFixed(newMemPages(), btree.FixedState{ValueBytes: 2})
	if err := fixed.Put(7, []byte{0xAB, 0xCD}); err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if err := btree.DumpFixed(&text, fixed.View()); err != nil {
		t.Fatal(err)
	}
	want = `fixed-size tree: depth 1, 1 entries of 2 bytes, 1 leaf, 0 branch pages
  fixed leaf 3: 1 of 812 entries
    7 = abcd
`
	if got := text.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
