package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Fan-out of the page table: 64 children a node keep a copied node near half a kilobyte, and the tree shallow.
const (
	tableBits = 6
	tableFan  = 1 << tableBits
	tableMask = tableFan - 1
)

// table maps page numbers to the versions that are not in the data file. The zero table is empty.
//
// It is an immutable radix tree, copied along the path of a change as in Clojure's vectors (Bagwell, Ideal Hash Trees).
// A change names its owner: nodes that the same owner made are changed in place, so that a transaction copies each node
// once. Once published, no owner of a table is used again.
type table struct {
	root   *tableNode
	height uint8 // levels of nodes above the leaves, 1 or more when root is set
}

// owner is the right to change nodes in place. Zero is nobody.
type owner uint64

// tableNode has nodes below it, or leaves when it stands just above them.
type tableNode struct {
	owner  owner
	used   int // children that are set
	nodes  [tableFan]*tableNode
	leaves [tableFan]*tableLeaf
}

type tableLeaf struct {
	owner   owner
	used    int
	buffers [tableFan]*buffer
}

// get returns the version of page no, nil when the data file has the newest.
func (t table) get(no page.No) *buffer {
	n := t.root
	if n == nil || uint64(no)>>(tableBits*(uint(t.height)+1)) != 0 {
		return nil
	}
	for h := uint(t.height); h > 1; h-- {
		if n = n.nodes[no>>(tableBits*h)&tableMask]; n == nil {
			return nil
		}
	}
	leaf := n.leaves[no>>tableBits&tableMask]
	if leaf == nil {
		return nil
	}
	return leaf.buffers[no&tableMask]
}

// set puts b under its number and returns what was there.
func (t *table) set(by owner, b *buffer) (before *buffer) {
	t.reach(by, b.no)
	n := t.root
	for h := uint(t.height); h > 1; h-- {
		n = n.own(by, int(b.no>>(tableBits*h)&tableMask))
	}
	leaf := n.ownLeaf(by, int(b.no>>tableBits&tableMask))
	i := b.no & tableMask
	before = leaf.buffers[i]
	if before == nil {
		leaf.used++
	}
	leaf.buffers[i] = b
	return before
}

// reach makes the tree high enough for no, and its root by's own.
func (t *table) reach(by owner, no page.No) {
	if t.root == nil {
		t.root, t.height = &tableNode{owner: by}, 1
	} else if t.root.owner != by {
		t.root = t.root.copy(by)
	}
	for uint64(no)>>(tableBits*(uint(t.height)+1)) != 0 {
		up := &tableNode{owner: by, used: 1}
		up.nodes[0] = t.root
		t.root = up
		t.height++
	}
}

// remove takes the version of page no out and returns it; nil when there was none.
func (t *table) remove(by owner, no page.No) *buffer {
	b := t.get(no)
	if b == nil {
		return nil
	}
	t.reach(by, no)
	if t.root.remove(by, no, uint(t.height)) {
		*t = table{}
	}
	return b
}

// remove says whether n is empty afterwards. n is by's own.
func (n *tableNode) remove(by owner, no page.No, height uint) (empty bool) {
	i := int(no >> (tableBits * height) & tableMask)
	if height > 1 {
		if n.own(by, i).remove(by, no, height-1) {
			n.nodes[i] = nil
			n.used--
		}
		return n.used == 0
	}
	leaf := n.ownLeaf(by, i)
	leaf.buffers[no&tableMask] = nil
	if leaf.used--; leaf.used == 0 {
		n.leaves[i] = nil
		n.used--
	}
	return n.used == 0
}

// own returns child i, made or copied when it is not by's own.
func (n *tableNode) own(by owner, i int) *tableNode {
	child := n.nodes[i]
	switch {
	case child == nil:
		child = &tableNode{owner: by}
		n.used++
	case child.owner != by:
		child = child.copy(by)
	}
	n.nodes[i] = child
	return child
}

func (n *tableNode) ownLeaf(by owner, i int) *tableLeaf {
	leaf := n.leaves[i]
	switch {
	case leaf == nil:
		leaf = &tableLeaf{owner: by}
		n.used++
	case leaf.owner != by:
		copied := *leaf
		leaf = &copied
		leaf.owner = by
	}
	n.leaves[i] = leaf
	return leaf
}

func (n *tableNode) copy(by owner) *tableNode {
	copied := *n
	copied.owner = by
	return &copied
}

// all yields the versions by page number.
func (t table) all() iter.Seq[*buffer] {
	return func(yield func(*buffer) bool) {
		if t.root != nil {
			t.root.walk(uint(t.height), yield)
		}
	}
}

func (n *tableNode) walk(height uint, yield func(*buffer) bool) bool {
	for i := range tableFan {
		if height > 1 {
			if n.nodes[i] != nil && !n.nodes[i].walk(height-1, yield) {
				return false
			}
			continue
		}
		if n.leaves[i] != nil && !n.leaves[i].walk(yield) {
			return false
		}
	}
	return true
}

func (l *tableLeaf) walk(yield func(*buffer) bool) bool {
	for _, b := range l.buffers {
		if b != nil && !yield(b) {
			return false
		}
	}
	return true
}
