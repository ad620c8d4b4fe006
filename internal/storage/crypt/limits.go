package crypt

import "math"

// Bounds.
const (
	// flushesMax is how many flushes one opening of an environment may do: the count in the nonce must not wrap.
	flushesMax = math.MaxUint32
	// scratchBytesMax is the longest scratch memory that is kept for the next use. Longer runs and records are rare.
	scratchBytesMax = 1 << 20
)
