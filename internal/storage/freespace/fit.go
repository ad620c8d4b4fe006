package freespace

import "github.com/rookerydb/rookery/internal/storage/planted"

// Fit returns the first cell of the free run that suits n cells near cell near best, among the first total cells; false
// when no run is long enough.
//
// It looks upwards from the start of near's word, for locality; only if there is nothing above, downwards. Among the runs
// that are long enough it prefers the one that leaves least over, against fragmentation, but not at any distance: a run
// that leaves w cells over is taken unless a tighter one is reached at most w words away from the start. An exact fit is taken at once.
//
// The rule bounds the search. Every run that is looked at leaves more over than the words passed, else it would have ended
// the search; so there are at most 64/(n+d) of them in the d-th word, which is a few hundred in a span, and words without
// such a run are passed after one look each.
func Fit(cells Cells, total, n, near int) (cell int, ok bool) {
	best, _, ok := fit(cells, total, n, near)
	return best.Start, ok
}

// fit is Fit; it returns the whole run, and how many words it looked at.
func fit(cells Cells, total, n, near int) (best Run, looks int, ok bool) {
	if n > total {
		return Run{}, 0, false
	}
	from := min(near, total) / wordBits * wordBits
	above := Runs{Cells: cells, At: from, Total: total}
	best, ok = tightestAbove(&above, n)
	if ok {
		return best, above.Looks, true
	}
	// A run that begins below from and goes on above it has less than n cells there, or it would have been found.
	below := RunsBack{Cells: cells, At: min(total, from+n)}
	best, ok = tightestBelow(&below, n, from)
	return best, above.Looks + below.Looks, ok
}

// tightestAbove returns the best run of at least n cells from runs.At on.
func tightestAbove(runs *Runs, n int) (best Run, found bool) {
	from, limit := runs.At, runs.end()
	for {
		wanted := n
		if planted.Is(planted.FitOneShort) && n > 1 {
			wanted = n - 1
		}
		run, ok := runs.next(wanted, limit)
		if !ok {
			return best, found
		}
		if found && run.Count >= best.Count {
			continue
		}
		best, found = run, true
		if run.Count <= n {
			return best, true
		}
		limit = min(limit, from+(run.Count-n+1)*wordBits)
	}
}

// tightestBelow returns the best run of at least n cells, where distance counts downwards from cell from.
func tightestBelow(runs *RunsBack, n, from int) (best Run, found bool) {
	limit := 0
	for {
		run, ok := runs.next(n, limit)
		if !ok {
			return best, found
		}
		if found && run.Count >= best.Count {
			continue
		}
		best, found = run, true
		if run.Count == n {
			return best, true
		}
		limit = max(limit, from-(run.Count-n+1)*wordBits)
	}
}
