package flattrie

import "math"

const (
	// KeyBytesMax is the longest key: twice the longest key of a storage tree. It bounds the depth of a trie as well, and so
	// of the walks over it.
	KeyBytesMax = 4096
	// BufferBytesMax is the largest buffer: places in it are 32 bits.
	BufferBytesMax = math.MaxUint32 &^ (blockBytes - 1)

	// reserveBytes of a buffer's bound are not given to Put: with them, Delete always has room to join two nodes.
	reserveBytes = 2 * nodeBytesMax
	// defragmentBytes is the least size of a buffer that is defragmented by itself: below it there is nothing to win.
	defragmentBytes = 4096
	// firstBufferBytes is what a buffer begins with; it doubles from there.
	firstBufferBytes = 256
)
