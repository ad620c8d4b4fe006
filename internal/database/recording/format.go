package recording

// Version is the format that this code writes, and the only one that it reads.
const Version = 1

// magic begins each file: "rookrecd", little-endian.
const magic uint64 = 0x646365726b6f6f72

// Offsets in the header of a file. All numbers are little-endian.
const (
	magicOff     = 0  // u64
	versionOff   = 8  // u16, then 6 bytes zero
	startedOff   = 16 // i64, nanoseconds since 1970
	databaseOff  = 24 // DatabaseIDBytes of text, then 2 bytes zero
	headHashOff  = 48 // u64, XXH3-64 of the bytes before it
	HeaderBytes  = 56
	databaseEnd  = databaseOff + DatabaseIDBytes
	entrySizeOff = 0  // u32, bytes of the body
	kindOff      = 4  // u8, see Kind
	outcomeOff   = 5  // u8, 0: committed; else the fault.Kind of its error and one; then 2 bytes zero
	txOff        = 8  // u64, the transaction
	atOff        = 16 // i64, nanoseconds since 1970: when it was answered
	hashOff      = 24 // u64, XXH3-64 of the bytes before it and the body
	entryHead    = 32
)

// DatabaseIDBytes is the length of a database's id.
const DatabaseIDBytes = 22

// Kind says which command an entry holds. The numbers are part of the format.
type Kind uint8

// The kinds, with their fields. Numbers are 8 bytes, big-endian.
const (
	Other        Kind = 0 // cannot be run again; no fields
	Put          Kind = 1 // id as asked, id as stored, expectation, separator, document as JSON text
	Delete       Kind = 2 // id, expectation
	DeletePrefix Kind = 3 // prefix
	Batch        Kind = 4 // a command each: its kind in one byte, then its fields
	NextHiLo     Kind = 5 // tag, last size, last range at (nanoseconds since 1970, or empty), last max
	ReturnHiLo   Kind = 6 // tag, last, end

	kindEnd Kind = 7
)
