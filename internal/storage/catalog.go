package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// The catalog is a tree from names to structures: a byte for the kind, then the state as the structure encodes it.

// structureKind says what a name in the catalog stands for. The numbers are part of the file format.
type structureKind uint8

const (
	kindTree     structureKind = 1
	kindFixed    structureKind = 2
	kindSections structureKind = 3
)

// String returns the kind in lower-case words.
func (k structureKind) String() string {
	switch k {
	case kindTree:
		return "tree"
	case kindFixed:
		return "fixed-size tree"
	case kindSections:
		return "section set"
	default:
		return "unknown structure"
	}
}

// structureState is a decoded catalog value; the field of its kind is set.
type structureState struct {
	kind     structureKind
	tree     btree.State
	fixed    btree.FixedState
	sections section.State
}

const badCatalogValue = damage("the catalog has a value that makes no sense")

// decodeStructure reads a catalog value.
func decodeStructure(value []byte) (s structureState, err error) {
	if len(value) == 0 {
		return s, badCatalogValue
	}
	s.kind = structureKind(value[0])
	var rest []byte
	switch s.kind {
	case kindTree:
		s.tree, rest, err = btree.DecodeState(value[1:])
	case kindFixed:
		s.fixed, rest, err = btree.DecodeFixedState(value[1:])
	case kindSections:
		s.sections, rest, err = section.DecodeState(value[1:])
	default:
		return s, badCatalogValue
	}
	if err == nil && len(rest) > 0 {
		err = badCatalogValue
	}
	return s, err
}

// appendStructure appends the catalog value of s.
func appendStructure(dst []byte, s structureState) []byte {
	dst = append(dst, byte(s.kind))
	switch s.kind {
	case kindTree:
		return btree.AppendState(dst, s.tree)
	case kindFixed:
		return btree.AppendFixedState(dst, s.fixed)
	default:
		return section.AppendState(dst, s.sections)
	}
}

// structureOf looks name up. found is false when the name stands for nothing.
func structureOf(catalog btree.View, name string) (s structureState, found bool, err error) {
	var key [NameBytesMax]byte
	if len(name) == 0 || len(name) > NameBytesMax {
		return s, false, nil
	}
	value, found, err := catalog.Get(key[:copy(key[:], name)])
	if err != nil || !found {
		return s, false, err
	}
	if s, err = decodeStructure(value); err != nil {
		return s, false, &CorruptError{File: dataName, Err: err}
	}
	return s, true, nil
}

// damagedReader gives the same error for every page: it makes a view of a structure that the catalog could not tell of.
type damagedReader struct{ err error }

func (r damagedReader) Page(PageNo) ([]byte, error) { return nil, r.err }

// damagedState leads a view to its reader at once.
var damagedState = btree.State{Root: 1, Depth: 1}

func treeIn(tx Tx, name string) (btree.View, bool) {
	s, err := tx.structure(name)
	if err != nil {
		return btree.NewView(damagedReader{err}, damagedState), true
	}
	if s == nil || s.kind != kindTree {
		return btree.View{}, false
	}
	return btree.NewView(tx.pageReader(), s.tree), true
}

func fixedTreeIn(tx Tx, name string) (btree.FixedView, bool) {
	s, err := tx.structure(name)
	if err != nil {
		return btree.NewFixedView(damagedReader{err}, btree.FixedState{State: damagedState}), true
	}
	if s == nil || s.kind != kindFixed {
		return btree.FixedView{}, false
	}
	return btree.NewFixedView(tx.pageReader(), s.fixed), true
}

func sectionsIn(tx Tx, name string) (section.View, bool) {
	s, err := tx.structure(name)
	if err != nil {
		return section.NewView(damagedReader{err}, section.State{First: 1, Active: 1, Sections: 1}), true
	}
	if s == nil || s.kind != kindSections {
		return section.View{}, false
	}
	return section.NewView(tx.pageReader(), s.sections), true
}

func namesIn(tx Tx) iter.Seq[string] {
	return func(yield func(string) bool) {
		c := tx.catalogView().Cursor()
		for ok := c.First(); ok; ok = c.Next() {
			if !yield(string(c.Key())) {
				return
			}
		}
	}
}
