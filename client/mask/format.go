package mask

// A masked id is, before it is written in Base58:
//
//	offset  bytes  what
//	0       16     synthetic IV, which is the tag too
//	16      16·n   the id, the byte 0x80, zeros up to a multiple of 16; encrypted
//
// The version of the key is not in it; it is authenticated beside the id as 4 bytes, big endian.
const (
	tagOff    = 0
	idOff     = 16
	padTo     = 16   // ids of up to 15 bytes, which most are, look alike
	padBegins = 0x80 // ISO/IEC 7816-4: the end of the text is the last of these

	// idBytesMax is the longest id that servers take.
	idBytesMax = 512
	// maskedBytesMax is what the longest id gives; what is longer is refused unread.
	maskedBytesMax = idOff + (idBytesMax/padTo+1)*padTo
)
