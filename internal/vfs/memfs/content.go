package memfs

import "slices"

// content is the bytes of a file in one slice, which several files may share until one of them changes it.
type content struct {
	bytes  []byte
	shared bool // others hold the same slice: copy before changing
}

// share returns a second holder of the same bytes.
func (c *content) share() content {
	c.shared = true
	return *c
}

// own makes the bytes ours to change. A shared slice moves to new memory.
func (c *content) own() {
	if c.shared {
		c.bytes = slices.Clone(c.bytes)
		c.shared = false
	}
}

// resize sets the length; new bytes are zero.
func (c *content) resize(size int64) {
	old := len(c.bytes)
	if int(size) <= old {
		c.bytes = c.bytes[:size] // no copy: a shared slice keeps its own length
		return
	}
	if c.shared || int(size) > cap(c.bytes) {
		c.bytes = append(slices.Grow([]byte(nil), grownCap(cap(c.bytes), int(size))), c.bytes...)
		c.shared = false
	}
	c.bytes = c.bytes[:size]
	clear(c.bytes[old:])
}

// grownCap leaves a quarter of room, so that a file that grows page by page is not copied each time.
func grownCap(now, needed int) int {
	if roomy := now + now/4; roomy > needed {
		return roomy
	}
	return needed
}

// write puts data at off, growing when it must.
func (c *content) write(data []byte, off int64) {
	if end := off + int64(len(data)); end > int64(len(c.bytes)) {
		c.resize(end)
	}
	c.own()
	copy(c.bytes[off:], data)
}
