package zdict

// A stored value. The page docs/format/compression.md says the same of all that stands here:
//
//	plain       off  bytes  what
//	              0      1  kind, 0xC0
//	              1      …  the value
//
//	compressed  off  bytes  what
//	              0      1  kind, 0xC1
//	              1    1…5  id of the dictionary as a varint, 0 for none
//	              …    1…4  length of the value as a varint, 1 to RawBytesMax
//	              …      …  the blocks of a zstd frame (RFC 8878), without frame header and checksum
//
// The frame header says nothing that is not here, and would be 5 % of a small document. Kinds differ from the first byte of an
// encoded document (0xD1), so that either can stand in a field.
const (
	kindPlain      = 0xC0
	kindCompressed = 0xC1
)

// A dictionary as it stands in the registry and in copies, integers little-endian:
//
//	off  bytes  what
//	  0      1  version, 1
//	  1      3  zero
//	  4      4  id, from 1
//	  8      8  time of the training: milliseconds since 1970, signed
//	 16      4  samples that it was trained on
//	 20      4  ratio that was measured at training, in thousandths
//	 24      4  length of the name
//	 28      4  length of the dictionary
//	 32      8  checksum: XXH3-64 of all other bytes
//	 40      …  name, then the dictionary (RFC 8878, section 5)
const (
	recordVersion = 1

	recordVersionOff   = 0
	recordZeroOff      = 1
	recordIDOff        = 4
	recordTrainedOff   = 8
	recordSamplesOff   = 16
	recordRatioOff     = 20
	recordNameBytesOff = 24
	recordDictBytesOff = 28
	recordCheckOff     = 32
	recordHeaderBytes  = 40
)

// A file of copies, integers little-endian:
//
//	off  bytes  what
//	  0      8  magic "rookdict"
//	  8      4  version, 1
//	 12      4  flags: 1 = the body is encrypted
//	 16      8  length of the body as it stands in the file
//	 24      8  checksum: XXH3-64 of all other bytes
//	 32      …  body: next id (4), number of dictionaries (4), then for each the length of its record (4) and the record
//
// Encrypted, the body is what the environment's Sealer made of it, bound to the bytes 0 to 15.
const (
	copiesMagic   = "rookdict"
	copiesVersion = 1

	flagSealed = 1

	copiesMagicOff    = 0
	copiesVersionOff  = 8
	copiesFlagsOff    = 12
	copiesBodyOff     = 16
	copiesCheckOff    = 24
	copiesHeaderBytes = 32
	copiesBoundBytes  = 16

	bodyNextOff     = 0
	bodyCountOff    = 4
	bodyHeaderBytes = 8
	lengthBytes     = 4
)
