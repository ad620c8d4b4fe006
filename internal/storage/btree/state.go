package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// StateBytes is the length of an encoded State.
const StateBytes = 41

// State is all there is of a tree beside its pages. The zero State is an empty tree.
type State struct {
	Root          page.No // zero when the tree is empty
	Depth         uint8   // levels: 0 for an empty tree, 1 when the root is a leaf
	Entries       uint64
	LeafPages     uint64
	BranchPages   uint64
	OverflowPages uint64 // pages, not runs
}

// depthReason is the reason of the errors about states whose depth does not fit their root.
const depthReason = "tree state has an impossible depth"

// AppendState appends the StateBytes bytes of s: six little-endian numbers in the order of the fields, depth one byte.
func AppendState(dst []byte, s State) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(s.Root))
	dst = append(dst, s.Depth)
	for _, n := range [...]uint64{s.Entries, s.LeafPages, s.BranchPages, s.OverflowPages} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	return dst
}

// DecodeState reads what AppendState wrote and returns the bytes after it. *CorruptError (with page zero) when src is too
// short or its numbers cannot belong together.
func DecodeState(src []byte) (State, []byte, error) {
	if len(src) < StateBytes {
		return State{}, nil, corrupt(0, "tree state is cut short")
	}
	s := State{
		Root:          page.No(binary.LittleEndian.Uint64(src)),
		Depth:         src[8],
		Entries:       binary.LittleEndian.Uint64(src[9:]),
		LeafPages:     binary.LittleEndian.Uint64(src[17:]),
		BranchPages:   binary.LittleEndian.Uint64(src[25:]),
		OverflowPages: binary.LittleEndian.Uint64(src[33:]),
	}
	if (s.Root == 0) != (s.Depth == 0) || s.Depth > depthMax {
		return State{}, nil, corrupt(s.Root, depthReason)
	}
	return s, src[StateBytes:], nil
}
