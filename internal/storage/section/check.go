package section

import (
	"iter"
	"maps"
	"slices"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Check walks all sections and yields every problem as a *CorruptError, or the error of a page that cannot be read.
//
// It calls visit (if not nil) once for each run of pages that it reaches: the number and length in pages of each section,
// pages not made included, and of the overflow run of each long row. Slots, cells, levels, lists and the counts of the state are checked.
func Check(v View, visit func(no page.No, pages int)) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{view: v, visit: visit, yield: yield, best: map[page.No]uint8{}}
		c.sections()
		for list := range v.state.Room {
			c.list(uint8(list) + someRoom)
		}
		c.compareCounts()
	}
}

// checker is one run of Check.
type checker struct {
	view    View
	visit   func(no page.No, pages int)
	yield   func(error) bool
	stopped bool              // the consumer wants no more
	damaged bool              // something was not walked, so counts say nothing
	best    map[page.No]uint8 // sections not yet met in the list that they must be in, with its level
	found   State
}

func (c *checker) problem(err error) {
	c.damaged = true
	if !c.stopped {
		c.stopped = !c.yield(err)
	}
}

// expect reports the reason unless ok.
func (c *checker) expect(ok bool, no page.No, reason string) {
	if !ok {
		c.problem(corrupt(no, reason))
	}
}

func (c *checker) reached(no page.No, pages int) {
	if c.visit != nil {
		c.visit(no, pages)
	}
}

// sections walks the list of all sections.
func (c *checker) sections() {
	before := page.No(0)
	c.found.First, c.found.Room = c.view.state.First, c.view.state.Room
	for no := c.view.state.First; no != 0 && !c.stopped; {
		next := page.No(0)
		page.Within(c.view.reader, func() { next = c.listed(no, before) })
		before, no = no, next
	}
}

// listed checks section no, which stands behind section before in the list, and returns the next; zero when there is none or
// it cannot be told.
func (c *checker) listed(no, before page.No) (next page.No) {
	if _, again := c.best[no]; again {
		c.problem(corrupt(no, "the list of sections is a ring"))
		return 0
	}
	h, err := readHeader(c.view.reader, no)
	if err != nil {
		c.problem(err)
		return 0
	}
	c.expect(h.no() == no && page.Owner(h) == uint64(no), no, "header of another section")
	c.expect(h.link(previousOff) == before, no, "the section before does not lead here")
	c.best[no] = h.best()
	c.section(h, no)
	return h.link(nextOff)
}

func (c *checker) section(h headerPage, no page.No) {
	c.reached(no, h.pages())
	c.found.Sections++
	c.found.Pages += uint64(h.pages())
	for i := range h.made() {
		page.Within(c.view.reader, func() { c.data(h, no, i) })
	}
	c.expect(!slices.ContainsFunc(h[levelsOff+h.made():levelsOff+SectionPagesMax-1], notZero), no, "levels of pages that are not made")
	c.expect(h.made() > 0 && !h.empty(), no, "a section without rows")
}

func notZero(b byte) bool { return b != 0 }

func (c *checker) data(h headerPage, header page.No, i int) {
	no := header + 1 + page.No(i)
	d, err := readData(c.view.reader, no)
	if err != nil {
		c.problem(err)
		return
	}
	c.expect(page.Number(d) == no && d.header() == header, no, "data page of another section")
	if no == c.view.state.Active {
		c.found.Active = no
		c.expect(h.levels()[i] == noRoom, no, "the active page is offered to others")
	} else {
		c.expect(h.levels()[i] == d.level(), no, "the header has another level of room")
	}
	c.cells(d, no)
	c.freeSlots(d, no)
}

// cells checks that the rows of a page are where they may be and beside each other.
func (c *checker) cells(d dataPage, no page.No) {
	var spans [][2]int
	rows, bytes := 0, 0
	for slot := range d.slotCount() {
		if off, _ := d.slot(slot); off == 0 {
			continue
		}
		cell, stub, ok := d.cell(slot)
		if !ok {
			c.problem(corrupt(no, "a cell leaves the page"))
			continue
		}
		if off, _ := d.slot(slot); len(cell) > 0 {
			spans = append(spans, [2]int{off, off + len(cell)})
		}
		rows++
		bytes += len(cell)
		c.row(d, no, cell, stub)
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	for i := 1; i < len(spans); i++ {
		c.expect(spans[i-1][1] <= spans[i][0], no, "two cells overlap")
	}
	c.expect(rows == d.rows(), no, "the count of rows is wrong")
	c.expect(page.SizeBytes-page.Upper(d) == bytes+page.Dead(d), no, "the count of dead bytes is wrong")
}

func (c *checker) row(d dataPage, no page.No, cell []byte, stub bool) {
	c.found.Rows++
	if !stub {
		c.found.Bytes += uint64(len(cell))
		c.expect(len(cell) <= CellBytesMax, no, "a long row lies in the page")
		return
	}
	runNo := stubRun(cell)
	run, err := readRun(c.view.reader, runNo)
	if err != nil {
		c.problem(err)
		return
	}
	n := page.OverflowBytes(run)
	c.reached(runNo, page.RunPages(n))
	c.found.Bytes += uint64(n)
	c.found.OverflowPages += uint64(page.RunPages(n))
	c.expect(page.Number(run) == runNo && page.No(page.Owner(run)) == d.header(), runNo, "run of a row in another section")
	c.expect(n > CellBytesMax, runNo, "run of a row that is short")
}

// freeSlots checks that the chain has each free slot once.
func (c *checker) freeSlots(d dataPage, no page.No) {
	next := d.firstFree()
	for range d.slotCount() - min(d.rows(), d.slotCount()) {
		if next == 0 || next > d.slotCount() {
			c.problem(corrupt(no, "a free slot is not in the chain"))
			return
		}
		off := 0
		off, next = d.slot(next - 1)
		if off != 0 {
			c.problem(corrupt(no, "a slot in the chain is not free"))
			return
		}
	}
	c.expect(next == 0, no, "the chain of free slots does not end")
}

// list walks the list of the sections with that level of room.
func (c *checker) list(level uint8) {
	before := page.No(0)
	for no := c.view.state.Room[level-someRoom]; no != 0 && !c.stopped; {
		next := page.No(0)
		page.Within(c.view.reader, func() { next = c.listedWithRoom(no, before, level) })
		before, no = no, next
	}
}

// listedWithRoom is listed for the list of the sections with that level of room.
func (c *checker) listedWithRoom(no, before page.No, level uint8) (next page.No) {
	best, known := c.best[no]
	if !known {
		c.problem(corrupt(no, "listed more than once, or not a section at all"))
		return 0
	}
	delete(c.best, no)
	h, err := readHeader(c.view.reader, no)
	if err != nil {
		c.problem(err)
		return 0
	}
	c.expect(best == level && h.listed() == level, no, "in the list of another level of room")
	c.expect(h.link(prevRoomOff) == before, no, "the section before in the list does not lead here")
	return h.link(nextRoomOff)
}

func (c *checker) compareCounts() {
	if c.stopped {
		return
	}
	for _, no := range slices.Sorted(maps.Keys(c.best)) { // those that no list had
		best := c.best[no]
		h, err := readHeader(c.view.reader, no) // one page a section
		c.expect(err == nil && best == noRoom && h.listed() == noRoom, no, "has room and is in no list")
	}
	if !c.damaged {
		c.expect(c.found == c.view.state, 0, "the counts of the state are wrong")
	}
}
