package journal

import "github.com/rookerydb/rookery/internal/vfs"

// PageBytes is the unit in which pages are counted; storage asserts that it is the size of a page.
const PageBytes = 8192

// BlockBytes is the unit in which records begin and are padded: what a write-through file asks for.
const BlockBytes = vfs.AlignBytes

// HeaderBytes is the length of a record header.
const HeaderBytes = 256

// Version is the format of records that this code writes, and the only one it reads.
const Version = 1

// magic begins each record: "rookjrnl", little-endian.
const magic uint64 = 0x6c6e726a6b6f6f72

// Offsets of the header fields. All numbers are little-endian.
const (
	magicOff    = 0   // u64
	hashOff     = 8   // u64, XXH3-64 of everything from versionOff to the end of the stored payload
	versionOff  = 16  // u16
	flagsOff    = 18  // u16, see flagCompressed
	stateLenOff = 20  // u16, bytes of state in use
	envOff      = 24  // 16 bytes, the environment
	journalOff  = 40  // u64, the file's number
	txOff       = 48  // u64, the transaction
	prevOff     = 56  // u64, hash of the record before; chains the records
	storedOff   = 64  // u64, bytes of payload that follow the header
	rawOff      = 72  // u64, bytes of payload when decompressed
	nextPageOff = 80  // u64, the state after it: number of pages the data file needs
	stateOff    = 96  // StateBytesMax bytes, the state after it, as the caller encodes it
	tagOff      = 224 // 16 bytes, tag of the encrypted payload; the header with hash and tag as zero is associated data
	nonceOff    = 240 // 12 bytes
	cipherOff   = 252 // u8, algorithm of the encryption, 0 for a payload in clear
)

// flagCompressed says that the payload is one S2 block.
const flagCompressed = 1
