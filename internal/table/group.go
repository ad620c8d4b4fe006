package table

import "github.com/rookerydb/rookery/internal/storage/section"

// groupMin is the size of the first group of a walk; each further one is twice as large, up to GroupSize of the rows. Many walks
// end after a few rows.
const groupMin = 4

// each yields the rows that fill leads to, in that order, up to the first error. fill sets ids to the rows of the next
// entries and returns how many there are before the end or its error. The rows are looked up in groups: see section.View.GetGroup.
func (t *Table) each(rows section.View, yield func(Row, error) bool, fill func(ids []section.RowID) (n int, err error)) {
	g := t.groups.Get().(*section.Group)
	defer t.groups.Put(g)
	most := rows.GroupSize()
	for size := min(groupMin, most); ; size = min(2*size, most) {
		n, failed := fill(g.IDs[:size])
		got, err := rows.GetGroup(g, n)
		if err != nil {
			failed = err // it comes before that of fill
		}
		for i, b := range g.Rows[:got] {
			var row Row
			err := t.accept(g.IDs[i], b, &row)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if failed != nil {
			yield(Row{}, failed)
		}
		if failed != nil || n < size {
			return
		}
	}
}
