package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Delete removes key and reports whether it was there. Errors: *CorruptError; those of the verbs.
func (t *Tree) Delete(key []byte) (bool, error) {
	if t.state.Root == 0 {
		return false, nil
	}
	leaf, i, found, err := t.find(key)
	t.last.key = t.last.key[:0]
	if err != nil || !found {
		return false, err
	}
	level := int(t.state.Depth) - 1
	old, ok := leaf.entry(i)
	if !ok {
		return false, corrupt(t.path[level].no, entryReason)
	}
	if err := t.freeRun(old); err != nil {
		return false, err
	}
	t.state.Entries--
	return true, t.take(leaf, level, i)
}

// take removes entry i of n, the page at that level of path; a page never stays without entries.
func (t *Tree) take(n node, level, i int) error {
	no := t.path[level].no
	if n.isSingle() {
		return t.unlink(level)
	}
	n, err := t.copyAny(no)
	if err != nil {
		return err
	}
	if n.isBranch() && i == 0 { // its neighbour becomes the first, whose key stays empty
		return t.takeFirstChild(n, level)
	}
	if !n.remove(i) {
		return corrupt(no, entryReason)
	}
	return t.shrink(n, level)
}

// takeFirstChild removes the first child of n.
func (t *Tree) takeFirstChild(n node, level int) error {
	second, ok := n.child(1)
	if !ok || !n.remove(1) || !n.setChild(0, second) {
		return corrupt(t.path[level].no, entryReason)
	}
	return t.shrink(n, level)
}

// setChild writes the number of child i; false when the entry is nonsense.
func (n node) setChild(i int, no page.No) bool {
	e, ok := n.entry(i)
	if !ok || len(e.value) != childBytes {
		return false
	}
	binary.LittleEndian.PutUint64(e.value, uint64(no))
	return true
}

// unlink frees the page at that level of path, whose last entry is gone, and takes it from its parent.
func (t *Tree) unlink(level int) error {
	height := int(t.state.Depth) - 1 - level
	if err := t.freePage(t.path[level].no, kindAt(height)); err != nil {
		return err
	}
	if level == 0 {
		t.state.Root, t.state.Depth = 0, 0
		return nil
	}
	parent, err := load(t.pages, t.path[level-1].no, page.Branch)
	if err != nil {
		return err
	}
	return t.take(parent, level-1, t.path[level-1].i)
}

// shrink mends n, the page at that level of path, after an entry was removed from it.
func (t *Tree) shrink(n node, level int) error {
	switch {
	case level == 0:
		return t.lowerRoot(n)
	case n.used() < joinBelowBytes:
		return t.join(level)
	default:
		return nil
	}
}

// lowerRoot frees roots that have one child only.
func (t *Tree) lowerRoot(root node) error {
	for root.isBranch() && root.count() == 1 {
		child, ok := root.child(0)
		if !ok {
			return corrupt(t.state.Root, entryReason)
		}
		if err := t.freePage(t.state.Root, page.Branch); err != nil {
			return err
		}
		t.state.Root = child
		t.state.Depth--
		var err error
		if root, err = load(t.pages, child, kindAt(int(t.state.Depth)-1)); err != nil {
			return err
		}
	}
	return nil
}

// pair is two neighbours below one parent.
type pair struct {
	parent          node
	i               int // position of right in parent
	leftNo, rightNo page.No
	left, right     node
	divider         []byte // right's key in parent
}

// join merges the page at that level of path with a neighbour, if both fit in one. If not, a leaf borrows entries; a branch
// stays as it is: it costs a page, and no reader notices.
func (t *Tree) join(level int) error {
	parent, err := load(t.pages, t.path[level-1].no, page.Branch)
	if err != nil {
		return err
	}
	var borrow *pair
	at := t.path[level-1].i
	for _, i := range [...]int{at, at + 1} { // with the left neighbour, else with the right one
		if i < 1 || i >= parent.count() {
			continue
		}
		p, err := t.pair(parent, level, i)
		if err != nil {
			return err
		}
		if p.mergedBytes() <= joinedBytesMax {
			return t.merge(p, level)
		}
		if borrow == nil && !p.left.isBranch() {
			borrow = &p
		}
	}
	if borrow == nil {
		return nil
	}
	return t.borrow(*borrow)
}

// pair returns children i-1 and i of parent, which stands above that level.
func (t *Tree) pair(parent node, level, i int) (pair, error) {
	p := pair{parent: parent, i: i}
	e, ok := parent.entry(i)
	left, leftOK := parent.child(i - 1)
	right, rightOK := parent.child(i)
	if !ok || !leftOK || !rightOK || left == right {
		return pair{}, corrupt(page.Number(parent), entryReason)
	}
	p.divider, p.leftNo, p.rightNo = e.key, left, right
	kind := kindAt(int(t.state.Depth) - 1 - level)
	var err error
	if p.left, err = load(t.pages, left, kind); err != nil {
		return pair{}, err
	}
	p.right, err = load(t.pages, right, kind)
	return p, err
}

// mergedBytes returns the bytes that the entries of both take in one page.
func (p *pair) mergedBytes() int {
	n := p.left.used() + p.right.used()
	if p.left.isBranch() {
		n += len(p.divider) // comes down as the key of right's first child
	}
	return n
}

// merge moves all of right to the end of left and frees right.
func (t *Tree) merge(p pair, level int) error {
	left, err := t.copyAny(p.leftNo)
	if err != nil {
		return err
	}
	for j := range p.right.count() {
		if p.right.isGap(j) && !left.isBranch() {
			continue
		}
		e, ok := p.right.entry(j)
		if !ok {
			return corrupt(p.rightNo, entryReason)
		}
		if j == 0 && left.isBranch() {
			e.key = p.divider
		}
		if err := t.fit(left, left.count(), e); err != nil {
			return err
		}
	}
	if err := t.freePage(p.rightNo, page.KindOf(left)); err != nil {
		return err
	}
	return t.take(p.parent, level-1, p.i)
}

// borrow moves entries between two leaves until they hold about the same, and divides them anew in the parent. If the
// parent has no room for the new divider, all stays as it is.
func (t *Tree) borrow(p pair) (err error) {
	if p.left, _, err = t.withoutGaps(p.left, 0); err != nil {
		return err
	}
	if p.right, _, err = t.withoutGaps(p.right, 0); err != nil {
		return err
	}
	s := evening{left: p.left, right: p.right}
	at, ok := halve(s.left.count()+s.right.count(), s.entry)
	if !ok {
		return corrupt(p.leftNo, entryReason)
	}
	last, ok := s.entry(at - 1)
	first, ok2 := s.entry(at)
	if !ok || !ok2 {
		return corrupt(p.rightNo, entryReason)
	}
	divider := append(t.separators[t.turn][:0], separator(last.key, first.key)...)
	if p.parent.free()+len(p.divider) < len(divider) || at == p.left.count() {
		return nil
	}
	if err := t.moveBetween(p, at); err != nil {
		return err
	}
	parent, err := t.copyAny(page.Number(p.parent))
	if err != nil {
		return err
	}
	child := t.children[t.turn][:]
	binary.LittleEndian.PutUint64(child, uint64(p.rightNo))
	if !parent.remove(p.i) {
		return corrupt(page.Number(parent), entryReason)
	}
	return t.fit(parent, p.i, entry{key: divider, value: child})
}

// evening is the entries of two neighbours, seen as one sequence.
type evening struct{ left, right node }

func (s *evening) entry(j int) (entry, bool) {
	if n := s.left.count(); j >= n {
		return s.right.entry(j - n)
	}
	return s.left.entry(j)
}

// moveBetween moves entries over the border of two leaves, so that the first at of them stand on the left.
func (t *Tree) moveBetween(p pair, at int) error {
	left, err := t.copyAny(p.leftNo)
	if err != nil {
		return err
	}
	right, err := t.copyAny(p.rightNo)
	if err != nil {
		return err
	}
	for left.count() < at {
		if err := t.move(left, left.count(), right, 0); err != nil {
			return err
		}
	}
	for left.count() > at {
		if err := t.move(right, 0, left, left.count()-1); err != nil {
			return err
		}
	}
	return nil
}

// move takes entry j out of from and puts it at position i of to.
func (t *Tree) move(to node, i int, from node, j int) error {
	e, ok := from.entry(j)
	if !ok {
		return corrupt(page.Number(from), entryReason)
	}
	if to.free() < e.room() {
		return corrupt(page.Number(to), "entries take more bytes than the header says")
	}
	if err := t.fit(to, i, e); err != nil {
		return err
	}
	if !from.remove(j) {
		return corrupt(page.Number(from), entryReason)
	}
	return nil
}
