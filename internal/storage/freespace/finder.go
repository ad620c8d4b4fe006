package freespace

import "math/bits"

// Run is neighbouring free cells: Start and the Count-1 cells after it.
type Run struct{ Start, Count int }

// end returns the cell after the run.
func (r Run) end() int { return r.Start + r.Count }

// none stands for a cell when no run is open.
const none = -1

// Runs walks over the free runs in a row of cells, word by word, lowest first. It is plain state: a copy of it goes on from
// the same place. RunsBack is its mirror.
type Runs struct {
	Cells Cells
	At    int // the next cell to look at
	Total int // cells in the row, at most those of Cells; 0 when Cells is the start of a row whose end is not known
	Looks int // words looked at so far: what the walk has cost
}

// Next returns the next run, as long as it is. Where the end of the row is not known, a run that is open at the end of Cells
// is not returned: it might go on.
func (r *Runs) Next() (Run, bool) { return r.next(1, r.end()) }

// next returns the next run of at least n cells that begins in a word below cell limit. It looks at each word once, and
// once more when a run ends in it.
func (r *Runs) next(n, limit int) (Run, bool) {
	end, open := r.end(), none
	i := r.At / wordBits
	for ; i*wordBits < end && (open != none || i*wordBits < limit); i++ {
		free, first := r.look(i, end), i*wordBits
		if free == 0 && open == none {
			continue
		}
		if open != none {
			if free == allFree {
				continue
			}
			if run := (Run{open, first + bits.TrailingZeros64(^free) - open}); run.Count >= n {
				r.At = run.end()
				return run, true
			}
			open = none
		}
		if starts := startsOf(n, free); starts != 0 {
			start := bits.TrailingZeros64(starts)
			count := bits.TrailingZeros64(^(free >> start))
			if start+count < wordBits {
				r.At = first + start + count
				return Run{first + start, count}, true
			}
			open = first + start
		} else if count := bits.LeadingZeros64(^free); count > 0 {
			open = first + wordBits - count
		}
	}
	r.At = min(i*wordBits, end)
	if open == none || r.Total == 0 || end-open < n {
		return Run{}, false
	}
	return Run{open, end - open}, true
}

// end returns how many cells there are to look at.
func (r *Runs) end() int {
	if all := r.Cells.words() * wordBits; r.Total == 0 || r.Total > all {
		return all
	}
	return r.Total
}

// look returns the free cells of word i, as set bits, without those before At and those from end on.
func (r *Runs) look(i, end int) uint64 {
	r.Looks++
	free, first := ^r.Cells.word(i), i*wordBits
	if first < r.At {
		free = free >> (r.At - first) << (r.At - first)
	}
	if behind := first + wordBits - end; behind > 0 {
		free = free << behind >> behind
	}
	return free
}

// allFree is a word of free cells, when set bits are free.
const allFree = ^uint64(0)

// startsOf returns the bits at which n free cells begin within one word; free has a bit set for each free cell. A cell is
// kept when as many neighbours as are known to be free, and as many again, are free: the length doubles with each step.
func startsOf(n int, free uint64) uint64 {
	if n > wordBits {
		return 0
	}
	for have := 1; have < n; {
		step := min(have, n-have)
		free &= free >> step
		have += step
	}
	return free
}

// Finder cuts the free runs of a row into pieces of N cells that do not overlap, lowest first; what is left of a run is
// passed over. It is plain state: a copy of it goes on from the same place. FinderBack is its mirror.
type Finder struct {
	Runs Runs
	N    int // cells in a piece, at least 1
	rest Run // of the run that is being cut
}

// Next returns the first cell of the next piece; false when there are no more.
func (f *Finder) Next() (cell int, ok bool) {
	if f.rest.Count < f.N {
		if f.rest, ok = f.Runs.next(f.N, f.Runs.end()); !ok {
			return 0, false
		}
	}
	cell = f.rest.Start
	f.rest = Run{Start: cell + f.N, Count: f.rest.Count - f.N}
	return cell, true
}
