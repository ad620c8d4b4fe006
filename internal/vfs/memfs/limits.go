package memfs

const (
	// opsKeptMax bounds the log of a disk that does not record (a count): above it the older half is forgotten.
	opsKeptMax = 1 << 16

	// sectorBytes is what disks write whole or not at all.
	sectorBytes = 512

	// blockBytes is what an operating system writes back at a time.
	blockBytes = 4096
)
