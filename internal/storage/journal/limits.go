package journal

// Bounds of records and files.
const (
	// StateBytesMax is how many bytes of the caller's state fit a record header.
	StateBytesMax = 128
	// PayloadBytesMax bounds one transaction's changes before compression; above it S2's block format, and one write to a
	// file, would end.
	PayloadBytesMax = 1 << 30
	// SparesMax is how many used files are kept for reuse: what is written between two syncs with the usual sizes. Fewer, and
	// files are removed only to be made again; more only hold disk space.
	SparesMax = 8
	// bufferKeepBytesMax is how large an encoding buffer may stay between appends; one huge transaction must not hold
	// memory for good.
	bufferKeepBytesMax = 16 << 20
	// fillBytes is written at once when a file is made: large enough for speed, small enough that a commit waits little
	// behind it.
	fillBytes = 256 << 10
)
