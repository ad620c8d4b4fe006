package storage

import (
	"bytes"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// handle is a structure that a transaction opened to write. Its state goes into the catalog at commit; then the handle
// stays for the next transaction.
type handle struct {
	name     string
	kind     structureKind
	stored   []byte // its catalog value when it was opened; nil when it is new
	tree     *btree.Tree
	fixed    *btree.FixedTree
	sections *section.Sections
}

// WriteTree opens the tree called name to be changed; created when missing. It is valid until the transaction ends.
//
// *NameError, *KindError when the name stands for something else, *CorruptError.
func (tx *WriteTx) WriteTree(name string) (*btree.Tree, error) {
	h, err := tx.w.open(name, structureState{kind: kindTree})
	if err != nil {
		return nil, err
	}
	return h.tree, nil
}

// WriteFixedTree opens the fixed-size tree called name to be changed; created when missing, with values of valueBytes
// bytes each, 0 to btree.FixedValueBytesMax. Errors as of WriteTree; *btree.ValueSizeError when it is there with another size.
func (tx *WriteTx) WriteFixedTree(name string, valueBytes int) (*btree.FixedTree, error) {
	if valueBytes < 0 || valueBytes > btree.FixedValueBytesMax {
		return nil, &btree.ValueSizeError{Bytes: valueBytes, Want: btree.FixedValueBytesMax}
	}
	fresh := structureState{kind: kindFixed, fixed: btree.FixedState{ValueBytes: uint8(valueBytes)}}
	h, err := tx.w.open(name, fresh)
	if err != nil {
		return nil, err
	}
	if found := int(h.fixed.State().ValueBytes); found != valueBytes {
		return nil, &btree.ValueSizeError{Bytes: valueBytes, Want: found}
	}
	return h.fixed, nil
}

// WriteSections opens the section set called name to be changed; created when missing. Errors as of WriteTree.
func (tx *WriteTx) WriteSections(name string) (*section.Sections, error) {
	h, err := tx.w.open(name, structureState{kind: kindSections})
	if err != nil {
		return nil, err
	}
	return h.sections, nil
}

// Drop frees the structure called name with all its pages. A name that stands for nothing is no error.
func (tx *WriteTx) Drop(name string) error {
	if err := tx.settle(); err != nil {
		return err
	}
	s, err := tx.structure(name)
	if err != nil || s == nil {
		return tx.w.stick(err)
	}
	return tx.w.stick(tx.w.dropStructure(name, *s))
}

func (w *writer) dropStructure(name string, s structureState) (err error) {
	switch s.kind {
	case kindTree:
		err = btree.Drop(w, s.tree)
	case kindFixed:
		err = btree.DropFixed(w, s.fixed)
	case kindSections:
		err = section.Drop(w, s.sections)
	}
	if err != nil {
		return err
	}
	w.forget(name)
	_, err = w.catalog.Delete([]byte(name))
	return err
}

// open returns the handle of name, made when this is the first time; fresh is its state when the catalog has none.
func (w *writer) open(name string, fresh structureState) (*handle, error) {
	if len(name) == 0 || len(name) > NameBytesMax {
		return nil, &NameError{Bytes: len(name)}
	}
	h := w.find(name)
	if h == nil {
		var err error
		if h, err = w.openStored(name, fresh); err != nil {
			return nil, err
		}
	}
	if h.kind != fresh.kind {
		return nil, &KindError{Name: name, Want: fresh.kind.String(), Found: h.kind.String()}
	}
	return h, nil
}

func (w *writer) openStored(name string, fresh structureState) (*handle, error) {
	s, found, err := structureOf(w.catalog.View(), name)
	if err != nil {
		return nil, w.stick(err)
	}
	h := &handle{name: name}
	if found {
		h.stored = appendStructure(nil, s)
	} else {
		s = fresh
	}
	h.kind = s.kind
	switch s.kind {
	case kindTree:
		h.tree = btree.New(w, s.tree)
	case kindFixed:
		h.fixed = btree.NewFixed(w, s.fixed)
	case kindSections:
		h.sections = section.New(w, s.sections)
	}
	w.handles = append(w.handles, h)
	return h, nil
}

// find returns the handle of name, nil when there is none. Transactions open a handful; a map would cost more.
func (w *writer) find(name string) *handle {
	for _, h := range w.handles {
		if h.name == name {
			return h
		}
	}
	return nil
}

func (w *writer) forget(name string) {
	for i, h := range w.handles {
		if h.name == name {
			w.handles = append(w.handles[:i], w.handles[i+1:]...)
			return
		}
	}
}

// storeHandles puts the states that changed into the catalog.
func (w *writer) storeHandles() error {
	var room [1 + 128]byte
	for _, h := range w.handles {
		value := appendStructure(room[:0], h.state())
		if bytes.Equal(value, h.stored) {
			continue
		}
		if err := w.catalog.Put([]byte(h.name), value); err != nil {
			return w.stick(err)
		}
		h.stored = append(h.stored[:0], value...)
	}
	return nil
}

func (h *handle) state() structureState {
	s := structureState{kind: h.kind}
	switch h.kind {
	case kindTree:
		s.tree = h.tree.State()
	case kindFixed:
		s.fixed = h.fixed.State()
	case kindSections:
		s.sections = h.sections.State()
	}
	return s
}

func (h *handle) treeView() (btree.View, bool) {
	if h.kind != kindTree {
		return btree.View{}, false
	}
	return h.tree.View(), true
}

func (h *handle) fixedView() (btree.FixedView, bool) {
	if h.kind != kindFixed {
		return btree.FixedView{}, false
	}
	return h.fixed.View(), true
}

func (h *handle) sectionsView() (section.View, bool) {
	if h.kind != kindSections {
		return section.View{}, false
	}
	return h.sections.View, true
}
