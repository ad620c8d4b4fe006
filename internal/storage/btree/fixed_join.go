package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// Delete removes key and reports whether it was there. Errors: *CorruptError; those of the verbs.
func (t *FixedTree) Delete(key uint64) (bool, error) {
	if t.state.Root == 0 {
		return false, nil
	}
	leaf, i, found, err := t.descend(key)
	if err != nil || !found {
		return false, err
	}
	t.state.Entries--
	return true, t.take(leaf, int(t.state.Depth)-1, i)
}

// take removes entry i of n, the page at that level of path; a page never stays without entries.
func (t *FixedTree) take(n fixedNode, level, i int) error {
	if n.count() == 1 {
		return t.unlink(level)
	}
	n, err := t.copyNode(t.path[level].no, page.KindOf(n.page))
	if err != nil {
		return err
	}
	if n.isBranch() && i == 0 { // its neighbour becomes the first, whose key is not compared
		n.setChild(0, n.child(1))
		i = 1
	}
	n.remove(i)
	switch {
	case level == 0:
		return t.lowerRoot(n)
	case n.count() < n.capacity()/3:
		return t.join(level)
	default:
		return nil
	}
}

// unlink frees the page at that level of path, whose last entry is gone, and takes it from its parent.
func (t *FixedTree) unlink(level int) error {
	if err := t.freePage(t.path[level].no, fixedKindAt(int(t.state.Depth)-1-level)); err != nil {
		return err
	}
	if level == 0 {
		t.state.Root, t.state.Depth = 0, 0
		return nil
	}
	parent, err := t.load(t.path[level-1].no, page.FixedBranch)
	if err != nil {
		return err
	}
	return t.take(parent, level-1, t.path[level-1].i)
}

// lowerRoot frees roots that have one child only.
func (t *FixedTree) lowerRoot(root fixedNode) error {
	for root.isBranch() && root.count() == 1 {
		child := root.child(0)
		if err := t.freePage(t.state.Root, page.FixedBranch); err != nil {
			return err
		}
		t.state.Root = child
		t.state.Depth--
		var err error
		if root, err = t.load(child, fixedKindAt(int(t.state.Depth)-1)); err != nil {
			return err
		}
	}
	return nil
}

// join merges the page at that level of path with a neighbour, if both fit in one with an eighth to spare. If not, a leaf
// borrows entries; a branch stays as it is: it costs a page, and no reader notices.
func (t *FixedTree) join(level int) error {
	parent, err := t.load(t.path[level-1].no, page.FixedBranch)
	if err != nil {
		return err
	}
	kind := fixedKindAt(int(t.state.Depth) - 1 - level)
	borrowAt := 0
	at := t.path[level-1].i
	for _, i := range [...]int{at, at + 1} { // with the left neighbour, else with the right one
		if i < 1 || i >= parent.count() {
			continue
		}
		left, right, err := t.pair(parent, i, kind)
		if err != nil {
			return err
		}
		if left.count()+right.count() <= left.capacity()/8*7 {
			return t.merge(parent, level, i)
		}
		if borrowAt == 0 && kind == page.FixedLeaf {
			borrowAt = i
		}
	}
	if borrowAt == 0 {
		return nil
	}
	return t.borrow(parent, borrowAt)
}

// pair returns children i-1 and i of parent, which are pages of that kind.
func (t *FixedTree) pair(parent fixedNode, i int, kind page.Kind) (left, right fixedNode, err error) {
	if parent.child(i-1) == parent.child(i) {
		return left, right, corrupt(page.Number(parent.page), "two entries have the same child")
	}
	if left, err = t.load(parent.child(i-1), kind); err != nil {
		return left, right, err
	}
	right, err = t.load(parent.child(i), kind)
	return left, right, err
}

// merge moves all of child i of parent, which stands above that level, to the end of child i-1, and frees it. The first key of
// a branch has been its divider in the parent since the split, so it divides among its new neighbours as well.
func (t *FixedTree) merge(parent fixedNode, level, i int) error {
	leftNo, rightNo := parent.child(i-1), parent.child(i)
	left, right, err := t.pair(parent, i, fixedKindAt(int(t.state.Depth)-1-level))
	if err != nil {
		return err
	}
	if left, err = t.copyNode(leftNo, page.KindOf(left.page)); err != nil {
		return err
	}
	right.copyHead(right.count(), left)
	if err := t.freePage(rightNo, page.KindOf(left.page)); err != nil {
		return err
	}
	return t.take(parent, level-1, i)
}

// borrow moves entries between leaves i-1 and i of parent until they hold the same, and divides them anew.
func (t *FixedTree) borrow(parent fixedNode, i int) error {
	leftNo, rightNo := parent.child(i-1), parent.child(i)
	left, err := t.copyNode(leftNo, page.FixedLeaf)
	if err != nil {
		return err
	}
	right, err := t.copyNode(rightNo, page.FixedLeaf)
	if err != nil {
		return err
	}
	half := (left.count() + right.count()) / 2
	if left.count() > half {
		left.moveTail(half, right)
	} else {
		right.moveHead(half-left.count(), left)
	}
	if parent, err = t.copyNode(page.Number(parent.page), page.FixedBranch); err != nil {
		return err
	}
	parent.setKey(i, right.key(0))
	return nil
}
