package flattrie

import (
	"math"

	"github.com/rookerydb/rookery/internal/invariant"
)

// listedBytesMax is the largest block that is used again as soon as it is freed. Larger ones are few (nodes with many
// children, or with very long edges); their bytes come back when the trie is defragmented.
const listedBytesMax = 1024

// freeLists are the blocks to be used again, by size: the place of the first, which holds the place of the next. Zero
// ends a list. They are not in the buffer: a copy of it begins without any.
type freeLists [listedBytesMax/blockBytes + 1]uint32

// bufferBound returns how large a buffer may get when bytes are asked for.
func bufferBound(bytes int) int {
	bound := min(uint64(BufferBytesMax), uint64(math.MaxInt)&^(blockBytes-1))
	if bytes > 0 {
		bound = min(bound, uint64(bytes))
	}
	return int(bound)
}

// reserve sees to it that new blocks of so many bytes can be made; false when the buffer would pass bound.
func (t *Trie) reserve(bytes, bound int) bool {
	used := t.view.used()
	if bytes > bound-used {
		return false
	}
	if used+bytes > len(t.view.buf) {
		grown := make([]byte, min(max(2*uint64(len(t.view.buf)), uint64(used+bytes)), uint64(t.bytesMax)))
		copy(grown, t.view.buf[:used])
		t.view.buf = grown
	}
	return true
}

// make makes a block for n and writes its head; the rest is for the caller to write. There must be room, see reserve.
func (t *Trie) make(n node) node {
	size := n.size()
	if n.off = t.reuse(size); n.off == 0 {
		n.off = t.view.used()
		invariant.Assert(n.off+size <= len(t.view.buf), "a block of %d bytes without room for it", size)
		t.view.setNumber(usedOff, n.off+size)
	}
	t.view.writeHead(n)
	return n
}

// reuse takes a freed block of exactly size bytes; zero when there is none.
func (t *Trie) reuse(size int) int {
	if size > listedBytesMax || t.freed[size/blockBytes] == 0 {
		return 0
	}
	off := int(t.freed[size/blockBytes])
	t.freed[size/blockBytes] = uint32(t.view.number(off))
	t.view.setNumber(deadOff, t.view.number(deadOff)-size)
	return off
}

func (t *Trie) free(off, size int) {
	t.view.setNumber(deadOff, t.view.number(deadOff)+size)
	if size <= listedBytesMax {
		t.view.setNumber(off, int(t.freed[size/blockBytes]))
		t.freed[size/blockBytes] = uint32(off)
	}
}

// Defragment moves all nodes together, parents before their children, into a new buffer without free bytes, and takes free
// places for children and bytes that values do not need out of the nodes. Later Puts make the buffer grow again.
func (t *Trie) Defragment() {
	d := defragment{from: t.view}
	to := View{buf: make([]byte, d.bytes(d.from.node(rootLink))+headBytes)}
	copy(to.buf, t.view.buf[:headBytes])
	to.setNumber(usedOff, headBytes)
	to.setNumber(deadOff, 0)
	d.to = &Trie{view: to}
	d.move(d.from.node(rootLink), rootLink)
	t.view, t.freed = to, freeLists{}
	t.changes++
}

// defragment copies the nodes of one buffer into another.
type defragment struct {
	from View
	to   *Trie
}

// tight returns what n is without bytes that it does not need.
func (d *defragment) tight(n node) node {
	n.roomCode = roomCode(n.children)
	if n.hasValue() {
		n.valueCode = valueCode(d.from.value(n))
	}
	return n
}

// bytes returns what n and all below it will take. It goes down as deep as keys are long.
func (d *defragment) bytes(n node) int {
	sum := d.tight(n).size()
	for i := range n.children {
		sum += d.bytes(d.from.node(n.linkOff(i)))
	}
	return sum
}

// move copies n, links the copy, and copies all below it.
func (d *defragment) move(n node, link int) {
	to := d.to.make(d.tight(n))
	d.to.view.setNumber(link, to.off)
	if n.hasValue() {
		d.to.view.setValue(to, d.from.value(n))
	}
	copy(d.to.view.labels(to), d.from.labels(n))
	copy(d.to.view.edge(to), d.from.edge(n))
	for i := range n.children {
		d.move(d.from.node(n.linkOff(i)), to.linkOff(i))
	}
}
