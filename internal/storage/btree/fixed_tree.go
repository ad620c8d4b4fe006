package btree

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// FixedTree changes a fixed-size tree within one write transaction. All that is said of Tree holds for it.
//
// Putting keys in ascending order is the fast path: it leaves full pages behind and touches few bytes.
type FixedTree struct {
	pages Pages
	state FixedState
	path  [depthMax]step // of the last descend: the page at each level from the root, and the position in it
}

// NewFixed returns the tree with that state, changed through pages. Panics if state.ValueBytes is above
// FixedValueBytesMax.
func NewFixed(pages Pages, state FixedState) *FixedTree {
	invariant.Assert(state.ValueBytes <= FixedValueBytesMax, "fixed-size tree with values of %d bytes", state.ValueBytes)
	return &FixedTree{pages: pages, state: state}
}

// State returns the state after the changes so far.
func (t *FixedTree) State() FixedState { return t.state }

// View returns the tree as it is now. It is stale after the next change.
func (t *FixedTree) View() FixedView { return FixedView{pages: t.pages, state: t.state} }

// Get is FixedView.Get on the tree as it is now.
func (t *FixedTree) Get(key uint64) (value []byte, ok bool, err error) { return t.View().Get(key) }

// Put sets the value of key, whether it has one or not. It does not keep value, which must have the length of the tree's
// values and must not lie in its pages.
//
// Errors: *ValueSizeError and *DepthError before anything is changed; *CorruptError; those of the verbs.
func (t *FixedTree) Put(key uint64, value []byte) error {
	if want := int(t.state.ValueBytes); len(value) != want {
		return &ValueSizeError{Bytes: len(value), Want: want}
	}
	if t.state.Depth >= depthMax {
		return &DepthError{Depth: int(t.state.Depth)}
	}
	if t.state.Root == 0 {
		return t.plant(key, value)
	}
	leaf, i, found, err := t.descend(key)
	if err != nil {
		return err
	}
	if found {
		return t.replace(leaf, i, value)
	}
	t.state.Entries++
	return t.insert(leaf, i, key, value)
}

// plant makes the first leaf.
func (t *FixedTree) plant(key uint64, value []byte) error {
	no, n, err := t.newPage(page.FixedLeaf)
	if err != nil {
		return err
	}
	n.insert(0, key, value)
	t.state.Root, t.state.Depth, t.state.Entries = no, 1, 1
	return nil
}

// descend finds the leaf in whose range key lies, and the position there; path tells the way.
func (t *FixedTree) descend(key uint64) (leaf fixedNode, i int, found bool, err error) {
	no := t.state.Root
	last := int(t.state.Depth) - 1
	if last < 0 || last >= depthMax {
		return fixedNode{}, 0, false, corrupt(no, depthReason)
	}
	for level := range last {
		n, err := t.load(no, page.FixedBranch)
		if err != nil {
			return fixedNode{}, 0, false, err
		}
		t.path[level] = step{no, n.childFor(key)}
		no = n.child(t.path[level].i)
	}
	leaf, err = t.load(no, page.FixedLeaf)
	if err != nil {
		return fixedNode{}, 0, false, err
	}
	i, found = leaf.search(0, key)
	t.path[last] = step{no, i}
	return leaf, i, found, nil
}

// replace sets the value of entry i of leaf, the end of path.
func (t *FixedTree) replace(leaf fixedNode, i int, value []byte) error {
	if bytes.Equal(leaf.value(i), value) {
		return nil
	}
	leaf, err := t.copyNode(t.path[t.state.Depth-1].no, page.FixedLeaf)
	if err != nil {
		return err
	}
	copy(leaf.value(i), value)
	return nil
}

// insert puts an entry at position i of n, the leaf at the end of path. Full pages are split, up to the root.
func (t *FixedTree) insert(n fixedNode, i int, key uint64, value []byte) error {
	var child [childBytes]byte
	for level := int(t.state.Depth) - 1; ; level-- {
		no := t.path[level].no
		if n.count() < n.capacity() {
			n, err := t.copyNode(no, page.KindOf(n.page))
			if err != nil {
				return err
			}
			n.insert(i, key, value)
			return nil
		}
		right, divider, err := t.split(n, no, i, key, value)
		if err != nil {
			return err
		}
		if level == 0 {
			return t.growRoot(divider, right)
		}
		binary.LittleEndian.PutUint64(child[:], uint64(right))
		i, key, value = t.path[level-1].i+1, divider, child[:]
		if n, err = t.load(t.path[level-1].no, page.FixedBranch); err != nil {
			return err
		}
	}
}

// split divides the entries of n, page no, and a new one, which belongs at position i, between n and a new page to its
// right, which it returns with its first key.
//
// A new entry at the end goes alone to the right, one at the start stays alone on the left: ascending and descending keys
// leave full pages behind. Else both sides get half.
func (t *FixedTree) split(n fixedNode, no page.No, i int, key uint64, value []byte) (page.No, uint64, error) {
	rightNo, right, err := t.newPage(page.KindOf(n.page))
	if err != nil {
		return 0, 0, err
	}
	count, first := n.count(), 0
	if n.isBranch() {
		first = 1 // new children always come after an old one
	}
	if i == count { // n stays as it is
		right.insert(0, key, value)
		return rightNo, key, nil
	}
	if n, err = t.copyNode(no, page.KindOf(n.page)); err != nil {
		return 0, 0, err
	}
	at := count / 2
	if i == first {
		at = i
	}
	n.moveTail(at, right)
	if i <= at {
		n.insert(i, key, value)
	} else {
		right.insert(i-at, key, value)
	}
	return rightNo, right.key(0), nil
}

// growRoot puts a new root above the old one, whose right part was split off as page right.
func (t *FixedTree) growRoot(divider uint64, right page.No) error {
	no, n, err := t.newPage(page.FixedBranch)
	if err != nil {
		return err
	}
	n.setCount(2)
	n.setKey(0, 0)
	n.setChild(0, t.state.Root)
	n.setKey(1, divider)
	n.setChild(1, right)
	t.state.Root = no
	t.state.Depth++
	return nil
}

// newPage allocates a page without entries.
func (t *FixedTree) newPage(kind page.Kind) (page.No, fixedNode, error) {
	no, p, err := t.pages.Alloc(1)
	if err != nil {
		return 0, fixedNode{}, err
	}
	n := fixedNode{page: p[:page.SizeBytes], valueBytes: int(t.state.ValueBytes)}
	if kind == page.FixedLeaf {
		t.state.LeafPages++
	} else {
		t.state.BranchPages++
		n.valueBytes = childBytes
	}
	page.Init(p, no, kind)
	page.SetUpper(p, fixedKeyOff(n.capacity()))
	return no, n, nil
}

// freePage gives back page no of that kind.
func (t *FixedTree) freePage(no page.No, kind page.Kind) error {
	if kind == page.FixedLeaf {
		t.state.LeafPages--
	} else {
		t.state.BranchPages--
	}
	return t.pages.Free(no)
}

func (t *FixedTree) load(no page.No, kind page.Kind) (fixedNode, error) {
	return loadFixed(t.pages, no, kind, int(t.state.ValueBytes))
}

// copyNode returns page no for writing.
func (t *FixedTree) copyNode(no page.No, kind page.Kind) (fixedNode, error) {
	p, err := t.pages.Copy(no)
	if err != nil {
		return fixedNode{}, err
	}
	return asFixedNode(p, no, kind, int(t.state.ValueBytes))
}
