package page

// Bounds of runs of pages.
const (
	// RunPagesMax is the longest run: a bitmap page describes PayloadBytes*8 pages, itself among them, and no run may
	// cross a bitmap page. Above it a value has no place in the file.
	RunPagesMax = PayloadBytes*8 - 1
	// OverflowBytesMax is the longest value that an overflow run holds, about 508 MiB.
	OverflowBytesMax = RunPagesMax*SizeBytes - HeaderBytes
)
