package freespace

// FitLooks is Fit; it returns how many words it looked at as well.
func FitLooks(cells Cells, total, n, near int) (cell, looks int, ok bool) {
	best, looks, ok := fit(cells, total, n, near)
	return best.Start, looks, ok
}
