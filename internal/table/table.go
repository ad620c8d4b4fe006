package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/table/row"
)

// Table is a schema with the memory to write by it. Its rows are in the environment of the transaction it is given.
type Table struct {
	schema  Schema
	rows    string // the name of the rows' sections in the environment
	primary index
	indexes []index
	writing write     // of the one writer
	groups  sync.Pool // of *section.Group, for walks
}

// New returns the table of s. It panics on a schema that makes no sense.
func New(s Schema) *Table {
	invariant.Assert(s.Name != "", "a table needs a name")
	invariant.Assert(s.Fields >= 1 && s.Fields <= FieldsMax, "table %q with %d fields", s.Name, s.Fields)
	s.Primary.Unique = true
	t := &Table{schema: s, rows: s.Name, primary: newIndex(s, s.Primary)}
	t.groups.New = func() any { return new(section.Group) }
	invariant.Assert(!s.Primary.Uint64, "table %q: the primary index is a B+tree", s.Name)
	for _, in := range s.Indexes {
		invariant.Assert(t.find(in.Name) == nil, "table %q: two indexes are called %q", s.Name, in.Name)
		t.indexes = append(t.indexes, newIndex(s, in))
	}
	t.writing = write{table: t, trees: make([]indexTree, len(t.indexes))}
	return t
}

// Put stores a row of fields, in place of the one with the same primary key if there is one.
//
// The fields are copied. They may lie in a page of tx, except those that are part of a key. Errors that refuse the row
// come before anything is written: *DuplicateKeyError, *TooLargeError; others are storage's.
func (t *Table) Put(tx *storage.WriteTx, fields [][]byte) error {
	w := t.startWrite(tx)
	w.makeRow(fields)
	w.makeKeys(fields)
	w.findOld()
	w.checkUnique()
	w.putRow()
	w.putPrimary()
	w.putIndexes()
	return w.done()
}

// Delete removes the row with the primary key. It reports whether there was one.
func (t *Table) Delete(tx *storage.WriteTx, key []byte) (bool, error) {
	if len(key) == 0 || len(key) > KeyBytesMax {
		return false, nil
	}
	w := t.startWrite(tx)
	w.key = key
	w.findOld()
	w.deleteIndexes()
	w.deletePrimary()
	w.deleteRow()
	return w.replaces, w.done()
}

// write is a Put or Delete on its way. Its slices are kept from one to the next, so that a write allocates nothing once warm.
type write struct {
	table   *Table
	rows    *section.Sections
	primary *btree.Tree
	trees   []indexTree // one for each further index
	row     []byte      // the new row
	key     []byte      // its primary key
	joined  []byte      // what the keys in trees lie in, unless they are a caller's field
	id      section.RowID
	idBytes [rowIDBytes]byte // id as the trees hold it
	oldID   section.RowID
	// replaces says that oldID is the row with the same primary key.
	replaces bool
	err      error
}

// indexTree is one index during a write. Exactly one of tree and fixed is set.
type indexTree struct {
	tree     *btree.Tree
	fixed    *btree.FixedTree
	key, old []byte // of the new row and of the replaced one, without the row id behind a repeating key
}

// startWrite opens the trees of t in tx, which makes them on the first write.
func (t *Table) startWrite(tx *storage.WriteTx) *write {
	w := &t.writing
	w.row, w.joined, w.replaces, w.err = w.row[:0], w.joined[:0], false, nil
	w.rows, w.err = tx.WriteSections(t.rows)
	if w.err == nil {
		w.primary, w.err = tx.WriteTree(t.primary.tree)
	}
	for i := range t.indexes {
		if w.err != nil {
			return w
		}
		w.trees[i] = indexTree{}
		if t.indexes[i].Uint64 {
			w.trees[i].fixed, w.err = tx.WriteFixedTree(t.indexes[i].tree, rowIDBytes)
		} else {
			w.trees[i].tree, w.err = tx.WriteTree(t.indexes[i].tree)
		}
	}
	return w
}

// makeRow puts the fields together, before the first write moves the pages in which some may lie.
func (w *write) makeRow(fields [][]byte) {
	if w.err != nil {
		return
	}
	t := w.table
	if len(fields) != t.schema.Fields { // not by Assert, whose arguments would be made for every row
		panic(fmt.Sprintf("BUG: table %q: row with %d fields, want %d", t.schema.Name, len(fields), t.schema.Fields))
	}
	size := row.HeaderBytes
	for _, f := range fields {
		size += len(f) + binary.MaxVarintLen32
	}
	if size > row.BytesMax {
		w.err = &TooLargeError{Table: t.schema.Name, What: "row", Bytes: size, Max: row.BytesMax}
		return
	}
	w.row = row.Append(w.row, t.schema.Kind, fields...)
}

// makeKeys makes the new row's keys.
func (w *write) makeKeys(fields [][]byte) {
	if w.err != nil {
		return
	}
	w.key = w.makeKey(&w.table.primary, fields)
	for i := range w.table.indexes {
		w.trees[i].key = w.makeKey(&w.table.indexes[i], fields)
	}
}

// makeKey returns ix's key of a row with these fields: in place when one field is the key.
func (w *write) makeKey(ix *index, fields [][]byte) []byte {
	key := fields[ix.Fields[0]]
	if len(ix.Fields) > 1 {
		start := len(w.joined)
		for _, f := range ix.Fields {
			w.joined = append(w.joined, fields[f]...)
		}
		key = w.joined[start:len(w.joined):len(w.joined)]
	}
	limit := KeyBytesMax
	if ix.repeats() {
		limit -= rowIDBytes
	}
	if len(key) > limit {
		w.err = &TooLargeError{Table: w.table.schema.Name, What: ix.Name, Bytes: len(key), Max: limit}
	}
	if len(key) == 0 || ix.Uint64 && len(key) != 8 {
		panic(fmt.Sprintf("BUG: table %q: key of %d bytes for the index %q", w.table.schema.Name, len(key), ix.Name))
	}
	return key
}

// findOld looks the primary key up, and takes the keys of the row that stands there.
func (w *write) findOld() {
	if w.err != nil {
		return
	}
	value, ok, err := w.primary.Get(w.key)
	if err != nil || !ok {
		w.err = err
		return
	}
	w.oldID, w.err = w.table.rowID(&w.table.primary, w.key, value)
	if w.err != nil {
		return
	}
	var old Row
	if w.err = w.table.load(w.rows.View, w.oldID, &old); w.err != nil {
		return
	}
	w.replaces = true
	for i := range w.table.indexes {
		w.trees[i].old = w.copyKey(&w.table.indexes[i], &old)
	}
}

// copyKey returns ix's key of a stored row, copied out of its page.
func (w *write) copyKey(ix *index, row *Row) []byte {
	start := len(w.joined)
	w.joined = ix.appendKey(w.joined, row)
	return w.joined[start:len(w.joined):len(w.joined)]
}

// checkUnique refuses a key that another row has in a unique index.
func (w *write) checkUnique() {
	for i := range w.trees {
		ix, t := &w.table.indexes[i], &w.trees[i]
		if w.err != nil {
			return
		}
		if ix.repeats() || w.replaces && bytes.Equal(t.key, t.old) {
			continue
		}
		taken, err := t.has(t.key)
		if err == nil && taken {
			err = &DuplicateKeyError{Table: w.table.schema.Name, Index: ix.Name, Key: bytes.Clone(t.key)}
		}
		w.err = err
	}
}

// putRow writes the row. A replaced row keeps its id when the new one fits its place.
func (w *write) putRow() {
	if w.err != nil {
		return
	}
	if w.replaces {
		w.id, w.err = w.rows.Replace(w.oldID, w.row)
	} else {
		w.id, w.err = w.rows.Insert(w.row)
	}
	if w.err != nil {
		w.err = fmt.Errorf("write row of table %q: %w", w.table.schema.Name, w.err)
	}
	binary.BigEndian.PutUint64(w.idBytes[:], uint64(w.id))
}

func (w *write) putPrimary() {
	if w.err == nil && !(w.replaces && w.id == w.oldID) {
		w.err = w.primary.Put(w.key, w.idBytes[:])
	}
}

// putIndexes brings every index from the old row to the new one.
func (w *write) putIndexes() {
	for i := range w.trees {
		ix, t := &w.table.indexes[i], &w.trees[i]
		same := w.replaces && bytes.Equal(t.key, t.old)
		if w.err != nil || same && w.id == w.oldID {
			continue
		}
		if w.replaces && (!same || ix.repeats()) {
			w.removeEntry(ix, t)
		}
		w.putEntry(ix, t)
	}
}

// putEntry leads t's new key to the new row.
func (w *write) putEntry(ix *index, t *indexTree) {
	if w.err != nil {
		return
	}
	switch {
	case ix.Uint64:
		w.err = t.fixed.Put(binary.BigEndian.Uint64(t.key), w.idBytes[:])
	case ix.Unique:
		w.err = t.tree.Put(t.key, w.idBytes[:])
	default:
		w.err = t.tree.Put(w.repeatingKey(t.key, w.id), nil)
	}
}

// removeEntry takes the old row's entry out of t.
func (w *write) removeEntry(ix *index, t *indexTree) {
	if w.err != nil {
		return
	}
	var found bool
	switch {
	case ix.Uint64:
		found, w.err = t.fixed.Delete(binary.BigEndian.Uint64(t.old))
	case ix.Unique:
		found, w.err = t.tree.Delete(t.old)
	default:
		found, w.err = t.tree.Delete(w.repeatingKey(t.old, w.oldID))
	}
	if w.err == nil && !found {
		w.err = &CorruptIndexError{Table: w.table.schema.Name, Index: ix.Name, Key: bytes.Clone(t.old), Why: "the row's entry is missing"}
	}
}

// repeatingKey is key with the row id behind it.
func (w *write) repeatingKey(key []byte, id section.RowID) []byte {
	start := len(w.joined)
	w.joined = append(w.joined, key...)
	w.joined = binary.BigEndian.AppendUint64(w.joined, uint64(id))
	return w.joined[start:]
}

func (w *write) deleteIndexes() {
	if !w.replaces {
		return
	}
	for i := range w.trees {
		w.removeEntry(&w.table.indexes[i], &w.trees[i])
	}
}

func (w *write) deletePrimary() {
	if w.err == nil && w.replaces {
		_, w.err = w.primary.Delete(w.key)
	}
}

func (w *write) deleteRow() {
	if w.err == nil && w.replaces {
		w.err = w.rows.Delete(w.oldID)
	}
}

// done forgets what belongs to the transaction and the caller, and returns the first error.
func (w *write) done() error {
	w.rows, w.primary, w.key = nil, nil, nil
	clear(w.trees)
	if cap(w.row) > scratchBytesMax {
		w.row = nil
	}
	return w.err
}

// has says whether a unique key is in the index.
func (t *indexTree) has(key []byte) (ok bool, err error) {
	if t.fixed != nil {
		_, ok, err = t.fixed.Get(binary.BigEndian.Uint64(key))
	} else {
		_, ok, err = t.tree.Get(key)
	}
	return ok, err
}
