package table

import (
	"bytes"
	"encoding/binary"
	"iter"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Ascend yields the rows in the order of an index ("" is the primary one), beginning with the first whose key is not
// below from; nil begins with the first of all. Rows lie in pages. The sequence ends at its first error.
//
// In a write transaction the table must not be changed while the sequence runs.
func (t *Table) Ascend(tx storage.Tx, index string, from []byte) iter.Seq2[Row, error] {
	return t.scan(tx, t.mustFind(index), scan{from: from})
}

// AscendPrefix is Ascend over the rows whose keys begin with prefix.
func (t *Table) AscendPrefix(tx storage.Tx, index string, prefix []byte) iter.Seq2[Row, error] {
	ix := t.mustFind(index)
	invariant.Assert(!ix.Uint64, "table %q: prefix of a number in index %q", t.schema.Name, index)
	return t.scan(tx, ix, scan{from: prefix, prefix: prefix})
}

// Descend yields the rows in the falling order of an index, beginning with the last whose key is not above from; nil begins
// with the last of all. In an index whose keys repeat, all rows whose key is from are among them. Else it is like Ascend.
func (t *Table) Descend(tx storage.Tx, index string, from []byte) iter.Seq2[Row, error] {
	return t.scan(tx, t.mustFind(index), scan{from: from, falling: true})
}

// scan says which entries of an index to walk over, and which way.
type scan struct {
	from    []byte // nil: from the end where the walk begins
	prefix  []byte // of all keys; never of a Uint64 index
	falling bool
}

func (t *Table) scan(tx storage.Tx, ix *index, s scan) iter.Seq2[Row, error] {
	if ix.Uint64 {
		return t.scanFixed(tx, ix, s)
	}
	return t.scanTree(tx, ix, s)
}

// scanTree yields the rows to which a B+tree leads.
func (t *Table) scanTree(tx storage.Tx, ix *index, s scan) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		tree, ok := tx.Tree(ix.tree)
		if !ok {
			return
		}
		c := tree.Cursor()
		more := s.begin(ix, &c)
		var entries [section.GroupMax]btree.Pair
		t.each(t.sections(tx), yield, func(ids []section.RowID) (n int, err error) {
			for n < len(ids) && more {
				for _, e := range entries[:c.Group(entries[:len(ids)-n], s.by())] {
					key, value := ix.split(e.Key, e.Value)
					if len(s.prefix) > 0 && !bytes.HasPrefix(key, s.prefix) {
						more = false
						return n, nil
					}
					if ids[n], err = t.rowID(ix, key, value); err != nil {
						return n, err
					}
					n++
				}
				more = s.step(&c)
			}
			return n, c.Err()
		})
	}
}

// by is the direction of the walk.
func (s *scan) by() int {
	if s.falling {
		return -1
	}
	return 1
}

// begin places c on the first entry of the walk.
func (s *scan) begin(ix *index, c *btree.Cursor) bool {
	switch {
	case s.falling && s.from == nil:
		return c.Last()
	case s.falling:
		return s.beginFalling(ix, c)
	case len(s.from) == 0:
		return c.First()
	}
	return c.Seek(s.from)
}

// beginFalling places c on the last entry whose key is not above from.
func (s *scan) beginFalling(ix *index, c *btree.Cursor) bool {
	last := s.from
	if ix.repeats() {
		last = append(bytes.Clone(s.from), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // above every row id
	}
	if c.Seek(last) && bytes.Equal(c.Key(), last) {
		return true
	}
	return c.Err() == nil && c.Prev()
}

func (s *scan) step(c *btree.Cursor) bool {
	if s.falling {
		return c.Prev()
	}
	return c.Next()
}

// split tells an entry's key from the row id, which stands behind it or in the value.
func (ix *index) split(key, value []byte) (ownKey, id []byte) {
	if !ix.repeats() || len(key) < rowIDBytes {
		return key, value
	}
	return key[:len(key)-rowIDBytes], key[len(key)-rowIDBytes:]
}

// scanFixed yields the rows to which a fixed-size tree leads.
func (t *Table) scanFixed(tx storage.Tx, ix *index, s scan) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		tree, ok := tx.FixedTree(ix.tree)
		if !ok {
			return
		}
		c := tree.Cursor()
		more := s.beginFixed(&c)
		t.each(t.sections(tx), yield, func(ids []section.RowID) (n int, err error) {
			for ; n < len(ids) && more; more = s.stepFixed(&c) {
				value := c.Value()
				if len(value) != rowIDBytes {
					return n, t.noRowID(ix, binary.BigEndian.AppendUint64(nil, c.Key()))
				}
				ids[n] = section.RowID(binary.BigEndian.Uint64(value))
				n++
			}
			return n, c.Err()
		})
	}
}

// beginFixed places c on the first entry of the walk.
func (s *scan) beginFixed(c *btree.FixedCursor) bool {
	if s.from == nil {
		if s.falling {
			return c.Last()
		}
		return c.First()
	}
	from := binary.BigEndian.Uint64(s.from)
	found := c.Seek(from)
	if !s.falling || found && c.Key() == from {
		return found
	}
	return c.Err() == nil && c.Prev()
}

func (s *scan) stepFixed(c *btree.FixedCursor) bool {
	if s.falling {
		return c.Prev()
	}
	return c.Next()
}

// follow returns the row to which an entry of ix leads.
func (t *Table) follow(rows section.View, ix *index, key, value []byte) (row Row, err error) {
	id, err := t.rowID(ix, key, value)
	if err == nil {
		err = t.load(rows, id, &row)
	}
	return row, err
}
