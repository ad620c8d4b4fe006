package btree

import (
	"fmt"
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// CheckFixed is Check for fixed-size trees.
func CheckFixed(v FixedView, visit func(no page.No, pages int)) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := fixedChecker{
			checker: checker{view: View{pages: v.pages, state: v.state.State}, visit: visit, yield: yield},
			fixed:   v,
		}
		if (v.state.Root == 0) != (v.state.Depth == 0) || v.state.Depth > depthMax {
			c.report(v.state.Root, depthReason)
			return
		}
		if v.state.Root != 0 {
			c.walk(v.state.Root, int(v.state.Depth)-1, 0, nil)
		}
		c.compareCounts()
	}
}

// fixedChecker is one run of CheckFixed.
type fixedChecker struct {
	checker
	fixed FixedView
}

// walk checks page no and all below it; see checker.walk. Its keys must be from low on, and below high if there is one.
func (c *fixedChecker) walk(no page.No, height int, low uint64, high *uint64) {
	if c.stopped {
		return
	}
	n, err := c.fixed.load(no, fixedKindAt(height))
	if err != nil {
		c.problem(err)
		return
	}
	c.reached(no, 1)
	if reason := n.fault(low, high); reason != "" {
		c.report(no, reason)
		return
	}
	if height == 0 {
		c.found.LeafPages++
		c.found.Entries += uint64(n.count())
		return
	}
	c.found.BranchPages++
	for i := range n.count() {
		childLow, childHigh := n.key(i), high
		if i+1 < n.count() {
			next := n.key(i + 1)
			childHigh = &next
		}
		page.Within(c.fixed.pages, func() { c.walk(n.child(i), height-1, childLow, childHigh) })
	}
}

// fault says what is wrong with the keys of n; empty if nothing is.
func (n fixedNode) fault(low uint64, high *uint64) string {
	for i := range n.count() {
		switch key := n.key(i); {
		case key < low, i > 0 && key <= n.key(i-1):
			return fmt.Sprintf("entry %d is out of order", i)
		case high != nil && key >= *high:
			return fmt.Sprintf("entry %d is above the range of the page", i)
		}
	}
	return ""
}

// DropFixed frees all pages of the tree with that state; see Drop.
func DropFixed(pages Pages, state FixedState) error {
	if state.Root == 0 {
		return nil
	}
	return dropFixedBelow(&FixedTree{pages: pages, state: state}, state.Root, int(state.Depth)-1)
}

// dropFixedBelow frees page no, which stands height levels above the leaves, after all below it.
func dropFixedBelow(t *FixedTree, no page.No, height int) error {
	n, err := t.load(no, fixedKindAt(height))
	if err != nil {
		return err
	}
	if height > 0 {
		for i := range n.count() {
			if err := dropFixedBelow(t, n.child(i), height-1); err != nil {
				return err
			}
		}
	}
	return t.freePage(no, fixedKindAt(height))
}
