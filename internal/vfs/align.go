package vfs

import (
	"unsafe"

	"github.com/rookerydb/rookery/internal/invariant"
)

// AlignedBytes returns n zero bytes whose first byte lies at a multiple of AlignBytes, as writes to WriteThrough files
// need. The bytes are ordinary collected memory, which Go does not move.
func AlignedBytes(n int) []byte {
	raw := make([]byte, n+AlignBytes-1)
	skip := 0
	if over := addressOver(raw); over != 0 {
		skip = AlignBytes - over
	}
	return raw[skip : skip+n : skip+n]
}

// AssertAligned panics when p at off is not what a WriteThrough file can take. Every implementation calls it, so that a
// slip is found on memfs and not first on a disk.
func AssertAligned(p []byte, off int64) {
	if off%AlignBytes == 0 && len(p)%AlignBytes == 0 && addressOver(p) == 0 {
		return
	}
	invariant.Assert(false, "write-through of %d bytes at offset %d from memory %d bytes beyond alignment; all must be multiples of %d",
		len(p), off, addressOver(p), AlignBytes)
}

// addressOver is how far p's memory begins beyond a multiple of AlignBytes.
func addressOver(p []byte) int {
	return int(uintptr(unsafe.Pointer(unsafe.SliceData(p))) % AlignBytes)
}
