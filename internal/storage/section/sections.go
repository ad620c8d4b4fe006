package section

import (
	"encoding/binary"
	"errors"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// errStop ends a walk early. It never leaves the package.
var errStop = errors.New("stop")

// Sections is a View that can be changed, in a write transaction. After an error from a change, drop the transaction.
//
// Its State after the last change is what has to be kept. Bytes given to Insert and Replace must not lie in pages of the
// same sections: changes move rows.
type Sections struct {
	View
	pages Pages
}

// New returns the sections with that state, to be changed through pages.
func New(pages Pages, state State) *Sections {
	return &Sections{View: NewView(pages, state), pages: pages}
}

// Insert stores row and returns its id. *RowSizeError when it is longer than RowBytesMax; no bytes are a row, too.
func (s *Sections) Insert(row []byte) (RowID, error) {
	id, room, err := s.InsertRoom(len(row))
	if err != nil {
		return 0, err
	}
	copy(room, row)
	return id, nil
}

// InsertRoom is Insert for a caller who writes the n bytes of the row in place. They hold anything at first, and may be
// written until the next change of the sections.
func (s *Sections) InsertRoom(n int) (RowID, []byte, error) {
	if n > RowBytesMax {
		return 0, nil, &RowSizeError{Bytes: n}
	}
	d, err := s.activeFor(cellBytes(n))
	if err != nil {
		return 0, nil, err
	}
	slot, cell, ok := d.place(cellBytes(n))
	if !ok {
		return 0, nil, corrupt(s.state.Active, "room in the page is not where its header says")
	}
	s.state.Rows++
	s.state.Bytes += uint64(n)
	room, err := s.rowRoom(d, slot, cell, n)
	return rowID(s.state.Active, slot), room, err
}

// cellBytes is what a row of n bytes takes in its data page.
func cellBytes(n int) int {
	if n > CellBytesMax {
		return stubBytes
	}
	return n
}

// rowRoom returns where the bytes of a row of n bytes go: its new cell, or a new run to which the cell leads.
func (s *Sections) rowRoom(d dataPage, slot int, cell []byte, n int) ([]byte, error) {
	if n <= CellBytesMax {
		return cell, nil
	}
	no, run, err := s.newRun(d.header(), n)
	if err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint64(cell, uint64(no))
	d.markStub(slot)
	return runRow(run), nil
}

func (s *Sections) newRun(header page.No, n int) (page.No, []byte, error) {
	no, run, err := s.pages.Alloc(page.RunPages(n))
	if err != nil {
		return 0, nil, err
	}
	page.Init(run, no, page.Overflow)
	page.SetOwner(run, uint64(header))
	page.SetOverflowBytes(run, n)
	s.state.OverflowPages += uint64(page.RunPages(n))
	return no, run, nil
}

// freeRun frees the run that a stub leads to, and returns the length of the row in it.
func (s *Sections) freeRun(no page.No) (int, error) {
	run, err := readRun(s.pages, no)
	if err != nil {
		return 0, err
	}
	n := page.OverflowBytes(run)
	s.state.OverflowPages -= uint64(page.RunPages(n))
	if planted.Is(planted.LeakRun) {
		return n, nil
	}
	return n, s.pages.Free(no)
}

// Replace stores row in place of the one called id. The id stays while the row finds room in its page; else the row moves
// and gets the id that is returned, and id names no row. Errors are those of Insert and Get.
func (s *Sections) Replace(id RowID, row []byte) (RowID, error) {
	newID, room, err := s.ReplaceRoom(id, len(row))
	if err != nil {
		return 0, err
	}
	copy(room, row)
	return newID, nil
}

// ReplaceRoom is Replace for a caller who writes the n bytes of the row in place; see InsertRoom.
func (s *Sections) ReplaceRoom(id RowID, n int) (RowID, []byte, error) {
	if n > RowBytesMax {
		return 0, nil, &RowSizeError{Bytes: n}
	}
	d, cell, stub, err := look(s.pages, id)
	if err != nil {
		return 0, nil, err
	}
	if stub && n > CellBytesMax {
		room, ok, err := s.rewriteRun(stubRun(cell), n)
		if ok || err != nil {
			return id, room, err
		}
	}
	if d.resizable(id.Slot(), cellBytes(n)) {
		room, err := s.resize(id, n)
		return id, room, err
	}
	newID, room, err := s.InsertRoom(n)
	if err != nil {
		return 0, nil, err
	}
	return newID, room, s.Delete(id)
}

// rewriteRun gives room for a row of n bytes in the run that has it now; not ok when it takes another number of pages.
func (s *Sections) rewriteRun(no page.No, n int) (room []byte, ok bool, err error) {
	run, err := readRun(s.pages, no)
	if err != nil || page.RunLen(run) != page.RunPages(n) {
		return nil, false, err
	}
	if run, err = s.pages.Copy(no); err != nil {
		return nil, false, err
	}
	s.state.Bytes += uint64(n) - uint64(page.OverflowBytes(run))
	page.SetOverflowBytes(run, n)
	clear(run[page.HeaderBytes+n:])
	return runRow(run), true, nil
}

// resize gives the row called id room for n bytes in the same slot.
func (s *Sections) resize(id RowID, n int) ([]byte, error) {
	d, before, err := s.release(id)
	if err != nil {
		return nil, err
	}
	cell, ok := d.resize(id.Slot(), cellBytes(n))
	if !ok {
		return nil, corrupt(id.Page(), "room in the page is not where its header says")
	}
	s.state.Bytes += uint64(n) - uint64(before)
	room, err := s.rowRoom(d, id.Slot(), cell, n)
	if err != nil {
		return nil, err
	}
	return room, s.noteRoom(id.Page(), d)
}

// release returns the page of a row to be written, with the run of the row freed if it had one, and the row's length.
func (s *Sections) release(id RowID) (dataPage, int, error) {
	_, cell, stub, err := look(s.pages, id)
	if err != nil {
		return nil, 0, err
	}
	n := len(cell)
	if stub {
		if n, err = s.freeRun(stubRun(cell)); err != nil {
			return nil, 0, err
		}
	}
	p, err := s.pages.Copy(id.Page())
	return p, n, err
}

// Delete removes the row called id. Its id may be given to another row later. Pages without rows are used again; a section
// without rows is freed, unless it has the active page. *NoRowError when there is no such row.
func (s *Sections) Delete(id RowID) error {
	d, n, err := s.release(id)
	if err != nil {
		return err
	}
	d.remove(id.Slot())
	s.state.Rows--
	s.state.Bytes -= uint64(n)
	return s.noteRoom(id.Page(), d)
}
