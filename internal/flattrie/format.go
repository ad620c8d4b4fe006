package flattrie

import "encoding/binary"

// The buffer begins with a header; numbers are little-endian. What lies between the blocks in use, and from used on, may be anything.
//
//	 0  4  magic "RFT1"
//	 4  4  used: bytes up to the end of the last block
//	 8  4  dead: bytes of blocks that were freed
//	12  4  keys: how many
//	16  4  link to the root
//
// A link is the place of a node: 32 bits, a multiple of four. A node is a block of at least eight bytes, rounded up to a
// multiple of four:
//
//	0  1  shape: bits 0 to 2 say the bytes of the value (0, 1, 2, 4, 8 by 0 to 4), bits 3 to 7 the room for children (rooms)
//	1  1  children less one; 0 without room
//	2  2  bytes of the edge
//	4     value, if any; bytes that it does not need are zero
//	      labels: a byte for each child, ascending, and as many bytes as there is room
//	      links of the children in the same order, and four bytes more for each place without a child
//	      edge
//
// The key of a node is the key of its parent, its label there, and its edge. The root has no edge. Every other node has a
// value or two children at least.
const (
	magic     = "RFT1"
	usedOff   = 4
	deadOff   = 8
	keysOff   = 12
	rootLink  = 16
	headBytes = 20

	childrenOff   = 1
	edgeBytesOff  = 2
	nodeHeadBytes = 4
	linkBytes     = 4
	blockBytes    = 4 // blocks begin and end at multiples of this
	blockBytesMin = 8

	nodeBytesMax = nodeHeadBytes + 8 + (1+linkBytes)*256 + KeyBytesMax
)

// valueSizes are the bytes of a value by the low bits of the shape; those that are not listed are no shapes.
var valueSizes = [8]uint8{0, 1, 2, 4, 8, 255, 255, 255}

// rooms are the places for children by the high bits of the shape: about half as many again with each step, so that a node
// with many children is copied a few times only, and has a quarter of its places free at most, on average less.
var rooms = [32]uint16{0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256}

const roomCount = 17 // that many of rooms are shapes

// valueCode returns the code of the least value size that holds v.
func valueCode(v uint64) uint8 {
	switch {
	case v < 1<<8:
		return 1
	case v < 1<<16:
		return 2
	case v < 1<<32:
		return 3
	}
	return 4
}

// roomCode returns the code of the least room for n children.
func roomCode(n int) uint8 {
	code := 0
	for int(rooms[code]) < n {
		code++
	}
	return uint8(code)
}

// node says where the parts of a node are. It is read from the first four bytes, or made to write a new one.
type node struct {
	off       int // of the block
	valueCode uint8
	roomCode  uint8
	children  int
	edgeBytes int
}

func (n node) valueBytes() int { return int(valueSizes[n.valueCode]) }
func (n node) room() int       { return int(rooms[n.roomCode]) }
func (n node) valueOff() int   { return n.off + nodeHeadBytes }
func (n node) labelsOff() int  { return n.valueOff() + n.valueBytes() }
func (n node) linksOff() int   { return n.labelsOff() + n.room() }
func (n node) linkOff(i int) int {
	return n.linksOff() + i*linkBytes
}
func (n node) edgeOff() int { return n.linksOff() + n.room()*linkBytes }

// hasValue reports whether a key ends here.
func (n node) hasValue() bool { return n.valueCode != 0 }

// size returns the bytes of the block.
func (n node) size() int {
	bytes := n.edgeOff() + n.edgeBytes - n.off
	return max(blockBytesMin, (bytes+blockBytes-1)&^(blockBytes-1))
}

func (v View) number(off int) int        { return int(binary.LittleEndian.Uint32(v.buf[off:])) }
func (v View) setNumber(off, number int) { binary.LittleEndian.PutUint32(v.buf[off:], uint32(number)) }

// node reads the node that the link at off leads to.
func (v View) node(link int) node {
	off := v.number(link)
	head := binary.LittleEndian.Uint32(v.buf[off:])
	n := node{off: off, valueCode: uint8(head & 7), roomCode: uint8(head>>3) & 31, edgeBytes: int(head >> 16)}
	if n.roomCode != 0 {
		n.children = int(uint8(head>>8)) + 1
	}
	return n
}

// writeHead writes the first four bytes of a node.
func (v View) writeHead(n node) {
	children := n.children
	if n.roomCode != 0 {
		children--
	}
	head := uint32(n.valueCode) | uint32(n.roomCode)<<3 | uint32(children)<<8 | uint32(n.edgeBytes)<<16
	binary.LittleEndian.PutUint32(v.buf[n.off:], head)
}

// labels returns the labels of the children, one byte each.
func (v View) labels(n node) []byte { return v.buf[n.labelsOff():][:n.children] }

func (v View) edge(n node) []byte { return v.buf[n.edgeOff():][:n.edgeBytes] }

// value returns the value of a node that has one.
func (v View) value(n node) uint64 {
	var bytes [8]byte
	copy(bytes[:], v.buf[n.valueOff():][:n.valueBytes()])
	return binary.LittleEndian.Uint64(bytes[:])
}

// setValue writes a value into a node that has room for it.
func (v View) setValue(n node, value uint64) {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], value)
	copy(v.buf[n.valueOff():][:n.valueBytes()], bytes[:])
}
