package salvage

import (
	"maps"
	"slices"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// runLedger compares the long values that rows lead to with those that were found.
type runLedger struct {
	wants map[page.No]page.No // from a run to the data page that leads to it
	there map[page.No]bool
	ids   map[page.No]string // of damaged runs, as far as they can be seen
}

func newRunLedger() *runLedger {
	return &runLedger{wants: map[page.No]page.No{}, there: map[page.No]bool{}, ids: map[page.No]string{}}
}

// wanted notes that data page from leads to a run.
func (l *runLedger) wanted(run, from page.No) {
	if l.there[run] {
		delete(l.there, run) // found before: both are known, and need no memory any more
		return
	}
	l.wants[run] = from
}

// has notes that a run is there and holds a row.
func (l *runLedger) has(run page.No) {
	if _, wanted := l.wants[run]; wanted {
		delete(l.wants, run)
		return
	}
	l.there[run] = true
}

// lost notes the id that can be seen in a damaged run.
func (l *runLedger) lost(run page.No, id string) { l.ids[run] = id }

// settle reports each value of which the run is damaged or missing.
func (l *runLedger) settle(r *Report) {
	for _, run := range slices.Sorted(maps.Keys(l.wants)) {
		r.damagedValue(ValueDamage{ID: l.ids[run], Page: run, Reason: "the pages of the value are damaged"})
		delete(l.ids, run)
	}
	for _, run := range slices.Sorted(maps.Keys(l.ids)) {
		r.damagedValue(ValueDamage{ID: l.ids[run], Page: run, Reason: "the pages of the value are damaged, and no row leads to it"})
	}
}
