package freespace

import "math/bits"

// RunsBack walks over the free runs in a row of cells, word by word, highest first. It is plain state: a copy of it goes
// on from the same place. Runs is its mirror.
type RunsBack struct {
	Cells Cells
	At    int  // the cells before this one are to be looked at; more than there are means all
	Open  bool // Cells is the end of a row whose start is not known
	Looks int  // words looked at so far: what the walk has cost
}

// Next returns the next run, as long as it is. Where the start of the row is not known, a run that is open at the start of
// Cells is not returned: it might go on.
func (r *RunsBack) Next() (Run, bool) { return r.next(1, 0) }

// next returns the next run of at least n cells that ends in a word above cell limit. It looks at each word once, and once
// more when a run begins in it.
func (r *RunsBack) next(n, limit int) (Run, bool) {
	open := none // the cell after the run that goes on into the next word
	r.At = min(r.At, r.Cells.words()*wordBits)
	i := (r.At+wordBits-1)/wordBits - 1
	for ; i >= 0 && (open != none || (i+1)*wordBits > limit); i-- {
		free, first := r.look(i), i*wordBits
		if free == 0 && open == none {
			continue
		}
		if open != none {
			if free == allFree {
				continue
			}
			start := first + wordBits - bits.LeadingZeros64(^free)
			if run := (Run{start, open - start}); run.Count >= n {
				r.At = start
				return run, true
			}
			open = none
		}
		if starts := startsOf(n, free); starts != 0 {
			end := bits.Len64(starts) + n - 1
			count := bits.LeadingZeros64(^(free << (wordBits - end)))
			if count < end {
				r.At = first + end - count
				return Run{r.At, count}, true
			}
			open = first + end
		} else if count := bits.TrailingZeros64(^free); count > 0 {
			open = first + count
		}
	}
	r.At = (i + 1) * wordBits
	if open == none || r.Open || open < n {
		return Run{}, false
	}
	return Run{0, open}, true
}

// look returns the free cells of word i, as set bits, without those from At on.
func (r *RunsBack) look(i int) uint64 {
	r.Looks++
	free := ^r.Cells.word(i)
	if behind := (i+1)*wordBits - r.At; behind > 0 {
		free = free << behind >> behind
	}
	return free
}

// FinderBack cuts the free runs of a row into pieces of N cells that do not overlap, from the end of each run, highest
// first; what is left of a run is passed over. It is plain state: a copy of it goes on from the same place. Finder is its
// mirror.
type FinderBack struct {
	Runs RunsBack
	N    int // cells in a piece, at least 1
	rest Run // of the run that is being cut
}

// Next returns the first cell of the next piece; false when there are no more.
func (f *FinderBack) Next() (cell int, ok bool) {
	if f.rest.Count < f.N {
		if f.rest, ok = f.Runs.next(f.N, 0); !ok {
			return 0, false
		}
	}
	f.rest.Count -= f.N
	return f.rest.end(), true
}
