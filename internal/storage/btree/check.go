package btree

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Check walks the whole tree and yields every problem as a *CorruptError, or the error of a page that cannot be read.
//
// It calls visit (if not nil) once for each page or run that it reaches: number and length in pages. What lies below a
// page with a problem is not visited. Order, bounds and header of each page, and the counts of the state are checked.
func Check(v View, visit func(no page.No, pages int)) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{view: v, visit: visit, yield: yield}
		if (v.state.Root == 0) != (v.state.Depth == 0) || v.state.Depth > depthMax {
			c.report(v.state.Root, depthReason)
			return
		}
		if v.state.Root != 0 {
			c.walk(v.state.Root, int(v.state.Depth)-1, nil, nil)
		}
		c.compareCounts()
	}
}

// checker is one run of Check.
type checker struct {
	view    View
	visit   func(no page.No, pages int)
	yield   func(error) bool
	stopped bool  // the consumer wants no more
	damaged bool  // something was not walked, so counts say nothing
	found   State // counts of what was reached
}

func (c *checker) problem(err error) {
	c.damaged = true
	if !c.stopped {
		c.stopped = !c.yield(err)
	}
}

func (c *checker) report(no page.No, reason string) { c.problem(corrupt(no, reason)) }

func (c *checker) reached(no page.No, pages int) {
	if c.visit != nil {
		c.visit(no, pages)
	}
}

// walk checks page no, which stands height levels above the leaves, and all below it. Its keys must not be below low (nil
// stands below all keys) and must be below high (nil stands above all).
//
// Ranges of pages on one level do not overlap, and below a page whose keys are outside its range nothing is walked: so
// even a tree that leads to the same page twice is walked in bounded time.
func (c *checker) walk(no page.No, height int, low, high []byte) {
	if c.stopped {
		return
	}
	n, err := load(c.view.pages, no, kindAt(height))
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
		c.found.Entries += uint64(n.entries())
		c.walkRuns(n)
		return
	}
	c.found.BranchPages++
	for i := range n.count() {
		e, _ := n.entry(i) // checked by fault
		child, ok := n.child(i)
		if !ok || child == 0 {
			c.report(no, "an entry has no child number")
			continue
		}
		childLow, childHigh := e.key, high
		if i == 0 {
			childLow = low
		}
		if i+1 < n.count() {
			next, _ := n.entry(i + 1)
			childHigh = next.key
		}
		page.Within(c.view.pages, func() { c.walk(child, height-1, childLow, childHigh) })
	}
}

// walkRuns checks the overflow runs of a leaf.
func (c *checker) walkRuns(leaf node) {
	for i := range leaf.count() {
		e, _ := leaf.entry(i)
		if !e.overflow || c.stopped || leaf.isGap(i) {
			continue
		}
		r := decodeRef(e.value)
		var err error
		page.Within(c.view.pages, func() { _, err = loadRun(c.view.pages, r) })
		if err != nil {
			c.problem(err)
			continue
		}
		c.reached(r.no, page.RunPages(r.bytes))
		c.found.OverflowPages += uint64(page.RunPages(r.bytes))
	}
}

// compareCounts compares the state with what was reached, if all was.
func (c *checker) compareCounts() {
	if c.damaged {
		return
	}
	s, f := c.view.state, c.found
	for _, count := range [...]struct {
		name        string
		says, found uint64
	}{
		{"entries", s.Entries, f.Entries},
		{"leaf pages", s.LeafPages, f.LeafPages},
		{"branch pages", s.BranchPages, f.BranchPages},
		{"overflow pages", s.OverflowPages, f.OverflowPages},
	} {
		if count.says != count.found {
			c.report(0, fmt.Sprintf("state says %d %s, found %d", count.says, count.name, count.found))
		}
	}
}

// fault says what is wrong with the entries of n; empty if nothing is.
func (n node) fault(low, high []byte) string {
	bytesUsed, last := 0, low
	for i := range n.count() {
		if !n.isBranch() && n.isGap(i) {
			continue
		}
		e, ok := n.entry(i)
		if !ok {
			return fmt.Sprintf("entry %d does not lie in the page as it must", i)
		}
		bytesUsed += e.size()
		switch first := i == 0 && n.isBranch(); {
		case first && len(e.key) != 0:
			return "the first key of a branch is not empty"
		case first:
			continue
		case len(e.key) == 0 || len(e.key) > KeyBytesMax:
			return fmt.Sprintf("entry %d has a key of %d bytes", i, len(e.key))
		case i > 0 && bytes.Compare(e.key, last) <= 0 && last != nil, bytes.Compare(e.key, low) < 0:
			return fmt.Sprintf("entry %d is out of order", i)
		case high != nil && bytes.Compare(e.key, high) >= 0:
			return fmt.Sprintf("entry %d is above the range of the page", i)
		}
		last = e.key
	}
	if page.Upper(n)+page.Dead(n)+bytesUsed != page.SizeBytes {
		return fmt.Sprintf("entries take %d bytes, the header says %d", bytesUsed, page.SizeBytes-page.Upper(n)-page.Dead(n))
	}
	return ""
}
