package btree

import (
	"github.com/rookerydb/rookery/internal/storage/page"
)

// Measure returns how many bytes of a tree's pages are in use: headers, slots and entries of branch and leaf pages; headers and
// values of overflow runs, whose lengths stand in the entries, so that runs are not read.
//
// *CorruptError, or the error of a page that cannot be read.
func Measure(v View) (usedBytes uint64, err error) {
	m := measuring{left: v.state.BranchPages + v.state.LeafPages}
	err = m.walk(v.state, func(no page.No, height int) error { return m.node(v, no, height) })
	return m.used, err
}

// MeasureFixed is Measure for fixed-size trees.
func MeasureFixed(v FixedView) (usedBytes uint64, err error) {
	m := measuring{left: v.state.BranchPages + v.state.LeafPages}
	err = m.walk(v.state.State, func(no page.No, height int) error { return m.fixedNode(v, no, height) })
	return m.used, err
}

// measuring is one run of Measure.
type measuring struct {
	used uint64
	left uint64 // pages that the state has beyond those met: a damaged tree may lead to one page again and again
}

func (m *measuring) walk(s State, root func(no page.No, height int) error) error {
	switch {
	case s.Root == 0:
		return nil
	case s.Depth == 0 || s.Depth > depthMax:
		return corrupt(s.Root, depthReason)
	}
	return root(s.Root, int(s.Depth)-1)
}

// meet counts page no, whose entries take so many bytes.
func (m *measuring) meet(no page.No, bytes int) error {
	if m.left == 0 {
		return corrupt(no, "the tree has more pages than its state says")
	}
	m.left--
	m.used += page.HeaderBytes + uint64(bytes)
	return nil
}

func (m *measuring) node(v View, no page.No, height int) error {
	n, err := load(v.pages, no, kindAt(height))
	if err == nil {
		err = m.meet(no, n.used())
	}
	if err != nil {
		return err
	}
	for i := range n.count() {
		if height == 0 && n.isGap(i) {
			continue
		}
		e, ok := n.entry(i)
		if !ok {
			return corrupt(no, entryReason)
		}
		if height == 0 {
			if e.overflow {
				m.used += page.HeaderBytes + uint64(decodeRef(e.value).bytes)
			}
			continue
		}
		child, ok := n.child(i)
		if !ok {
			return corrupt(no, entryReason)
		}
		page.Within(v.pages, func() { err = m.node(v, child, height-1) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *measuring) fixedNode(v FixedView, no page.No, height int) error {
	n, err := v.load(no, fixedKindAt(height))
	if err == nil {
		err = m.meet(no, n.count()*(fixedKeyBytes+n.valueBytes))
	}
	if err != nil || height == 0 {
		return err
	}
	for i := range n.count() {
		page.Within(v.pages, func() { err = m.fixedNode(v, n.child(i), height-1) })
		if err != nil {
			return err
		}
	}
	return nil
}
