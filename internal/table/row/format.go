package row

// A row in its section, all integers little-endian:
//
//	off  bytes  what
//	  0      4  magic "RKRW"
//	  4      1  version, 1
//	  5      1  row kind: which table
//	  6      1  number of fields
//	  7      1  zero
//	  8      8  checksum: XXH3-64 of the bytes from 16 to the row's end, seeded with the bytes 0 to 7 as an integer
//	 16      …  length of each field, as a varint of 7 bits a byte, lowest first
//	  …      …  the fields, one behind the other
//
// The row's whole length follows from the lengths, so a reader that finds the magic anywhere can take the row from there.
// The page docs/format/table.md says the same.
const (
	magic   = 0x57524b52 // "RKRW"
	version = 1

	offMagic    = 0
	offVersion  = 4
	offKind     = 5
	offFields   = 6
	offZero     = 7
	offChecksum = 8
)

// HeaderBytes is where the lengths begin: the part of a row that is as long in each.
const HeaderBytes = 16

// Mark is what each row begins with, the magic as text: what to look for where there may be rows.
const Mark = "RKRW"
