package memory

import "strconv"

// Profile is what caches and bounds get on a machine of some size, in bytes. Those of storage are for each database.
type Profile struct {
	FlushAboveBytes   int64 // changed pages kept before they are written to the data file
	MaxUnflushedBytes int64 // bound of all page versions in memory
	PoolBytesMax      int64 // released page buffers kept for the next transactions
	TxPageBytesMax    int64 // pages that a transaction holds where files are not mapped
	PulseBytes        int64 // read by a long read before it goes on in a new snapshot
	BatchBytesMax     int64 // documents in one merged transaction
	LowBytes          int64 // available memory below which memory is low
}

// ProfileOf returns the sizes for a limit in bytes; 0 stands for a machine with enough of everything. 32-bit programs get those of a
// machine with less than 1 GiB at most, as their address space is the narrower bound.
func ProfileOf(bytes int64) Profile { return profileOf(bytes, strconv.IntSize) }

func profileOf(bytes int64, wordBits int) Profile {
	if bytes <= 0 {
		bytes = 64 << 30
	}
	low := min(bytes/10, lowBytesMax)
	if wordBits == 32 {
		bytes = min(bytes, 1<<30-1)
	}
	return Profile{
		FlushAboveBytes:   flushAboveBytes(bytes),
		MaxUnflushedBytes: within(bytes/8, 32<<20, 1<<30),
		PoolBytesMax:      within(bytes/64, 2<<20, 64<<20),
		TxPageBytesMax:    within(bytes/16, 16<<20, 256<<20),
		PulseBytes:        pulseBytes(bytes),
		BatchBytesMax:     within(bytes/64, 2<<20, 16<<20),
		LowBytes:          low,
	}
}

// flushAboveBytes is 1/32 of the memory up to 2 GiB, then 1/64 from 4 GiB on, up to 256 MiB: the more changes are gathered, the
// fewer times a page that is changed all the time is written back. Four databases may be under load at once.
func flushAboveBytes(bytes int64) int64 {
	return max(within(bytes/32, 4<<20, 64<<20), within(bytes/64, 0, 256<<20))
}

// pulseBytes grows in steps: below 1 GiB, up to 4, 16 and 64 GiB, above.
func pulseBytes(bytes int64) int64 {
	switch {
	case bytes < 1<<30:
		return 16 << 20
	case bytes <= 4<<30:
		return 32 << 20
	case bytes <= 16<<30:
		return 64 << 20
	case bytes <= 64<<30:
		return 128 << 20
	}
	return 256 << 20
}

// within returns n, but not less than low nor more than high.
func within(n, low, high int64) int64 { return min(max(n, low), high) }
