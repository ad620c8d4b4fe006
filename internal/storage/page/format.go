package page

import "encoding/binary"

// Sizes of a page.
const (
	SizeBytes    = 8192                    // one page: one checksum covers it, and a diff offset fits 16 bits
	HeaderBytes  = 64                      // at the start of each page, and of the first page of an overflow run
	PayloadBytes = SizeBytes - HeaderBytes // 8128
)

// Offsets of the header fields. All numbers are little-endian.
const (
	numberOff   = 0  // u64, the page's own number
	kindOff     = 8  // u8, see Kind
	flagsOff    = 9  // u8, meaning depends on the kind; zero for all kinds so far
	lowerOff    = 10 // u16, end of what grows upwards from the header (slots, keys), from the start of the page
	upperOff    = 12 // u16, start of what grows downwards from the end (entries), from the start of the page
	deadOff     = 14 // u16, bytes at or above upper that no entry uses any more
	overflowOff = 16 // u32, bytes of the value in an overflow run; a run cannot reach 4 GiB
	txOff       = 20 // u64, the transaction that wrote this version
	ownerOff    = 28 // u64, the structure that the page belongs to, as storage numbers them; 0 when unknown
	macOff      = 36 // 128 bits: XXH3-64 and eight zero bytes in plain files, the AEAD tag in encrypted ones
	nonceOff    = 52 // 96 bits: zero in plain files

	macBytes      = 16
	nonceBytes    = 12
	checksumBytes = 8 // of the MAC field, in plain files
)

// Kind says what a page holds.
type Kind uint8

// The kinds. Zero is no kind: a page of zero bytes is never valid.
const (
	Branch        Kind = 1 // inner node of a B+tree
	Leaf          Kind = 2 // leaf of a B+tree
	FixedBranch   Kind = 3 // inner node of a fixed-size tree
	FixedLeaf     Kind = 4 // leaf of a fixed-size tree
	SectionHeader Kind = 5 // first page of a raw data section
	SectionData   Kind = 6 // slotted rows of a raw data section
	Overflow      Kind = 7 // first page of a run with one large value; the others have no header
	Bitmap        Kind = 8 // which pages of a span are busy
)

// String returns the kind in lower-case words.
func (k Kind) String() string {
	switch k {
	case Branch:
		return "branch"
	case Leaf:
		return "leaf"
	case FixedBranch:
		return "fixed branch"
	case FixedLeaf:
		return "fixed leaf"
	case SectionHeader:
		return "section header"
	case SectionData:
		return "section data"
	case Overflow:
		return "overflow"
	case Bitmap:
		return "bitmap"
	default:
		return "unknown"
	}
}

// Init writes number and kind, and resets flags, lower, upper, dead and overflow bytes to those of an empty page.
//
// Transaction, owner, MAC and nonce stay: they belong to whoever hands out and seals pages.
func Init(p []byte, no No, k Kind) {
	h := p[:HeaderBytes]
	binary.LittleEndian.PutUint64(h[numberOff:], uint64(no))
	h[kindOff] = byte(k)
	h[flagsOff] = 0
	binary.LittleEndian.PutUint16(h[lowerOff:], HeaderBytes)
	binary.LittleEndian.PutUint16(h[upperOff:], SizeBytes)
	binary.LittleEndian.PutUint16(h[deadOff:], 0)
	binary.LittleEndian.PutUint32(h[overflowOff:], 0)
}

// The accessors below read or write one header field of p, which must have at least HeaderBytes bytes.

// Number returns the page's own number.
func Number(p []byte) No { return No(binary.LittleEndian.Uint64(p[numberOff:])) }

// KindOf returns what the page says it holds; it may be no kind that we know.
func KindOf(p []byte) Kind { return Kind(p[kindOff]) }

// Flags returns the bits whose meaning depends on the kind.
func Flags(p []byte) uint8 { return p[flagsOff] }

// SetFlags writes the bits whose meaning depends on the kind.
func SetFlags(p []byte, flags uint8) { p[flagsOff] = flags }

// Lower returns the end of what grows upwards from the header, in bytes from the start of the page.
func Lower(p []byte) int { return int(binary.LittleEndian.Uint16(p[lowerOff:])) }

// SetLower writes the end of what grows upwards; off is 0..SizeBytes.
func SetLower(p []byte, off int) { binary.LittleEndian.PutUint16(p[lowerOff:], uint16(off)) }

// Upper returns the start of what grows downwards from the end, in bytes from the start of the page.
func Upper(p []byte) int { return int(binary.LittleEndian.Uint16(p[upperOff:])) }

// SetUpper writes the start of what grows downwards; off is 0..SizeBytes.
func SetUpper(p []byte, off int) { binary.LittleEndian.PutUint16(p[upperOff:], uint16(off)) }

// Dead returns the bytes at or above upper that no entry uses any more.
func Dead(p []byte) int { return int(binary.LittleEndian.Uint16(p[deadOff:])) }

// SetDead writes the bytes at or above upper that no entry uses; n is 0..PayloadBytes.
func SetDead(p []byte, n int) { binary.LittleEndian.PutUint16(p[deadOff:], uint16(n)) }

// OverflowBytes returns the length of the value in the overflow run that starts at p; zero for other pages.
func OverflowBytes(p []byte) int { return int(binary.LittleEndian.Uint32(p[overflowOff:])) }

// SetOverflowBytes writes the length of the value in an overflow run; n is at most OverflowBytesMax.
func SetOverflowBytes(p []byte, n int) { binary.LittleEndian.PutUint32(p[overflowOff:], uint32(n)) }

// Tx returns the id of the transaction that wrote this version of the page.
func Tx(p []byte) uint64 { return binary.LittleEndian.Uint64(p[txOff:]) }

// SetTx writes the id of the transaction that wrote this version of the page.
func SetTx(p []byte, id uint64) { binary.LittleEndian.PutUint64(p[txOff:], id) }

// Owner returns the number of the structure that the page belongs to; 0 when unknown.
func Owner(p []byte) uint64 { return binary.LittleEndian.Uint64(p[ownerOff:]) }

// SetOwner writes the number of the structure that the page belongs to.
func SetOwner(p []byte, owner uint64) { binary.LittleEndian.PutUint64(p[ownerOff:], owner) }

// MAC returns the 16 bytes of checksum or tag, in place.
func MAC(p []byte) []byte { return p[macOff : macOff+macBytes] }

// Nonce returns the 12 bytes of nonce, in place.
func Nonce(p []byte) []byte { return p[nonceOff : nonceOff+nonceBytes] }

// Payload returns what follows the header of a page or of a whole run, in place.
func Payload(run []byte) []byte { return run[HeaderBytes:] }
