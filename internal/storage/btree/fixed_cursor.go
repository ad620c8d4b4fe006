package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// FixedCursor walks over the entries of a FixedView in the order of the keys. All that is said of Cursor holds for it.
type FixedCursor struct {
	view  FixedView
	steps [depthMax]step // from the root to the parent of leaf
	leaf  fixedNode
	no    page.No // of leaf
	i, n  int     // position in leaf, and its count
	at    place
	err   error
}

// Cursor returns a new cursor on the view.
func (v FixedView) Cursor() FixedCursor { return FixedCursor{view: v} }

// Valid reports whether the cursor stands on an entry.
func (c *FixedCursor) Valid() bool { return c.at == onEntry }

// Err returns the error that stopped the cursor, or nil.
func (c *FixedCursor) Err() error { return c.err }

// Key returns the key of the entry. The cursor must be Valid.
func (c *FixedCursor) Key() uint64 { return c.leaf.key(c.i) }

// Value returns the value of the entry. Valid as long as View.Get's bytes. The cursor must be Valid.
func (c *FixedCursor) Value() []byte { return c.leaf.value(c.i) }

// First moves to the first entry; false when the tree is empty.
func (c *FixedCursor) First() bool {
	c.at, c.err = afterLast, nil
	return c.view.state.Root != 0 && c.descendEdge(0, c.view.state.Root, false)
}

// Last moves to the last entry; false when the tree is empty.
func (c *FixedCursor) Last() bool {
	c.at, c.err = beforeFirst, nil
	return c.view.state.Root != 0 && c.descendEdge(0, c.view.state.Root, true)
}

// Seek moves to the first entry whose key is not below key. If all are below it, it returns false and the cursor stands
// after the last entry: Prev moves there.
func (c *FixedCursor) Seek(key uint64) bool {
	c.at, c.err = afterLast, nil
	no := c.view.state.Root
	if no == 0 {
		return false
	}
	for level := range c.branchLevels() {
		n, err := c.view.load(no, page.FixedBranch)
		if err != nil {
			return c.fail(err)
		}
		c.steps[level] = step{no, n.childFor(key)}
		no = n.child(c.steps[level].i)
	}
	if !c.enterLeaf(no) {
		return false
	}
	i, _ := c.leaf.search(0, key)
	if i == c.n { // the next leaf begins above key
		return c.hop(1)
	}
	c.i, c.at = i, onEntry
	return true
}

// Next moves to the entry after this one; false at the end, where Prev moves back to the last entry. From before the
// first entry it moves to the first.
func (c *FixedCursor) Next() bool {
	switch {
	case c.at == beforeFirst:
		return c.First()
	case c.at != onEntry:
		return false
	case c.i+1 < c.n:
		c.i++
		return true
	default:
		return c.hop(1)
	}
}

// Prev moves to the entry before this one; false at the start, where Next moves back to the first entry. From after the
// last entry it moves to the last.
func (c *FixedCursor) Prev() bool {
	switch {
	case c.at == afterLast:
		return c.Last()
	case c.at != onEntry:
		return false
	case c.i > 0:
		c.i--
		return true
	default:
		return c.hop(-1)
	}
}

// branchLevels returns how many branch pages stand on the way to a leaf; zero for an empty tree.
func (c *FixedCursor) branchLevels() int { return max(0, min(int(c.view.state.Depth), depthMax)-1) }

// hop moves to the nearest entry of the next leaf (by is 1) or the one before (by is -1). As with Cursor, each leaf must
// begin above the one before it, so that the walk ends in a damaged tree too.
func (c *FixedCursor) hop(by int) bool {
	old := c.leaf.key(0)
	for level := c.branchLevels() - 1; level >= 0; level-- {
		s := &c.steps[level]
		n, err := c.view.load(s.no, page.FixedBranch)
		if err != nil {
			return c.fail(err)
		}
		if s.i+by < 0 || s.i+by >= n.count() {
			continue
		}
		s.i += by
		if !c.descendEdge(level+1, n.child(s.i), by < 0) {
			return false
		}
		if first := c.leaf.key(0); first == old || (first > old) != (by > 0) {
			return c.fail(corrupt(c.no, "leaves are out of order"))
		}
		return true
	}
	if c.at = afterLast; by < 0 {
		c.at = beforeFirst
	}
	return false
}

// descendEdge goes from page no, which stands at that level, to the first entry below it, or the last one.
func (c *FixedCursor) descendEdge(level int, no page.No, last bool) bool {
	for ; level < c.branchLevels(); level++ {
		n, err := c.view.load(no, page.FixedBranch)
		if err != nil {
			return c.fail(err)
		}
		i := 0
		if last {
			i = n.count() - 1
		}
		c.steps[level] = step{no, i}
		no = n.child(i)
	}
	if !c.enterLeaf(no) {
		return false
	}
	c.i, c.at = 0, onEntry
	if last {
		c.i = c.n - 1
	}
	return true
}

// enterLeaf makes page no the cursor's leaf.
func (c *FixedCursor) enterLeaf(no page.No) bool {
	n, err := c.view.load(no, page.FixedLeaf)
	if err != nil {
		return c.fail(err)
	}
	c.leaf, c.no, c.n = n, no, n.count()
	return true
}

func (c *FixedCursor) fail(err error) bool {
	c.err, c.at = err, nowhere
	return false
}
