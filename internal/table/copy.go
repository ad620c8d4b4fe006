package table

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Part copies the table into another environment; see storage.Copy. Rows are copied as they are, and get new ids there.
//
// The rows come first, in the order of one index, the leading one; it is built with them. Then each other index, in its
// own order: an entry leads to its row in the original, the row's leading key to its id in the copy. So nothing has to be
// remembered for each row, however many there are, and every tree is filled in the order of its keys, which leaves full
// pages behind.
func (t *Table) Part() storage.Part {
	p := &copying{table: t, leading: &t.primary}
	for i := range t.indexes {
		if t.indexes[i].Uint64 { // usually the order of writes: rows lie side by side then as they did
			p.leading = &t.indexes[i]
			break
		}
	}
	p.order = append(p.order, p.leading)
	for _, ix := range t.all() {
		if ix != p.leading {
			p.order = append(p.order, ix)
		}
	}
	return p
}

// all returns the indexes, the primary one first.
func (t *Table) all() []*index {
	list := []*index{&t.primary}
	for i := range t.indexes {
		list = append(list, &t.indexes[i])
	}
	return list
}

// copying is the copy of a table on its way.
type copying struct {
	table   *Table
	leading *index
	order   []*index // leading first
	done    int      // so many of order are copied
	last    []byte   // the key of the last entry copied of the next one, as its tree has it; nil: none yet
	key     []byte   // memory for keys
}

// Names implements storage.Part.
func (p *copying) Names() []string {
	names := []string{p.table.rows}
	for _, ix := range p.order {
		names = append(names, ix.tree)
	}
	return names
}

// Entries implements storage.Part.
func (p *copying) Entries(from storage.Tx) (n uint64) {
	for _, ix := range p.order {
		n += ix.entries(from)
	}
	return n
}

// Copy implements storage.Part.
func (p *copying) Copy(b *storage.Batch) (done bool, err error) {
	for p.done < len(p.order) {
		s, err := p.begin(b)
		if err != nil {
			return false, err
		}
		ended, err := s.run()
		if err != nil {
			return false, fmt.Errorf("index %q: %w", s.ix.Name, err)
		}
		if !ended {
			return false, nil
		}
		p.done++
		p.last = nil
	}
	return true, p.compare(b.From)
}

// compare refuses a table whose indexes do not all have as many entries as there are rows: what one of them lacks is not
// in the copy as it should be.
func (p *copying) compare(from storage.Tx) error {
	rows := p.table.sections(from).State().Rows
	for _, ix := range p.order {
		if n := ix.entries(from); n != rows {
			return &CorruptIndexError{Table: p.table.schema.Name, Index: ix.Name, Why: fmt.Sprintf("it has %d entries for %d rows", n, rows)}
		}
	}
	return nil
}

// entries is the number of entries in the index.
func (ix *index) entries(tx storage.Tx) uint64 {
	if ix.Uint64 {
		tree, _ := tx.FixedTree(ix.tree)
		return tree.Entries()
	}
	tree, _ := tx.Tree(ix.tree)
	return tree.Entries()
}

// stretch is the copy of one index within one batch.
type stretch struct {
	*copying
	batch *storage.Batch
	ix    *index
	from  section.View
	to    *section.Sections
	tree  indexTree // of ix in the copy
}

// begin opens what the next index needs. All structures are made with the first batch, also those that stay empty.
func (p *copying) begin(b *storage.Batch) (*stretch, error) {
	s := &stretch{copying: p, batch: b, ix: p.order[p.done], from: p.table.sections(b.From)}
	var err error
	if s.to, err = b.To.WriteSections(p.table.rows); err != nil {
		return nil, err
	}
	if s.ix.Uint64 {
		s.tree.fixed, err = b.To.WriteFixedTree(s.ix.tree, rowIDBytes)
	} else {
		s.tree.tree, err = b.To.WriteTree(s.ix.tree)
	}
	return s, err
}

// run copies until the batch is full, which is not the end, or the index is at its end.
func (s *stretch) run() (ended bool, err error) {
	if s.ix.Uint64 {
		return s.runFixed()
	}
	tree, ok := s.batch.From.Tree(s.ix.tree)
	if !ok {
		return true, nil
	}
	c := tree.Cursor()
	for ok := s.resume(&c); ok; ok = c.Next() {
		own, id := s.ix.split(c.Key(), c.Value())
		if err := s.entry(own, id); err != nil {
			return false, err
		}
		if s.batch.Full() {
			s.last = append(s.last[:0], c.Key()...)
			return false, nil
		}
	}
	return true, c.Err()
}

func (s *stretch) resume(c *btree.Cursor) bool {
	if s.last == nil {
		return c.First()
	}
	return c.Seek(s.last) && c.Next()
}

// runFixed is run for an index that is a fixed-size tree.
func (s *stretch) runFixed() (ended bool, err error) {
	tree, ok := s.batch.From.FixedTree(s.ix.tree)
	if !ok {
		return true, nil
	}
	var key [8]byte
	c := tree.Cursor()
	for ok := s.resumeFixed(&c); ok; ok = c.Next() {
		binary.BigEndian.PutUint64(key[:], c.Key())
		if err := s.entry(key[:], c.Value()); err != nil {
			return false, err
		}
		if s.batch.Full() {
			s.last = append(s.last[:0], key[:]...)
			return false, nil
		}
	}
	return true, c.Err()
}

func (s *stretch) resumeFixed(c *btree.FixedCursor) bool {
	if s.last == nil {
		return c.First()
	}
	return c.Seek(binary.BigEndian.Uint64(s.last)) && c.Next()
}

// entry copies the entry of key, which leads to the row called id in the original.
func (s *stretch) entry(key, id []byte) error {
	row, err := s.table.follow(s.from, s.ix, key, id)
	if err != nil {
		return err
	}
	if s.key = s.ix.appendKey(s.key[:0], &row); !bytes.Equal(s.key, key) {
		return s.corrupt(key, "leads to a row of another key")
	}
	var rowID section.RowID
	if s.ix == s.leading {
		rowID, err = s.copyRow(&row)
	} else {
		rowID, err = s.copied(&row)
	}
	if err != nil {
		return err
	}
	s.batch.Count()
	return s.put(key, rowID)
}

// copyRow stores the row.
func (s *stretch) copyRow(row *Row) (section.RowID, error) {
	if err := row.Verify(); err != nil {
		return 0, err
	}
	return s.to.Insert(row.Bytes())
}

// copied returns the id that the row got when it was stored.
func (s *stretch) copied(row *Row) (section.RowID, error) {
	s.key = s.leading.appendKey(s.key[:0], row)
	value, ok, err := s.leading.lookup(s.batch.To, s.key)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, s.corrupt(s.key, "leads to a row that the leading index does not have")
	}
	return s.table.rowID(s.leading, s.key, value)
}

// put makes the copy's entry.
func (s *stretch) put(key []byte, id section.RowID) error {
	var idBytes [rowIDBytes]byte
	binary.BigEndian.PutUint64(idBytes[:], uint64(id))
	switch {
	case s.ix.Uint64:
		return s.tree.fixed.Put(binary.BigEndian.Uint64(key), idBytes[:])
	case s.ix.Unique:
		return s.tree.tree.Put(key, idBytes[:])
	default:
		s.key = append(append(s.key[:0], key...), idBytes[:]...)
		return s.tree.tree.Put(s.key, nil)
	}
}

func (s *stretch) corrupt(key []byte, why string) error {
	return &CorruptIndexError{Table: s.table.schema.Name, Index: s.ix.Name, Key: bytes.Clone(key), Why: why}
}
