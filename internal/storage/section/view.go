package section

import (
	"encoding/binary"
	"errors"
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// View reads rows as they were in one snapshot. It is a small value; copy it freely. Views of one snapshot may be used by
// several goroutines if its Reader may.
type View struct {
	reader Reader // of all pages; for Sections, their Pages
	state  State
}

// NewView returns the sections with that state, read from pages.
func NewView(pages Reader, state State) View { return View{reader: pages, state: state} }

// State returns the state that the view was made with; of Sections, the one after the last change.
func (v View) State() State { return v.state }

// Get returns the row called id. It does not allocate.
//
// The bytes lie in a page: valid until the snapshot closes, in a write transaction until the next change of the sections.
// *NoRowError when there is no such row, *CorruptError when a page on the way makes no sense.
func (v View) Get(id RowID) ([]byte, error) {
	p, err := v.reader.Page(id.Page())
	if err != nil {
		return nil, err
	}
	return v.rowIn(p, id)
}

// rowIn returns the row called id from its page.
func (v View) rowIn(p []byte, id RowID) ([]byte, error) {
	d, err := checkData(p, id.Page())
	if err != nil {
		return nil, err
	}
	cell, stub, ok := d.cell(id.Slot())
	if !ok {
		return nil, &NoRowError{ID: id}
	}
	if !stub {
		return cell, nil
	}
	run, err := readRun(v.reader, stubRun(cell))
	if err != nil {
		return nil, err
	}
	return runRow(run), nil
}

// look returns the page of a row, and its cell there.
func look(pages Reader, id RowID) (d dataPage, cell []byte, stub bool, err error) {
	if d, err = readData(pages, id.Page()); err != nil {
		return nil, nil, false, err
	}
	cell, stub, ok := d.cell(id.Slot())
	if !ok {
		return nil, nil, false, &NoRowError{ID: id}
	}
	return d, cell, stub, nil
}

func readData(pages Reader, no page.No) (dataPage, error) {
	p, err := pages.Page(no)
	if err != nil {
		return nil, err
	}
	return checkData(p, no)
}

func readHeader(pages Reader, no page.No) (headerPage, error) {
	p, err := pages.Page(no)
	if err != nil {
		return nil, err
	}
	return checkHeader(p, no)
}

// readRun returns the overflow run of a row.
func readRun(pages Reader, no page.No) ([]byte, error) {
	p, err := pages.Page(no)
	if err != nil {
		return nil, err
	}
	return p, checkRun(p, no)
}

func checkRun(p []byte, no page.No) error {
	if len(p) < page.SizeBytes || page.KindOf(p) != page.Overflow || len(p) < page.HeaderBytes+page.OverflowBytes(p) {
		return corrupt(no, "not the overflow run of a row")
	}
	return nil
}

// stubRun is the number of the run that a stub leads to.
func stubRun(cell []byte) page.No { return page.No(binary.LittleEndian.Uint64(cell)) }

// runRow is the row in its run.
func runRow(run []byte) []byte {
	end := page.HeaderBytes + page.OverflowBytes(run)
	return run[page.HeaderBytes:end:end]
}

// Row is a row with its id.
type Row struct {
	ID   RowID
	Data []byte // lies in a page; see Get
}

// Rows yields all rows, each once, in no order that means anything: page by page, newer sections first. It ends at its
// first error: *CorruptError, or that of a page that cannot be read. The sections must not be changed meanwhile.
func (v View) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := v.eachSection(func(h headerPage) error {
			for i := range h.made() {
				if err := v.pageRows(h.data(i), yield); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Row{}, err)
		}
	}
}

// pageRows yields the rows of one page; errStop when nobody wants more.
func (v View) pageRows(no page.No, yield func(Row, error) bool) error {
	d, err := readData(v.reader, no)
	if err != nil {
		return err
	}
	for slot := range d.slotCount() {
		if off, _ := d.slot(slot); off == 0 {
			continue
		}
		id := rowID(no, slot)
		row, err := v.Get(id)
		if err != nil {
			return err
		}
		if !yield(Row{ID: id, Data: row}, nil) {
			return errStop
		}
	}
	return nil
}

// eachSection calls fn with each header, until one returns an error. It ends though the list be a ring.
func (v View) eachSection(fn func(h headerPage) error) error {
	no := v.state.First
	for range v.state.Sections {
		if no == 0 {
			break
		}
		h, err := readHeader(v.reader, no)
		if err != nil {
			return err
		}
		no = h.link(nextOff) // before fn, which may free the page
		if err := fn(h); err != nil {
			return err
		}
	}
	return nil
}
