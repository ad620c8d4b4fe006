package freespace_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/freespace"
	"pgregory.net/rapid"
)

// naiveFit is the rule of Fit applied to a list of all runs: those of at least n cells, in the order of the search, with
// their distances in words; a tighter one replaces the best while it is not further away than the best wastes.
func naiveFit(cells freespace.Cells, total, n, near int) (int, bool) {
	type candidate struct{ start, waste, distance int }
	from := min(near, total) / 64 * 64
	best, found := candidate{}, false
	offer := func(c candidate) {
		if c.waste >= 0 && (!found || c.waste < best.waste && c.distance <= best.waste) {
			best, found = c, true
		}
	}
	for _, run := range naiveRuns(cells, total) {
		if cut := max(from-run.Start, 0); cut < run.Count {
			start, count := run.Start+cut, run.Count-cut
			offer(candidate{start, count - n, (start - from) / 64})
		}
	}
	if found {
		return best.start, true
	}
	for _, run := range naiveRunsBack(cells, total, false) {
		if run.Start < from {
			offer(candidate{run.Start, run.Count - n, max(from-run.Start-run.Count, 0) / 64})
		}
	}
	return best.start, found
}

func TestFit_FollowsItsRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		total := rapid.IntRange(0, len(cells)*8).Draw(t, "total")
		n := rapid.IntRange(1, 100).Draw(t, "n")
		near := rapid.IntRange(0, total+10).Draw(t, "near")
		want, wantOK := naiveFit(cells, total, n, near)
		if got, ok := freespace.Fit(cells, total, n, near); got != want || ok != wantOK {
			t.Fatalf("Fit(%d near %d of %d) = %d, %v; want %d, %v", n, near, total, got, ok, want, wantOK)
		}
	})
}

func TestFit_PrefersTheNearestBelow(t *testing.T) {
	cells := filled(freespace.SpanPages)
	for _, cell := range []int{100, 5000, 60_000} {
		clearCells(cells, cell, 10)
	}
	f := func(n, near, want int) {
		t.Helper()
		if got, ok := freespace.Fit(cells, freespace.SpanPages, n, near); !ok || got != want {
			t.Errorf("Fit(%d near %d) = %d, %v; want %d", n, near, got, ok, want)
		}
	}
	f(10, 65_000, 60_000)
	f(8, 65_000, 60_000)
	f(8, 20_000, 60_000) // above goes first
	clearCells(cells, 59_900, 8)
	f(8, 60_100, 59_900) // tighter, and not much further away
	f(8, 65_000, 60_000) // here it is
	clearCells(cells, 50_000, 7)
	f(7, 60_100, 59_900)
}

func TestFit_FindsRunsAcrossTheStart(t *testing.T) {
	cells := filled(256)
	clearCells(cells, 60, 8)
	for near := range 256 {
		for n := 1; n <= 8; n++ {
			if got, ok := freespace.Fit(cells, 256, n, near); !ok || got != 60 && got != 64 {
				t.Errorf("Fit(%d near %d) = %d, %v; want 60 or 64", n, near, got, ok)
			}
		}
		if got, ok := freespace.Fit(cells, 256, 9, near); ok {
			t.Errorf("Fit(9 near %d) = %d, want none", near, got)
		}
	}
}

// looksMax is the most words that one search in a span may look at: all of them once, the run at the wanted place twice
// at most, and once more for each run that is long enough (see Fit).
const looksMax = 2*freespace.SpanPages/64 + 1 + 450

func TestFit_LooksAtABoundedNumberOfWords(t *testing.T) {
	most := 0
	f := func(name string, cells freespace.Cells, n, near int) {
		t.Helper()
		_, looks, _ := freespace.FitLooks(cells, freespace.SpanPages, n, near)
		if most = max(most, looks); looks > looksMax {
			t.Errorf("%s: Fit(%d near %d) looked at %d words, want at most %d", name, n, near, looks, looksMax)
		}
	}
	places := []int{0, 1, 64, 1000, freespace.SpanPages / 2, freespace.SpanPages - 65, freespace.SpanPages}
	for _, n := range []int{1, 2, 3, 8, 63, 64, 65, 1000, freespace.SpanPages} {
		for _, near := range places {
			f("all free", make(freespace.Cells, freespace.SpanPages/8), n, near)
			f("all busy", filled(freespace.SpanPages), n, near)
			f("every other", everyOther(), n, near)
			f("always too long, upwards", tooLong(n, near, 1), n, near)
			f("always too long, downwards", tooLong(n, near, -1), n, near)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		cells := make(freespace.Cells, freespace.SpanPages/8)
		density := random.IntN(9)
		for i := range cells {
			for bit := range 8 {
				if random.IntN(8) < density {
					cells[i] |= 1 << bit
				}
			}
		}
		f("random", cells, 1+random.IntN(70), random.IntN(freespace.SpanPages))
	}
	t.Logf("at most %d words in one search, of %d in a span", most, freespace.SpanPages/64)
	if most < freespace.SpanPages/64 {
		t.Error("no search was a long one")
	}
}

// filled returns n busy cells.
func filled(n int) freespace.Cells {
	cells := make(freespace.Cells, n/8)
	for i := range cells {
		cells[i] = 0xFF
	}
	return cells
}

func everyOther() freespace.Cells {
	cells := make(freespace.Cells, freespace.SpanPages/8)
	for i := range cells {
		cells[i] = 0x55
	}
	return cells
}

func clearCells(cells freespace.Cells, cell, n int) {
	for i := cell; i < cell+n; i++ {
		cells[i/8] &^= 1 << (i % 8)
	}
}

// tooLong returns a span against which Fit fares worst: going in one direction from near, each run wastes just more than
// its distance allows, so that the search goes on, with as many runs as that leaves room for.
func tooLong(n, near, direction int) freespace.Cells {
	cells := filled(freespace.SpanPages)
	from := near / 64 * 64
	if direction > 0 {
		for at := from; ; {
			count := n + (at-from)/64 + 1
			if at+count >= freespace.SpanPages {
				return cells
			}
			clearCells(cells, at, count)
			at += count + 1
		}
	}
	for end := min(from, freespace.SpanPages); ; {
		count := n + (from-end)/64 + 1
		if end-count <= 0 {
			return cells
		}
		clearCells(cells, end-count, count)
		end -= count + 1
	}
}
