package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Check walks over the whole table and yields everything that is not as Put leaves it: rows that are not what their
// checksum says, entries that lead to no row or to one with another key, rows that an index lacks. It goes on after each.
//
// What trees and sections are made of is storage's to check.
func (t *Table) Check(tx storage.Tx) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{table: t, tx: tx, yield: yield}
		if c.isSound() {
			return
		}
		c.rows()
		c.orphans()
		for i := range t.indexes {
			c.entries(&t.indexes[i])
		}
	}
}

// checker is one run of Check.
type checker struct {
	table   *Table
	tx      storage.Tx
	yield   func(error) bool
	stopped bool
	key     []byte
}

func (c *checker) report(err error) {
	if err != nil && !c.stopped {
		c.stopped = !c.yield(err)
	}
}

// rows takes each row by the primary index, and looks for it in all others.
func (c *checker) rows() {
	ix := &c.table.primary
	for e := range c.walk(ix) {
		row, ok := c.row(ix, e)
		for i := range c.table.indexes {
			if ok {
				c.report(c.hasEntry(&c.table.indexes[i], e.id, &row))
			}
		}
	}
}

// orphans takes each row in the sections, which must have its entry in the primary index.
func (c *checker) orphans() {
	rows, ok := c.tx.Sections(c.table.rows)
	if !ok {
		return
	}
	for r, err := range rows.Rows() {
		if c.stopped {
			return
		}
		var row Row
		if err == nil {
			err = c.table.accept(r.ID, r.Data, &row)
		}
		if err == nil {
			err = c.hasEntry(&c.table.primary, binary.BigEndian.AppendUint64(nil, uint64(r.ID)), &row)
		}
		c.report(err)
	}
}

// entries takes each entry of a further index, which must lead to a row of its key that the primary index has too.
func (c *checker) entries(ix *index) {
	for e := range c.walk(ix) {
		row, ok := c.row(ix, e)
		if ok {
			c.report(c.hasEntry(&c.table.primary, e.id, &row))
		}
	}
}

// row loads and verifies the row of an entry, which must have the entry's key.
func (c *checker) row(ix *index, e entry) (row Row, ok bool) {
	row, err := c.table.follow(c.table.sections(c.tx), ix, e.key, e.id)
	if err == nil {
		err = row.Verify()
	}
	if err != nil {
		c.report(fmt.Errorf("index %q, key %q: %w", ix.Name, e.key, err))
		return row, false
	}
	c.key = ix.appendKey(c.key[:0], &row)
	if !bytes.Equal(c.key, e.key) {
		c.report(c.problem(ix, e.key, fmt.Sprintf("leads to a row whose key is %q", c.key)))
		return row, false
	}
	return row, true
}

// hasEntry looks for the entry of ix that leads to the row called id.
func (c *checker) hasEntry(ix *index, id []byte, row *Row) error {
	c.key = ix.appendKey(c.key[:0], row)
	n := len(c.key)
	if ix.repeats() {
		c.key = append(c.key, id...)
	}
	value, ok, err := ix.lookup(c.tx, c.key)
	switch {
	case err != nil:
		return err
	case !ok:
		return c.problem(ix, c.key[:n], "the row's entry is missing")
	case !ix.repeats() && !bytes.Equal(value, id):
		return c.problem(ix, c.key[:n], "the row's entry leads to another row")
	}
	return nil
}

func (c *checker) problem(ix *index, key []byte, why string) error {
	return &CorruptIndexError{Table: c.table.schema.Name, Index: ix.Name, Key: bytes.Clone(key), Why: why}
}

// isSound says that there is nothing to report. It looks nothing up, which would be most of the time: where each entry of an index
// leads to a row with the entry's key, no two entries lead to one row, and then every row has its entry when there are as many
// entries as rows. What is wrong, if anything, is found by searching.
func (c *checker) isSound() bool {
	rows, sound := 0, true
	if sections, ok := c.tx.Sections(c.table.rows); ok {
		for _, err := range sections.Rows() {
			rows++
			sound = sound && err == nil
		}
	}
	sound = sound && c.isOneToOne(&c.table.primary, rows)
	for i := range c.table.indexes {
		sound = sound && c.isOneToOne(&c.table.indexes[i], rows)
	}
	return sound
}

// isOneToOne says whether ix has so many entries, in rising order, and each leads to a sound row with its key.
func (c *checker) isOneToOne(ix *index, rows int) bool {
	sweep := sweep{checker: c, index: ix, rows: c.table.sections(c.tx)}
	sweep.group = c.table.groups.Get().(*section.Group)
	defer c.table.groups.Put(sweep.group)
	unreported := c.yield
	defer func() { c.yield = unreported }()
	c.yield = func(error) bool { sweep.broken = true; return true } // the walk's own; reported when it is walked again
	for e := range c.walk(ix) {
		if sweep.add(e); sweep.broken {
			return false
		}
	}
	sweep.finish()
	return !sweep.broken && sweep.entries == rows
}

// sweep takes the entries of an index in groups, as rows that are looked up together come several times as fast.
type sweep struct {
	checker *checker
	index   *index
	rows    section.View
	group   *section.Group

	last    []byte // the key, with id where keys repeat, of the entry before
	keys    []byte // of the entries in the group, one behind the other
	ends    [section.GroupMax]int
	n       int // entries in the group
	entries int // in all
	broken  bool
}

func (s *sweep) add(e entry) {
	if len(e.id) != rowIDBytes {
		s.broken = true
		return
	}
	s.checker.key = append(s.checker.key[:0], e.key...)
	if s.index.repeats() {
		s.checker.key = append(s.checker.key, e.id...)
	}
	if s.entries > 0 && bytes.Compare(s.checker.key, s.last) <= 0 {
		s.broken = true
	}
	s.last = append(s.last[:0], s.checker.key...)
	s.keys = append(s.keys, e.key...)
	s.group.IDs[s.n] = section.RowID(binary.BigEndian.Uint64(e.id))
	s.ends[s.n] = len(s.keys)
	s.n++
	s.entries++
	if s.n == s.rows.GroupSize() {
		s.finish()
	}
}

// finish looks at the rows of the group.
func (s *sweep) finish() {
	got, err := s.rows.GetGroup(s.group, s.n)
	s.broken = s.broken || err != nil
	from := 0
	for i, b := range s.group.Rows[:got] {
		var row Row
		if s.checker.table.accept(s.group.IDs[i], b, &row) != nil || row.Verify() != nil {
			s.broken = true
			return
		}
		s.checker.key = s.index.appendKey(s.checker.key[:0], &row)
		if !bytes.Equal(s.checker.key, s.keys[from:s.ends[i]]) {
			s.broken = true
		}
		from = s.ends[i]
	}
	s.n, s.keys = 0, s.keys[:0]
}

// entry is an entry of any index: its key without row id, and the bytes of that.
type entry struct{ key, id []byte }

// walk yields the entries of ix in order, without following them.
func (c *checker) walk(ix *index) iter.Seq[entry] {
	if ix.Uint64 {
		return c.walkFixed(ix)
	}
	return func(yield func(entry) bool) {
		tree, ok := c.tx.Tree(ix.tree)
		if !ok {
			return
		}
		cur := tree.Cursor()
		for ok := cur.First(); ok && !c.stopped; ok = cur.Next() {
			key, id := ix.split(cur.Key(), cur.Value())
			if !yield(entry{key, id}) {
				return
			}
		}
		c.report(cur.Err())
	}
}

func (c *checker) walkFixed(ix *index) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		tree, ok := c.tx.FixedTree(ix.tree)
		if !ok {
			return
		}
		cur := tree.Cursor()
		for ok := cur.First(); ok && !c.stopped; ok = cur.Next() {
			if !yield(entry{binary.BigEndian.AppendUint64(nil, cur.Key()), cur.Value()}) {
				return
			}
		}
		c.report(cur.Err())
	}
}
