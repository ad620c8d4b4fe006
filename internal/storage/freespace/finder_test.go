package freespace_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"pgregory.net/rapid"
)

func cellsOf(words ...uint64) freespace.Cells {
	var cells freespace.Cells
	for _, w := range words {
		cells = binary.LittleEndian.AppendUint64(cells, w)
	}
	return cells
}

// pieces returns all that the finder yields.
func pieces(cells freespace.Cells, total, n int) []int {
	found := []int{}
	finder := freespace.Finder{Runs: freespace.Runs{Cells: cells, Total: total}, N: n}
	for cell, ok := finder.Next(); ok; cell, ok = finder.Next() {
		found = append(found, cell)
	}
	return found
}

// exampleWord has the clear runs 1+4, 6+3, 12+1, 14+6, 21+3, 27+2, 30+3, 34+1, 36+5, 42+2, 45+1, 47+8 (start and count), and
// one from 56 on that is open at the end.
const exampleWord = 0x80520A27102E21

func TestFinder_CutsClosedRunsOfAWord(t *testing.T) {
	f := func(n int, want ...int) {
		t.Helper()
		if diff := cmp.Diff(want, pieces(cellsOf(exampleWord), 0, n)); diff != "" {
			t.Errorf("pieces of %d (- want, + got):\n%s", n, diff)
		}
	}
	f(8, 47)
	f(7, 47)
	f(6, 14, 47)
	f(5, 14, 36, 47)
	f(4, 1, 14, 36, 47, 51)
	f(3, 1, 6, 14, 17, 21, 30, 36, 47, 50)
	f(2, 1, 3, 6, 14, 16, 18, 21, 27, 30, 36, 38, 42, 47, 49, 51, 53)
	f(1, 1, 2, 3, 4, 6, 7, 8, 12, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 30, 31, 32, 34,
		36, 37, 38, 39, 40, 42, 43, 45, 47, 48, 49, 50, 51, 52, 53, 54)
}

func TestFinder_ReportsTheOpenRunOnceTheEndIsKnown(t *testing.T) {
	f := func(total, n int, want ...int) {
		t.Helper()
		if diff := cmp.Diff(want, pieces(cellsOf(exampleWord), total, n)); diff != "" {
			t.Errorf("pieces of %d in %d cells (- want, + got):\n%s", n, total, diff)
		}
	}
	f(64, 8, 47, 56)
	f(63, 7, 47, 56)
	f(62, 7, 47) // the open run has six cells then
	f(50, 3, 1, 6, 14, 17, 21, 30, 36, 47)
}

func TestFinder_CrossesWordBorders(t *testing.T) {
	cells := cellsOf(exampleWord, 0xE0000E00020, 0x1A40027F025802C8, 0xEE6ACAE56C6C3DCC)
	if diff := cmp.Diff([]int{56, 70, 88, 108}, pieces(cells, 0, 13)); diff != "" {
		t.Errorf("pieces of 13:\n%s", diff)
	}
	all := cellsOf(0, 0, 0)
	if diff := cmp.Diff([]int{0, 96}, pieces(all, 192, 96)); diff != "" {
		t.Errorf("pieces of 96 in three free words:\n%s", diff)
	}
	if got := pieces(all, 0, 1); len(got) != 0 {
		t.Errorf("three free words without a known end: got %v", got)
	}
}

func TestFinder_GoesOnFromACopy(t *testing.T) {
	finder := freespace.Finder{Runs: freespace.Runs{Cells: cellsOf(exampleWord)}, N: 2}
	for range 5 {
		finder.Next()
	}
	saved := finder
	a, _ := finder.Next()
	b, _ := saved.Next()
	if a != 18 || b != 18 {
		t.Errorf("sixth piece: %d, from the copy %d, want 18", a, b)
	}
}

func TestFit_ChoosesTheExampleRuns(t *testing.T) {
	cells := cellsOf(exampleWord, 0xE0000E00020, 0x1A40027F025802C8, 0xEE6ACAE56C6C3DCC)
	f := func(n, near, want int) {
		t.Helper()
		if got, ok := freespace.Fit(cells, 256, n, near); !ok || got != want {
			t.Errorf("Fit(%d near %d) = %d, %v; want %d", n, near, got, ok, want)
		}
	}
	f(1, 9, 12)
	f(2, 9, 27)
	f(4, 85, 64)
	f(7, 198, 47)
	if got, ok := freespace.Fit(cells, 256, 60, 0); ok {
		t.Errorf("Fit(60) = %d, want none", got)
	}
}

// drawCells draws up to eight words with long and short runs.
func drawCells(t *rapid.T) freespace.Cells {
	words := rapid.SliceOfN(rapid.OneOf(
		rapid.Uint64(),
		rapid.SampledFrom([]uint64{0, ^uint64(0), 1, 1 << 63, 0xFFFFFFFF}),
	), 1, 8).Draw(t, "words")
	return cellsOf(words...)
}

// naiveRuns looks at cell by cell.
func naiveRuns(cells freespace.Cells, total int) []freespace.Run {
	var runs []freespace.Run
	open := false
	for i := range total {
		free := cells[i/8]&(1<<(i%8)) == 0
		if free && !open {
			runs = append(runs, freespace.Run{Start: i})
		}
		if open = free; free {
			runs[len(runs)-1].Count++
		}
	}
	return runs
}

func TestFinderAndFit_AgreeWithANaiveScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		total := rapid.IntRange(1, len(cells)*8).Draw(t, "total")
		n := rapid.IntRange(1, 100).Draw(t, "n")
		want, longest := []int{}, 0
		for _, run := range naiveRuns(cells, total) {
			longest = max(longest, run.Count)
			for cell := run.Start; cell+n <= run.Start+run.Count; cell += n {
				want = append(want, cell)
			}
		}
		if diff := cmp.Diff(want, pieces(cells, total, n)); diff != "" {
			t.Fatalf("pieces:\n%s", diff)
		}
		near := rapid.IntRange(0, total).Draw(t, "near")
		cell, ok := freespace.Fit(cells, total, n, near)
		if ok != (longest >= n) {
			t.Fatalf("Fit(%d) = %v, longest run is %d", n, ok, longest)
		}
		if ok && !slices.ContainsFunc(naiveRuns(cells, total), func(r freespace.Run) bool {
			return cell >= r.Start && cell+n <= r.Start+r.Count
		}) {
			t.Fatalf("Fit(%d) = %d, which is not free", n, cell)
		}
	})
}

func BenchmarkFit_OneCellInASpan(b *testing.B) {
	cells := make(freespace.Cells, freespace.SpanPages/8)
	for _, busy := range []int{0, 1, 64} {
		b.Run(fmt.Sprintf("free=%d", busy), func(b *testing.B) {
			for i := range cells {
				cells[i] = 0xFF
			}
			for i := range busy {
				cells[len(cells)-1-i] = 0x7F
			}
			for b.Loop() {
				freespace.Fit(cells, freespace.SpanPages, 1, 0)
			}
		})
	}
}
