package section

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// GroupMax is how many rows GetGroup takes at most: about twice the waits for memory that a processor has under way at once.
const GroupMax = 64

// Toucher is a Reader that can be told ahead which pages will be wanted. It makes groups worth while, and need not be there.
type Toucher interface {
	// InMemory says whether pages lie in memory already, so that asking for one costs no copy of it.
	InMemory() bool
	// Touch asks memory for the first bytes of the pages and for the byte off in each, and waits for none before it has
	// asked for all. Pages that do not exist are left out. What it returns says nothing.
	Touch(at []Spot) (seen uint64)
}

// GroupSize is how many rows to look up together: GroupMax where pages lie in memory, else one, so that no page is read
// before its row is wanted.
func (v View) GroupSize() int {
	if t, ok := v.reader.(Toucher); ok && t.InMemory() {
		return GroupMax
	}
	return 1
}

// Spot is a byte in a page.
type Spot struct {
	Page page.No
	Off  int // below page.SizeBytes
}

// Group is what GetGroup works with; the zero Group is ready. It is large: keep one for a walk.
type Group struct {
	IDs  [GroupMax]RowID
	Rows [GroupMax][]byte // lie in pages; see View.Get

	spots [GroupMax]Spot
	seen  uint64 // of what was touched: kept, or the loads would be optimised away
}

// GetGroup is Get of the rows called g.IDs[:n]: it sets g.Rows, as far as there are rows before the first error, and returns how
// many. It does not allocate.
//
// Rows in the order of keys lie on pages in no order, so that a walk over them spends its time waiting for memory. Here each
// step is taken for the whole group before the next one, which puts many such waits side by side: first the header
// and the slot of each row's page, then the two first lines of each row.
func (v View) GetGroup(g *Group, n int) (got int, err error) {
	v.touchPages(g, n)
	pages := 0
	for ; pages < n && err == nil; pages++ {
		g.Rows[pages], err = v.reader.Page(g.IDs[pages].Page())
	}
	if err != nil {
		pages--
	}
	for got < pages {
		row, failed := v.rowIn(g.Rows[got], g.IDs[got])
		if failed != nil {
			err = failed // it comes before that of a page
			break
		}
		g.Rows[got] = row
		got++
	}
	g.touchRows(got)
	return got, err
}

// touchPages asks memory for the header and the slot of each row's page.
func (v View) touchPages(g *Group, n int) {
	t, ok := v.reader.(Toucher)
	if !ok {
		return
	}
	for i, id := range g.IDs[:n] {
		g.spots[i] = Spot{Page: id.Page(), Off: slotsOff + slotBytes*id.Slot()}
	}
	g.seen += t.Touch(g.spots[:n])
}

// lineBytes is how much of memory comes at once on the processors of today.
const lineBytes = 64

// touchRows asks memory for the first two lines of each row.
func (g *Group) touchRows(n int) {
	for _, row := range g.Rows[:n] {
		if len(row) >= lineBytes+8 {
			g.seen += binary.LittleEndian.Uint64(row) ^ binary.LittleEndian.Uint64(row[lineBytes:])
		}
	}
}
