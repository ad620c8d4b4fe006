package section

import (
	"bytes"
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// DataPage is a data page read on its own, without the State of the sections that it belongs to: for tools that walk over
// a file page by page. Its methods never panic on bytes that ReadDataPage accepted.
type DataPage struct{ d dataPage }

// ReadDataPage returns p, which lies at page no, as a data page. *CorruptError when it is none.
func ReadDataPage(p []byte, no page.No) (DataPage, error) {
	d, err := checkData(p, no)
	return DataPage{d}, err
}

// Header is the number of the section's header page.
func (p DataPage) Header() page.No { return p.d.header() }

// Slots is how many slots there are, free ones included.
func (p DataPage) Slots() int { return p.d.slotCount() }

// Cell returns what is in a slot: a row, or with run not zero the number of the overflow run that holds it. Not ok when the
// slot is free, or leads out of the page. The row lies in the page.
func (p DataPage) Cell(slot int) (row []byte, run page.No, ok bool) {
	cell, stub, ok := p.d.cell(slot)
	if ok && stub {
		return nil, stubRun(cell), true
	}
	return cell, 0, ok
}

// Remains yields the rest of the page from each place outside of all cells where mark stands: there may be what is left of
// a row that was deleted or moved. mark must not be empty.
func (p DataPage) Remains(mark []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		starts := p.starts()
		for at := page.Lower(p.d); ; at++ {
			next := bytes.Index(p.d[at:], mark)
			if next < 0 {
				return
			}
			at += next
			if starts[at/8]&(1<<(at%8)) == 0 && !p.covers(at) && !yield(p.d[at:]) {
				return
			}
		}
	}
}

// starts has a bit for each byte of the page at which a cell begins.
func (p DataPage) starts() (bits [page.SizeBytes / 8]uint8) {
	for i := range p.Slots() {
		if off, _ := p.d.slot(i); off != 0 && off < page.SizeBytes {
			bits[off/8] |= 1 << (off % 8)
		}
	}
	return bits
}

// covers says whether a cell has the byte at off.
func (p DataPage) covers(off int) bool {
	for i := range p.Slots() {
		start, length := p.d.slot(i)
		if start != 0 && start <= off && off < start+length&^stubBit {
			return true
		}
	}
	return false
}

// ReadHeader returns how many pages the section with header page p at no has, the header included, and how many data pages
// were made: they follow the header, and those after them hold anything. *CorruptError when p is no header.
func ReadHeader(p []byte, no page.No) (pages, made int, err error) {
	h, err := checkHeader(p, no)
	if err != nil {
		return 0, 0, err
	}
	return h.pages(), h.made(), nil
}
