package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// FixedStateBytes is the length of an encoded FixedState.
const FixedStateBytes = StateBytes + 1

// FixedState is all there is of a fixed-size tree beside its pages. With Root zero it is an empty tree.
type FixedState struct {
	State            // OverflowPages is always zero
	ValueBytes uint8 // length of each value, 0..FixedValueBytesMax; never changes
}

// AppendFixedState appends the FixedStateBytes bytes of s: those of AppendState, then the length of values.
func AppendFixedState(dst []byte, s FixedState) []byte {
	return append(AppendState(dst, s.State), s.ValueBytes)
}

// DecodeFixedState reads what AppendFixedState wrote and returns the bytes after it. *CorruptError (with page zero) when
// src is too short or its numbers cannot belong together.
func DecodeFixedState(src []byte) (FixedState, []byte, error) {
	s, rest, err := DecodeState(src)
	if err != nil {
		return FixedState{}, nil, err
	}
	if len(rest) == 0 || rest[0] > FixedValueBytesMax {
		return FixedState{}, nil, corrupt(s.Root, "fixed-size tree state has no length of values")
	}
	return FixedState{State: s, ValueBytes: rest[0]}, rest[1:], nil
}

// FixedView reads a fixed-size tree as it was in one snapshot. It is a small value; copy it freely.
type FixedView struct {
	pages Reader
	state FixedState
}

// NewFixedView returns the tree with that state, read from pages.
func NewFixedView(pages Reader, state FixedState) FixedView {
	return FixedView{pages: pages, state: state}
}

// State returns what the view was made with.
func (v FixedView) State() FixedState { return v.state }

// Entries returns the number of entries, as counted by the state.
func (v FixedView) Entries() uint64 { return v.state.Entries }

// Get returns the value of key; ok is false when there is none. It does not allocate. Validity of the bytes and errors
// are as with View.Get.
func (v FixedView) Get(key uint64) (value []byte, ok bool, err error) {
	no := v.state.Root
	if no == 0 {
		return nil, false, nil
	}
	for height := int(v.state.Depth) - 1; height > 0; height-- {
		n, err := v.load(no, page.FixedBranch)
		if err != nil {
			return nil, false, err
		}
		no = n.child(n.childFor(key))
	}
	n, err := v.load(no, page.FixedLeaf)
	if err != nil {
		return nil, false, err
	}
	i, found := n.search(0, key)
	if !found {
		return nil, false, nil
	}
	return n.value(i), true, nil
}

func (v FixedView) load(no page.No, kind page.Kind) (fixedNode, error) {
	return loadFixed(v.pages, no, kind, int(v.state.ValueBytes))
}
