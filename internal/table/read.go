package table

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Get returns the row with the primary key. It allocates nothing; the row lies in a page.
//
// Errors are *CorruptRowError, *CorruptIndexError, and storage's. The row's own checksum is not verified here: that of
// its page was.
func (t *Table) Get(tx storage.Tx, key []byte) (Row, bool, error) {
	return t.get(tx, &t.primary, key)
}

// GetBy returns the row with the key in a unique index; "" is the primary one. It panics when the index's keys may repeat.
func (t *Table) GetBy(tx storage.Tx, index string, key []byte) (Row, bool, error) {
	ix := t.mustFind(index)
	invariant.Assert(!ix.repeats(), "table %q: GetBy with the repeating index %q", t.schema.Name, index)
	return t.get(tx, ix, key)
}

// Count returns the number of rows, at no cost.
func (t *Table) Count(tx storage.Tx) uint64 {
	tree, ok := tx.Tree(t.primary.tree)
	if !ok {
		return 0
	}
	return tree.Entries()
}

func (t *Table) get(tx storage.Tx, ix *index, key []byte) (row Row, ok bool, err error) {
	value, ok, err := ix.lookup(tx, key)
	if err != nil || !ok {
		return Row{}, false, err
	}
	id, err := t.rowID(ix, key, value)
	if err != nil {
		return Row{}, false, err
	}
	if err := t.load(t.sections(tx), id, &row); err != nil {
		return Row{}, false, err
	}
	return row, true, nil
}

// lookup returns what the unique index holds for key: the bytes of a row id.
func (ix *index) lookup(tx storage.Tx, key []byte) (value []byte, ok bool, err error) {
	if ix.Uint64 {
		invariant.Assert(len(key) == 8, "key of %d bytes for the Uint64 index %q", len(key), ix.Name)
		tree, found := tx.FixedTree(ix.tree)
		if !found {
			return nil, false, nil
		}
		return tree.Get(binary.BigEndian.Uint64(key))
	}
	if len(key) == 0 || len(key) > KeyBytesMax {
		return nil, false, nil // no row can have it
	}
	tree, found := tx.Tree(ix.tree)
	if !found {
		return nil, false, nil
	}
	return tree.Get(key)
}

// sections opens the rows for reading.
func (t *Table) sections(tx storage.Tx) section.View {
	rows, ok := tx.Sections(t.rows)
	if !ok {
		return section.NewView(noRows{table: t.schema.Name}, section.State{})
	}
	return rows
}

// noRows stands for sections that are missing: whoever looks for a row in them follows a damaged index.
type noRows struct{ table string }

// Page implements the reader of sections.
func (n noRows) Page(storage.PageNo) ([]byte, error) {
	return nil, &CorruptRowError{Table: n.table, Why: "the table has indexes, but no rows"}
}

// load sets row to the row called id.
func (t *Table) load(rows section.View, id section.RowID, row *Row) error {
	b, err := rows.Get(id)
	if err != nil {
		return err
	}
	return t.accept(id, b, row)
}

// accept sets row to b, which must be a row of this table.
func (t *Table) accept(id section.RowID, b []byte, row *Row) error {
	why := row.Parse(b)
	if why == "" && row.Kind() != t.schema.Kind {
		why = "a row of another table"
	}
	if why == "" && row.Fields() != t.schema.Fields {
		why = "another number of fields than the table's rows have"
	}
	if why != "" {
		return &CorruptRowError{Table: t.schema.Name, RowID: uint64(id), Why: why}
	}
	return nil
}

// rowID reads the row id that ix holds for key.
func (t *Table) rowID(ix *index, key, value []byte) (section.RowID, error) {
	if len(value) != rowIDBytes {
		return 0, t.noRowID(ix, key)
	}
	return section.RowID(binary.BigEndian.Uint64(value)), nil
}

func (t *Table) noRowID(ix *index, key []byte) error {
	return &CorruptIndexError{Table: t.schema.Name, Index: ix.Name, Key: bytes.Clone(key), Why: "the entry holds no row id"}
}

// appendKey appends ix's key of row to dst, without the row id behind a repeating key.
func (ix *index) appendKey(dst []byte, row *Row) []byte {
	for _, f := range ix.Fields {
		dst = append(dst, row.Field(f)...)
	}
	return dst
}

// find returns the index called name, nil when there is none; "" is the primary one.
func (t *Table) find(name string) *index {
	if name == "" || name == t.primary.Name {
		return &t.primary
	}
	for i := range t.indexes {
		if t.indexes[i].Name == name {
			return &t.indexes[i]
		}
	}
	return nil
}

func (t *Table) mustFind(name string) *index {
	ix := t.find(name)
	invariant.Assert(ix != nil, "table %q has no index %q", t.schema.Name, name)
	return ix
}
