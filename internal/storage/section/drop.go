package section

import "github.com/rookerydb/rookery/internal/storage/page"

// Drop frees all pages of the sections with that state, runs of long rows included. The state must not be used again.
//
// Errors: *CorruptError, with some pages freed; those of the verbs. Drop the transaction then.
func Drop(pages Pages, state State) error {
	s := New(pages, state)
	return s.eachSection(func(h headerPage) error {
		for i := range h.made() {
			if err := s.dropRuns(h.data(i)); err != nil {
				return err
			}
		}
		return pages.FreeRun(h.no(), h.pages())
	})
}

// dropRuns frees the runs of the long rows in a data page.
func (s *Sections) dropRuns(no page.No) error {
	if s.state.OverflowPages == 0 {
		return nil // what is left need not be read
	}
	d, err := readData(s.pages, no)
	if err != nil {
		return err
	}
	for slot := range d.slotCount() {
		if cell, stub, ok := d.cell(slot); ok && stub {
			if _, err := s.freeRun(stubRun(cell)); err != nil {
				return err
			}
		}
	}
	return nil
}
