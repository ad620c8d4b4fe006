package storage

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/zeebo/xxh3"
)

// Names that a compaction uses in the directory of its environment.
const (
	compactDirName = "compact"         // the environment that takes the place of this one; nothing before the marker is there
	droppedDirName = "compact.dropped" // the same, given up
	swapName       = "swap"            // the marker: the environment in compact is complete
)

// swapVersion is the format of the marker that this code writes, and the newest it reads.
const swapVersion = 1

// swapMagic begins a marker: "rookswp1", little-endian.
const swapMagic uint64 = 0x317077736b6f6f72

// Offsets in the marker. All numbers are little-endian; bytes not named are zero. Magic, version and checksum stay where
// they are in all later versions. docs/format/swap.md says the same.
const (
	swapMagicOff    = 0  // u64
	swapVersionOff  = 8  // u32, swapVersion
	swapOldOff      = 16 // 16 bytes, id of the environment that is replaced
	swapNewOff      = 32 // 16 bytes, id of the one that replaces it
	swapSequenceOff = 48 // u64, sequence of the old environment's newest header
	swapCheckOff    = 56 // u64, XXH3-64 of all before it

	swapBytes = 64
)

// swapMarker is the contents of the marker.
type swapMarker struct {
	old, new journal.EnvID
	// sequence is that of the newest header of the old environment when it was copied. Opening it writes a newer one, so
	// that a marker never takes the place of what was written after the copy.
	sequence uint64
}

// appendSwap appends the swapBytes bytes of m.
func appendSwap(dst []byte, m swapMarker) []byte {
	base := len(dst)
	dst = append(dst, make([]byte, swapBytes)...)
	b := dst[base:]
	binary.LittleEndian.PutUint64(b[swapMagicOff:], swapMagic)
	binary.LittleEndian.PutUint32(b[swapVersionOff:], swapVersion)
	copy(b[swapOldOff:], m.old[:])
	copy(b[swapNewOff:], m.new[:])
	binary.LittleEndian.PutUint64(b[swapSequenceOff:], m.sequence)
	binary.LittleEndian.PutUint64(b[swapCheckOff:], xxh3.Hash(b[:swapCheckOff]))
	return dst
}

// decodeSwap reads what appendSwap wrote. The error is a damage, or *NewerFormatError without directory.
func decodeSwap(b []byte) (swapMarker, error) {
	switch {
	case len(b) != swapBytes:
		return swapMarker{}, damage("not the length of a marker")
	case binary.LittleEndian.Uint64(b[swapMagicOff:]) != swapMagic:
		return swapMarker{}, damage("not a marker")
	case xxh3.Hash(b[:swapCheckOff]) != binary.LittleEndian.Uint64(b[swapCheckOff:]):
		return swapMarker{}, damage("the checksum does not agree")
	}
	if version := binary.LittleEndian.Uint32(b[swapVersionOff:]); version > swapVersion {
		return swapMarker{}, &NewerFormatError{Found: version, Readable: swapVersion}
	}
	return swapMarker{
		old:      journal.EnvID(b[swapOldOff : swapOldOff+16]),
		new:      journal.EnvID(b[swapNewOff : swapNewOff+16]),
		sequence: binary.LittleEndian.Uint64(b[swapSequenceOff:]),
	}, nil
}
