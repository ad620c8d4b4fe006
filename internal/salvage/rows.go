package salvage

import (
	"bytes"
	"strconv"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/table/row"
)

// rows takes the rows in the slots of a data page, then what is left of others between them.
func (s *scan) rows(no page.No, data []byte, use use) error {
	p, err := section.ReadDataPage(data, no)
	if err != nil {
		s.report.Rows.Malformed++
		return nil // a sound checksum over nonsense: counted
	}
	for slot := range p.Slots() {
		cell, run, ok := p.Cell(slot)
		switch {
		case !ok:
		case run != 0:
			if use != unused {
				s.runs.wanted(run, no)
			}
		default:
			if err := s.row(no, cell, use); err != nil {
				return err
			}
		}
	}
	for rest := range p.Remains([]byte(row.Mark)) {
		r, _, err := row.Decode(rest)
		if err != nil {
			continue // the mark alone is left, or a part of the row
		}
		if err := s.take(no, &r, unused); err != nil {
			return err
		}
	}
	return nil
}

// row takes one cell, which should be one row.
func (s *scan) row(no page.No, cell []byte, use use) error {
	r, rest, err := row.Decode(cell)
	if err != nil || len(rest) > 0 {
		if bytes.HasPrefix(cell, []byte(row.Mark)) && use != unused {
			s.report.Rows.Malformed++
			s.report.damagedValue(ValueDamage{ID: idOf(cell), Page: no, Reason: "the row is not what its checksum says"})
		}
		return nil // rows of something that is no table
	}
	return s.take(no, &r, use)
}

// longRow takes a sound run, which may hold one row, or a long value of a tree.
func (s *scan) longRow(no page.No, run []byte, use use) error {
	value := page.Payload(run)[:page.OverflowBytes(run)]
	if !bytes.HasPrefix(value, []byte(row.Mark)) {
		return nil
	}
	s.runs.has(no)
	return s.row(no, value, use)
}

// take counts a row, and hands it on when it is a document's or tombstone's.
func (s *scan) take(no page.No, r *row.Row, use use) error {
	switch r.Kind() {
	case docrow.DocumentKind:
		s.report.Rows.Documents.add(r.FieldBytes())
	case docrow.TombstoneKind:
		s.report.Rows.Tombstones.add(r.FieldBytes())
	default:
		if s.report.Rows.Unknown == nil {
			s.report.Rows.Unknown = map[string]Count{}
		}
		kind := strconv.Itoa(int(r.Kind()))
		count := s.report.Rows.Unknown[kind]
		count.add(r.FieldBytes())
		s.report.Rows.Unknown[kind] = count
		return nil
	}
	if why := s.problem(r); why != "" {
		s.report.Rows.Malformed++
		s.report.damagedValue(ValueDamage{ID: idOf(r.Bytes()), Page: no, Reason: why})
		return nil
	}
	s.ordinal++
	return s.found(found{ordinal: s.ordinal - 1, page: no, row: r, use: use})
}

// problem says why a row with a sound checksum is no document or tombstone, or "".
func (s *scan) problem(r *row.Row) string {
	fields := docrow.DocumentFields
	if r.Kind() == docrow.TombstoneKind {
		fields = docrow.TombstoneFields
	}
	if r.Fields() != fields {
		return "it has " + strconv.Itoa(r.Fields()) + " fields, not " + strconv.Itoa(fields)
	}
	return docrow.Problem(r)
}

// idOf returns what stands where a row should have its document's id, or "".
func idOf(src []byte) string {
	id, _ := seemingID(src)
	return id
}

// seemingID returns the id in the row that src begins with, of which nothing is proven and the end may be missing; not ok when
// it looks like no id.
func seemingID(src []byte) (id string, ok bool) {
	b, ok := row.PeekField(src, docrow.FieldID)
	if !ok || len(b) == 0 || len(b) > docrow.IDBytesMax || docrow.IDProblem(string(b)) != "" {
		return "", false
	}
	return string(b), true
}
