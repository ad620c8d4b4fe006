package freespace_test

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"pgregory.net/rapid"
)

// piecesBack returns all that the backward finder yields.
func piecesBack(runs freespace.RunsBack, n int) []int {
	var found []int
	finder := freespace.FinderBack{Runs: runs, N: n}
	for cell, ok := finder.Next(); ok; cell, ok = finder.Next() {
		found = append(found, cell)
	}
	return found
}

func TestFinderBack_CutsRunsOfAWordFromTheEnd(t *testing.T) {
	f := func(n int, want ...int) {
		t.Helper()
		got := piecesBack(freespace.RunsBack{Cells: cellsOf(exampleWord), At: 64}, n)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pieces of %d (- want, + got):\n%s", n, diff)
		}
	}
	f(9)
	f(8, 56, 47)
	f(7, 57, 48)
	f(6, 58, 49, 14)
	f(5, 59, 50, 36, 15)
	f(4, 60, 56, 51, 47, 37, 16, 1)
	f(3, 61, 58, 52, 49, 38, 30, 21, 17, 14, 6, 2)
	f(2, 62, 60, 58, 56, 53, 51, 49, 47, 42, 39, 37, 31, 27, 22, 18, 16, 14, 7, 3, 1)
	f(1, 63, 62, 61, 60, 59, 58, 57, 56, 54, 53, 52, 51, 50, 49, 48, 47, 45, 43, 42, 40, 39, 38, 37, 36, 34, 32, 31, 30,
		28, 27, 23, 22, 21, 19, 18, 17, 16, 15, 14, 12, 8, 7, 6, 4, 3, 2, 1)
}

func TestFinderBack_CrossesWordBorders(t *testing.T) {
	f := func(name string, runs freespace.RunsBack, n int, want ...int) {
		t.Helper()
		if diff := cmp.Diff(want, piecesBack(runs, n)); diff != "" {
			t.Errorf("%s (- want, + got):\n%s", name, diff)
		}
	}
	cells := cellsOf(exampleWord, 0xE0000E00020, 0x1A40027F025802C8, 0xEE6ACAE56C6C3DCC)
	f("pieces of 13", freespace.RunsBack{Cells: cells, At: 256}, 13, 118, 92, 72, 56)
	f("from the middle of a run", freespace.RunsBack{Cells: cells, At: 100}, 12, 88, 73, 57)
	all := cellsOf(0, 0, 0)
	f("three free words", freespace.RunsBack{Cells: all, At: 192}, 96, 96, 0)
	f("three free words, from too far", freespace.RunsBack{Cells: all, At: 1 << 30}, 96, 96, 0)
	f("three free words without a known start", freespace.RunsBack{Cells: all, At: 192, Open: true}, 1)
	f("nothing", freespace.RunsBack{}, 1)
}

func TestFinderBack_GoesOnFromACopy(t *testing.T) {
	finder := freespace.FinderBack{Runs: freespace.RunsBack{Cells: cellsOf(exampleWord), At: 64}, N: 2}
	for range 5 {
		finder.Next()
	}
	saved := finder
	a, _ := finder.Next()
	b, _ := saved.Next()
	if a != 51 || b != 51 {
		t.Errorf("sixth piece: %d, from the copy %d, want 51", a, b)
	}
}

// naiveRunsBack looks at cell by cell below cell at, downwards.
func naiveRunsBack(cells freespace.Cells, at int, open bool) []freespace.Run {
	var runs []freespace.Run
	within := false
	for i := at - 1; i >= 0; i-- {
		free := cells[i/8]&(1<<(i%8)) == 0
		if free && !within {
			runs = append(runs, freespace.Run{Start: i + 1})
		}
		if within = free; free {
			runs[len(runs)-1].Start--
			runs[len(runs)-1].Count++
		}
	}
	if open && within {
		runs = runs[:len(runs)-1]
	}
	return runs
}

func TestRunsBack_AgreesWithANaiveBackwardScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		at := rapid.IntRange(0, len(cells)*8).Draw(t, "at")
		open := rapid.Bool().Draw(t, "open")
		want := naiveRunsBack(cells, at, open)
		var got []freespace.Run
		runs := freespace.RunsBack{Cells: cells, At: at, Open: open}
		for run, ok := runs.Next(); ok; run, ok = runs.Next() {
			got = append(got, run)
			if rapid.Bool().Draw(t, "from a copy") {
				runs = freespace.RunsBack{Cells: cells, At: runs.At, Open: open}
			}
		}
		if !slices.Equal(want, got) {
			t.Fatalf("runs below %d: got %v, want %v", at, got, want)
		}
		if _, ok := runs.Next(); ok {
			t.Fatal("a run after the last")
		}

		n := rapid.IntRange(1, 150).Draw(t, "n")
		var wantPieces []int
		for _, run := range want {
			for end := run.Start + run.Count; end-n >= run.Start; end -= n {
				wantPieces = append(wantPieces, end-n)
			}
		}
		if diff := cmp.Diff(wantPieces, piecesBack(freespace.RunsBack{Cells: cells, At: at, Open: open}, n)); diff != "" {
			t.Fatalf("pieces of %d (- want, + got):\n%s", n, diff)
		}
	})
}

func TestRuns_AgreesWithANaiveScanFromAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		total := rapid.IntRange(1, len(cells)*8).Draw(t, "total")
		at := rapid.IntRange(0, total).Draw(t, "at")
		known := rapid.Bool().Draw(t, "known")
		runs := freespace.Runs{Cells: cells, At: at, Total: total}
		if !known {
			runs.Total, total = 0, len(cells)*8
		}
		var want []freespace.Run
		for _, run := range naiveRuns(cells, total) {
			if cut := max(at-run.Start, 0); cut < run.Count && (known || run.Start+run.Count < total) {
				want = append(want, freespace.Run{Start: run.Start + cut, Count: run.Count - cut})
			}
		}
		var got []freespace.Run
		for run, ok := runs.Next(); ok; run, ok = runs.Next() {
			got = append(got, run)
		}
		if !slices.Equal(want, got) {
			t.Fatalf("runs from %d of %d: got %v, want %v", at, total, got, want)
		}
	})
}

// mirrored returns the cells in reverse order.
func mirrored(cells freespace.Cells) freespace.Cells {
	var words []uint64
	for i := 0; i < len(cells); i += 8 {
		words = append(words, bits.Reverse64(binary.LittleEndian.Uint64(cells[i:])))
	}
	slices.Reverse(words)
	return cellsOf(words...)
}

func TestFinderBack_IsTheMirrorOfFinder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		all := len(cells) * 8
		n := rapid.IntRange(1, 150).Draw(t, "n")
		known := rapid.Bool().Draw(t, "known")
		total := 0
		if known {
			total = all
		}
		var want []int
		for _, cell := range pieces(mirrored(cells), total, n) {
			want = append(want, all-cell-n)
		}
		got := piecesBack(freespace.RunsBack{Cells: cells, At: all, Open: !known}, n)
		if !slices.Equal(want, got) {
			t.Fatalf("pieces of %d: got %v, in the mirror %v", n, got, want)
		}
	})
}
