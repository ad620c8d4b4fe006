package freespace

// Fit returns the first cell of the free run that suits n cells near cell near best, among the first total cells; false
// when no run is long enough.
//
// It looks upwards from the start of near's word, for locality, and prefers the run that leaves least over, against
// fragmentation. The further away, the more waste is accepted: one cell for each word passed. An exact fit is taken at once.
// Only if there is nothing above, it looks below, from the first cell upwards, by the same rule.
func Fit(cells Cells, total, n, near int) (cell int, ok bool) {
	from := min(near, total) / wordBits * wordBits
	above := Runs{Cells: cells, At: from, Total: total}
	best, ok := tightest(above, n, total)
	if ok {
		return best.Start, true
	}
	below := Runs{Cells: cells, Total: total}
	best, ok = tightest(below, n, from)
	return best.Start, ok
}

// tightest returns the best run of at least n cells among runs that begin below end.
func tightest(runs Runs, n, end int) (best Run, found bool) {
	from := runs.At
	for {
		run, ok := runs.Next()
		if !ok || run.Start >= end {
			return best, found
		}
		if run.Count >= n && (!found || run.Count < best.Count) {
			best, found = run, true
		}
		if found && best.Count-n <= (runs.At-from)/wordBits {
			return best, true
		}
	}
}
