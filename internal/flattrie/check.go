package flattrie

import (
	"iter"
	"slices"
)

// Check walks the whole trie and yields every problem as a *CorruptError. It can be given any bytes, and ends: what lies
// below a node with a problem is not visited.
func (v View) Check() iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{view: v, yield: yield}
		c.header()
		if c.problems > 0 {
			return
		}
		c.link(rootLink, 0)
		if c.problems == 0 {
			c.sums()
		}
	}
}

// checker is one run of Check.
type checker struct {
	view     View
	yield    func(error) bool
	stopped  bool
	problems int
	keys     int
	blocks   []block
}

// block is a node's place in the buffer.
type block struct{ off, size int }

func (c *checker) report(off int, reason string) {
	c.problems++
	if !c.stopped {
		c.stopped = !c.yield(&CorruptError{Off: off, Reason: reason})
	}
}

func (c *checker) header() {
	v := c.view
	if len(v.buf) < headBytes || string(v.buf[:len(magic)]) != magic {
		c.report(0, "no trie begins here")
		return
	}
	if used := uint64(v.number(usedOff)); used < headBytes || used > uint64(len(v.buf)) || used%blockBytes != 0 {
		c.report(usedOff, "the end lies outside the buffer")
	}
}

// link checks the node that the link at off leads to, whose label ends a key of keyBytes bytes, and all below it. It goes
// down as deep as keys are long.
func (c *checker) link(off, keyBytes int) {
	if c.stopped {
		return
	}
	if target := uint64(c.view.number(off)); target < headBytes || target%blockBytes != 0 ||
		target > uint64(c.view.used()-blockBytesMin) {
		c.report(off, "the link leads outside the blocks")
		return
	}
	n := c.view.node(off)
	root := off == rootLink
	if reason := c.fault(n, keyBytes, root); reason != "" {
		c.report(n.off, reason)
		return
	}
	// Blocks that overlap are found at the end; until then, so many of them tell that the walk goes over the same ones.
	if c.blocks = append(c.blocks, block{n.off, n.size()}); len(c.blocks) > len(c.view.buf)/blockBytesMin {
		c.report(n.off, "there are more nodes than fit into the buffer")
		c.stopped = true
		return
	}
	if n.hasValue() {
		c.keys++
	}
	for i := range n.children {
		c.link(n.linkOff(i), keyBytes+n.edgeBytes+1)
	}
}

// fault says what is wrong with a node by itself; empty when nothing is.
func (c *checker) fault(n node, keyBytes int, root bool) string {
	switch {
	case valueSizes[n.valueCode] > 8 || n.roomCode >= roomCount:
		return "the shape is none"
	case n.roomCode == 0 && c.view.buf[n.off+childrenOff] != 0 || n.children > n.room():
		return "more children than places"
	case keyBytes+n.edgeBytes > KeyBytesMax:
		return "the key is too long"
	case n.off+n.size() > c.view.used():
		return "the node does not end within the blocks"
	case root && n.edgeBytes != 0:
		return "the root has an edge"
	case !root && !n.hasValue() && n.children < 2:
		return "the node has neither a value nor two children"
	}
	labels := c.view.labels(n)
	for i := range labels {
		if i > 0 && labels[i-1] >= labels[i] {
			return "the labels are not in order"
		}
	}
	return ""
}

// sums checks what the header says against what was reached, and that no two blocks overlap.
func (c *checker) sums() {
	slices.SortFunc(c.blocks, func(a, b block) int { return a.off - b.off })
	end, live := headBytes, 0
	for _, b := range c.blocks {
		if b.off < end {
			c.report(b.off, "two nodes overlap")
			return
		}
		end = b.off + b.size
		live += b.size
	}
	if dead := c.view.used() - headBytes - live; c.view.number(deadOff) != dead {
		c.report(deadOff, "the count of dead bytes is wrong")
	}
	if c.view.number(keysOff) != c.keys {
		c.report(keysOff, "the count of keys is wrong")
	}
}
