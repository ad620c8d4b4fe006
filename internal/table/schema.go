package table

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/table/row"
)

// Row is one stored row. It lies in a page: valid until the transaction ends or writes, copy to keep.
type Row = row.Row

// Schema says what the rows of a table are and how they are found.
//
// Name and the names of the indexes make the names of the trees on disk, so they are part of the format.
type Schema struct {
	Name    string
	Kind    uint8 // stands in each row's header; different for each table whose rows a salvage tool has to tell apart
	Fields  int   // in each row, 1 to FieldsMax
	Primary Index // its keys are unique, whatever it says
	Indexes []Index
}

// Index says how one tree finds rows.
type Index struct {
	Name string
	// Fields are the row's fields whose bytes, joined, are the key. All but the last must be of fixed length, or end in a
	// way that no other value continues: the caller sees to it.
	Fields []int
	// Uint64 keeps the keys in a fixed-size tree: one field, 8 bytes, big-endian. Such keys are unique.
	Uint64 bool
	// Unique refuses a second row with the same key. Without it the row id stands behind the key, and rows with
	// equal keys come in the order of their ids.
	Unique bool
}

// index is an Index with what Put needs of it.
type index struct {
	Index
	tree string // its name in the environment
}

// repeats says whether the row id stands behind the key.
func (ix *index) repeats() bool { return !ix.Unique && !ix.Uint64 }

// newIndex checks in and names its tree.
func newIndex(s Schema, in Index) index {
	where := fmt.Sprintf("table %q, index %q", s.Name, in.Name)
	invariant.Assert(in.Name != "", "%s: an index needs a name", where)
	invariant.Assert(len(in.Fields) > 0, "%s: an index needs fields", where)
	invariant.Assert(!in.Uint64 || len(in.Fields) == 1, "%s: a Uint64 index has one field", where)
	for _, f := range in.Fields {
		invariant.Assert(f >= 0 && f < s.Fields, "%s: no field %d", where, f)
	}
	return index{Index: in, tree: s.Name + "." + in.Name}
}
