package freespace

// Run is neighbouring free cells: Start and the Count-1 cells after it.
type Run struct{ Start, Count int }

// Runs walks over the free runs in a row of cells, word by word, lowest first. It is plain state: a copy of it goes on from
// the same place.
type Runs struct {
	Cells Cells
	At    int // the next cell to look at
	Total int // cells in the row, at most those of Cells; 0 when Cells is the start of a row whose end is not known
}

// Next returns the next run, as long as it is. Where the end of the row is not known, a run that is open at the end of Cells
// is not returned: it might go on.
func (r *Runs) Next() (Run, bool) {
	end := r.Cells.words() * wordBits
	if r.Total > 0 {
		end = min(end, r.Total)
	}
	start := r.Cells.nextFree(r.At)
	if start >= end {
		r.At = end
		return Run{}, false
	}
	r.At = r.Cells.nextBusy(start)
	if r.At >= end && r.Total == 0 {
		return Run{}, false
	}
	r.At = min(r.At, end)
	return Run{Start: start, Count: r.At - start}, true
}

// Finder cuts the free runs of a row into pieces of N cells that do not overlap, lowest first; what is left of a run is
// passed over. It is plain state: a copy of it goes on from the same place.
type Finder struct {
	Runs Runs
	N    int // cells in a piece, at least 1
	rest Run // of the run that is being cut
}

// Next returns the first cell of the next piece; false when there are no more.
func (f *Finder) Next() (cell int, ok bool) {
	for f.rest.Count < f.N {
		if f.rest, ok = f.Runs.Next(); !ok {
			return 0, false
		}
	}
	cell = f.rest.Start
	f.rest = Run{Start: cell + f.N, Count: f.rest.Count - f.N}
	return cell, true
}
