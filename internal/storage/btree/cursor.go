package btree

import (
	"bytes"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Cursor walks over the entries of a View in the order of the keys.
//
// A new cursor stands nowhere; Seek, First or Last places it. In a write transaction any change of the tree makes it
// stale: place it again. A cursor is a large value (about 500 bytes): keep one, do not copy it in loops. After an error
// it stands nowhere and Err tells.
type Cursor struct {
	view  View
	steps [depthMax]step // from the root to the parent of leaf
	leaf  node
	no    page.No // of leaf
	i, n  int     // a slot of entry in leaf, and its count
	entry entry   // at i
	at    place
	err   error
	seen  uint64 // what was touched: kept, or the loads would be optimised away
}

// step is one branch page on the way down, and the position of the child that was taken.
type step struct {
	no page.No
	i  int
}

// place says where a cursor stands.
type place uint8

const (
	nowhere place = iota
	onEntry
	beforeFirst
	afterLast
)

// Cursor returns a new cursor on the view.
func (v View) Cursor() Cursor { return Cursor{view: v} }

// Valid reports whether the cursor stands on an entry.
func (c *Cursor) Valid() bool { return c.at == onEntry }

// Err returns the error that stopped the cursor, or nil.
func (c *Cursor) Err() error { return c.err }

// Key returns the key of the entry. Valid as long as View.Get's bytes. The cursor must be Valid.
func (c *Cursor) Key() []byte { return c.entry.key }

// Value returns the value of the entry. Valid as long as View.Get's bytes. The cursor must be Valid; reading a long value
// can fail, which returns nil and shows in Err.
func (c *Cursor) Value() []byte {
	if !c.entry.overflow {
		return c.entry.value
	}
	value, err := readValue(c.view.pages, c.entry)
	if err != nil {
		c.fail(err)
		return nil
	}
	return value
}

// First moves to the first entry; false when the tree is empty.
func (c *Cursor) First() bool { return c.descendEdge(afterLast, 0, c.view.state.Root, false) }

// Last moves to the last entry; false when the tree is empty.
func (c *Cursor) Last() bool { return c.descendEdge(beforeFirst, 0, c.view.state.Root, true) }

// Seek moves to the first entry whose key is not below key. If all are below it, it returns false and the cursor stands
// after the last entry: Prev moves there.
func (c *Cursor) Seek(key []byte) bool {
	c.at, c.err = afterLast, nil
	no := c.view.state.Root
	if no == 0 {
		return false
	}
	for level := range c.branchLevels() {
		n, err := load(c.view.pages, no, page.Branch)
		if err != nil {
			return c.fail(err)
		}
		i, ok := n.childFor(key)
		if !ok {
			return c.fail(corrupt(no, entryReason))
		}
		c.steps[level] = step{no, i}
		if no, ok = n.child(i); !ok {
			return c.fail(corrupt(c.steps[level].no, entryReason))
		}
	}
	if !c.enterLeaf(no) {
		return false
	}
	i, _, ok := c.leaf.search(0, key)
	if !ok {
		return c.fail(corrupt(no, entryReason))
	}
	if i == c.n { // the next leaf begins above key
		return c.hop(1)
	}
	return c.stand(i)
}

// Next moves to the entry after this one; false at the end, where Prev moves back to the last entry. From before the
// first entry it moves to the first.
func (c *Cursor) Next() bool {
	switch {
	case c.at == beforeFirst:
		return c.First()
	case c.at != onEntry:
		return false
	default:
		if i := c.leaf.behind(c.i); i < c.n {
			return c.stand(i)
		}
		return c.hop(1)
	}
}

// Pair is one entry of a Group.
type Pair struct {
	Key, Value []byte // Value is nil when it is too long to stand in the leaf
}

// Group sets group to the entries from the cursor's own on, in the direction of by, 1 or -1, and moves to the last of them. It
// returns how many: at least one, at most those of one leaf. It is the fast way to walk over many. The cursor must be Valid;
// 0 means that it is not any more, and Err tells.
func (c *Cursor) Group(group []Pair, by int) int {
	n, last, at := 0, 0, c.i // last is the offset of the entry before; 0 is none
	for i := c.i; n < len(group) && i >= 0 && i < c.n; i += by {
		off := c.leaf.off(i)
		if off == last {
			continue // a gap
		}
		if !c.leaf.pair(off, &group[n]) {
			c.fail(corrupt(c.no, entryReason))
			return 0
		}
		n, last, at = n+1, off, i
	}
	if n > 1 {
		c.stand(at)
	}
	return n
}

// Prev moves to the entry before this one; false at the start, where Next moves back to the first entry. From after the
// last entry it moves to the last.
func (c *Cursor) Prev() bool {
	switch {
	case c.at == afterLast:
		return c.Last()
	case c.at != onEntry:
		return false
	default:
		if i := c.leaf.first(c.i); i > 0 {
			return c.stand(i - 1)
		}
		return c.hop(-1)
	}
}

// branchLevels returns how many branch pages stand on the way to a leaf; zero for an empty tree.
func (c *Cursor) branchLevels() int { return max(0, min(int(c.view.state.Depth), depthMax)-1) }

// hop moves to the nearest entry of the next leaf (by is 1) or the one before (by is -1).
//
// A damaged tree may lead to the same page twice. So each leaf must begin above the one before it: the walk ends.
func (c *Cursor) hop(by int) bool {
	old, ok := c.leaf.entry(0)
	if !ok {
		return c.fail(corrupt(c.no, entryReason))
	}
	for level := c.branchLevels() - 1; level >= 0; level-- {
		s := &c.steps[level]
		n, err := load(c.view.pages, s.no, page.Branch)
		if err != nil {
			return c.fail(err)
		}
		if s.i+by < 0 || s.i+by >= n.count() {
			continue
		}
		s.i += by
		child, ok := n.child(s.i)
		if !ok {
			return c.fail(corrupt(s.no, entryReason))
		}
		if !c.descendEdge(nowhere, level+1, child, by < 0) {
			return false
		}
		c.seen += touch(c.leaf)
		first, ok := c.leaf.entry(0)
		if !ok || bytes.Compare(first.key, old.key)*by <= 0 {
			return c.fail(corrupt(c.no, "leaves are out of order"))
		}
		return true
	}
	if c.at = afterLast; by < 0 {
		c.at = beforeFirst
	}
	return false
}

// touch asks memory for the whole of a leaf that is about to be walked over, in the order in which it lies: the entries
// lie in none, and each would be waited for on its own. What it returns says nothing.
func touch(n node) (seen uint64) {
	const lineBytes = 64 // what memory gives at once on the processors of today
	for off := 0; off < page.SizeBytes; off += lineBytes {
		seen += uint64(n[off])
	}
	return seen
}

// descendEdge goes from page no, which stands at that level, to the first entry below it, or the last one. In an empty tree
// the cursor stands at the place empty.
func (c *Cursor) descendEdge(empty place, level int, no page.No, last bool) bool {
	c.at, c.err = empty, nil
	if no == 0 && level == 0 {
		return false
	}
	for ; level < c.branchLevels(); level++ {
		n, err := load(c.view.pages, no, page.Branch)
		if err != nil {
			return c.fail(err)
		}
		i := 0
		if last {
			i = n.count() - 1
		}
		c.steps[level] = step{no, i}
		child, ok := n.child(i)
		if !ok {
			return c.fail(corrupt(no, entryReason))
		}
		no = child
	}
	if !c.enterLeaf(no) {
		return false
	}
	if last {
		return c.stand(c.n - 1)
	}
	return c.stand(0)
}

// enterLeaf makes page no the cursor's leaf.
func (c *Cursor) enterLeaf(no page.No) bool {
	n, err := load(c.view.pages, no, page.Leaf)
	if err != nil {
		return c.fail(err)
	}
	c.leaf, c.no, c.n = n, no, n.count()
	return true
}

// stand places the cursor on entry i of its leaf.
func (c *Cursor) stand(i int) bool {
	e, ok := c.leaf.entry(i)
	if !ok {
		return c.fail(corrupt(c.no, entryReason))
	}
	c.entry, c.i, c.at = e, i, onEntry
	return true
}

func (c *Cursor) fail(err error) bool {
	c.err, c.at, c.entry = err, nowhere, entry{}
	return false
}
