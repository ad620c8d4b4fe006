package page

import (
	"encoding/binary"
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/zeebo/xxh3"
)

// Seal puts the checksum of run into its MAC field; nothing else changes.
//
// run is a whole page, or the whole overflow run: RunLen(run) pages. The checksum is XXH3-64 over all of it with the
// MAC field as zero; it covers the page number, so a page that was written to the wrong place is found.
func Seal(run []byte) {
	clear(MAC(run))
	binary.LittleEndian.PutUint64(MAC(run), xxh3.Hash(run))
}

// Verify reports whether run is what Seal left, and is page no. It only reads run.
//
// The error is a *ChecksumError. For an overflow run give at least its RunLen pages; bytes after them are ignored.
func Verify(run []byte, no No) error {
	if len(run) < SizeBytes {
		return &ChecksumError{No: no, Reason: BadSize}
	}
	if Number(run) != no && !planted.Is(planted.TrustPlace) {
		return &ChecksumError{No: no, Want: uint64(no), Got: uint64(Number(run)), Reason: WrongNumber}
	}
	if OverflowBytes(run) > OverflowBytesMax || len(run) < RunLen(run)*SizeBytes {
		return &ChecksumError{No: no, Reason: BadSize}
	}
	run = run[:RunLen(run)*SizeBytes]
	want, rest := binary.LittleEndian.Uint64(MAC(run)), binary.LittleEndian.Uint64(MAC(run)[checksumBytes:])
	if got := checksum(run); (got != want || rest != 0) && !planted.Is(planted.TrustPages) {
		return &ChecksumError{No: no, Want: want, Got: got, Reason: BadChecksum}
	}
	return nil
}

// checksum hashes run as if its MAC field were zero. run may lie in read-only memory.
func checksum(run []byte) uint64 {
	if len(run) == SizeBytes {
		var p [SizeBytes]byte // a copy costs less than hashing in pieces
		copy(p[:], run)
		clear(p[macOff : macOff+macBytes])
		return xxh3.Hash(p[:])
	}
	var head [HeaderBytes]byte
	copy(head[:], run)
	clear(head[macOff : macOff+macBytes])
	var h xxh3.Hasher
	_, _ = h.Write(head[:]) // never fails
	_, _ = h.Write(run[HeaderBytes:])
	return h.Sum64()
}

// Reason says in which way a page is not what was sealed.
type Reason uint8

// The reasons.
const (
	BadChecksum Reason = iota // the bytes changed since they were sealed, or never were
	WrongNumber               // a page, but another one
	BadSize                   // fewer bytes than the page or run says it has
)

// String returns the reason in lower-case words.
func (r Reason) String() string {
	switch r {
	case BadChecksum:
		return "bad checksum"
	case WrongNumber:
		return "wrong number"
	case BadSize:
		return "bad size"
	default:
		return "unknown"
	}
}

// ChecksumError reports a page that is not what was written.
type ChecksumError struct {
	No        No
	Want, Got uint64 // page numbers for WrongNumber, checksums for BadChecksum (Want is the stored one), else zero
	Reason    Reason
}

// Kind is Corrupt.
func (e *ChecksumError) Kind() fault.Kind { return fault.Corrupt }

func (e *ChecksumError) Error() string {
	switch e.Reason {
	case WrongNumber:
		return fmt.Sprintf("page %d: found page %d in its place", e.No, e.Got)
	case BadSize:
		return fmt.Sprintf("page %d: %v", e.No, e.Reason)
	default:
		return fmt.Sprintf("page %d: %v: stored %016x, computed %016x", e.No, e.Reason, e.Want, e.Got)
	}
}
