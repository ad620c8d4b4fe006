package section

import (
	"fmt"
	"io"
)

// Dump writes the sections as text, in a stable order: a line for each section, one for each data page with its room, and
// one for each row with its length. It returns the first error.
func Dump(w io.Writer, v View) error {
	s := v.state
	_, err := fmt.Fprintf(w, "sections %d rows %d bytes %d pages %d overflow pages %d active %d\n",
		s.Sections, s.Rows, s.Bytes, s.Pages, s.OverflowPages, s.Active)
	if err != nil {
		return err
	}
	return v.eachSection(func(h headerPage) error {
		_, err := fmt.Fprintf(w, "section %d pages %d made %d list %d\n", h.no(), h.pages(), h.made(), h.listed())
		for i := 0; i < h.made() && err == nil; i++ {
			err = v.dumpPage(w, h, i)
		}
		return err
	})
}

func (v View) dumpPage(w io.Writer, h headerPage, i int) error {
	d, err := readData(v.reader, h.data(i))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "  page %d level %d room %d rows %d slots %d\n", h.data(i), h.levels()[i], d.room(), d.rows(), d.slotCount())
	for slot := 0; slot < d.slotCount() && err == nil; slot++ {
		err = v.dumpRow(w, d, rowID(h.data(i), slot))
	}
	return err
}

func (v View) dumpRow(w io.Writer, d dataPage, id RowID) error {
	cell, stub, ok := d.cell(id.Slot())
	switch {
	case !ok:
		return nil
	case !stub:
		_, err := fmt.Fprintf(w, "    row %v %d bytes\n", id, len(cell))
		return err
	}
	row, err := v.Get(id)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "    row %v %d bytes in run %d\n", id, len(row), stubRun(cell))
	return err
}
