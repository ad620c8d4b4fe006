package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Layout of branch and leaf pages. After the header come slots, one for each entry in the order of the keys, growing
// upwards to page.Lower: the entry's offset in the page, u16. Entries grow downwards from the end of the page to page.Upper.
//
// Both kinds have the same entries; in a branch page the value is the child's number, 8 bytes, and the first entry has an
// empty key that stands below all others. Numbers are little-endian.
const (
	slotBytes = 2

	keyBytesOff   = 0 // u16, length of the key
	valueBytesOff = 2 // u16, length of the value in the entry; overflowBit may be set
	keyOff        = 4 // the key, then the value

	entryHeaderBytes = keyOff
	overflowBit      = 0x8000 // the value is a reference to an overflow run
	childBytes       = 8
)

// A reference to an overflow run stands in the entry in place of a long value.
const (
	refNoOff    = 0 // u64, first page of the run
	refBytesOff = 8 // u32, length of the value
	refBytes    = 12
)

// ref is a reference to an overflow run.
type ref struct {
	no    page.No
	bytes int
}

// put writes r to dst, which has refBytes bytes.
func (r ref) put(dst []byte) {
	binary.LittleEndian.PutUint64(dst[refNoOff:], uint64(r.no))
	binary.LittleEndian.PutUint32(dst[refBytesOff:], uint32(r.bytes))
}

// decodeRef reads what put wrote; src has refBytes bytes.
func decodeRef(src []byte) ref {
	return ref{
		no:    page.No(binary.LittleEndian.Uint64(src[refNoOff:])),
		bytes: int(binary.LittleEndian.Uint32(src[refBytesOff:])),
	}
}
