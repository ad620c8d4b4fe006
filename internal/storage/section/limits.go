package section

import "github.com/rookerydb/rookery/internal/storage/page"

const (
	// CellBytesMax is the longest row that lies in a data page: two of them fill it. Longer ones have a run of their own.
	CellBytesMax = (page.SizeBytes-slotsOff)/2 - slotBytes // 4058

	// RowBytesMax is the longest row; above it no run of pages is long enough.
	RowBytesMax = page.OverflowBytesMax

	// SectionPagesMin is the pages of the first section, header included: a small set costs 64 KiB of file at most.
	SectionPagesMin = 8

	// SectionPagesMax is the pages of the seventh section and of later ones, header included: 4 MiB is enough to read in
	// one go. Above it, levels must have more than 511 bytes in the header.
	SectionPagesMax = 512

	// slotsMax is the most slots in a page (a count): slot numbers have 10 bits, and the last one stays unused.
	slotsMax = 1<<slotBits - 1
)
