package section

import "github.com/rookerydb/rookery/internal/storage/page"

// Bytes of a data page (kind page.SectionData) after the page header, whose owner is the number of the section's header
// page; lower is the end of the slots, upper the start of the cells, dead the bytes in cells that are gone.
//
//	64  u16  first free slot, plus one; 0 when there is none
//	66  u16  rows
//	68  4 bytes a slot:
//	    0  u16  offset of the cell from the start of the page; 0: the slot is free
//	    2  u16  length of the cell in bytes, below 2^15; bit 15: the cell is a stub
//	            in a free slot: the next free slot, plus one; 0: no more
//	…   cells, from upper to the end of the page, in any order
//
// A stub is the u64 number of the overflow run with the row, whose owner is the section's header page, too.
const (
	firstFreeOff = page.HeaderBytes
	rowsOff      = 66
	slotsOff     = 68

	slotBytes     = 4
	slotLengthOff = 2
	stubBit       = 1 << 15
	stubBytes     = 8

	slotBits = 10 // of a row id
)

// Bytes of a header page (kind page.SectionHeader, its own owner) after the page header.
//
//	64  u16  pages of the section, this one included: 8 to 512
//	66  u16  data pages made so far, from the first; those after them hold anything
//	68  u8   the level of the list of sections with room that this one is in; 0: none
//	69  3 bytes zero
//	72  u64  next section; 0: none
//	80  u64  previous section
//	88  u64  next section in the list of that level
//	96  u64  previous section in that list
//	104 511 bytes: the level of each data page; 0 for the active page and for those not made
const (
	pagesOff    = page.HeaderBytes
	madeOff     = 66
	listedOff   = 68
	nextOff     = 72
	previousOff = 80
	nextRoomOff = 88
	prevRoomOff = 96
	levelsOff   = 104
)

// Levels of room in a data page. A cell and its slot surely fit a page of a level when they need no more than the room of
// that level. There are few levels, so that headers change seldom.
const (
	noRoom    = iota // less than 1 KiB
	someRoom         // at least 1 KiB
	goodRoom         // at least 2 KiB
	anyRoom          // enough for the longest cell
	emptyPage        // no rows at all

	listCount = anyRoom // sections are listed under someRoom, goodRoom or anyRoom; empty pages count as anyRoom
)

// levelBytes is the room that a page of each level has at least.
var levelBytes = [...]int{noRoom: 0, someRoom: 1 << 10, goodRoom: 2 << 10, anyRoom: CellBytesMax + slotBytes}

// levelFor is the lowest level at which a cell of n bytes surely fits.
func levelFor(n int) uint8 {
	level := uint8(someRoom)
	for levelBytes[level] < n+slotBytes {
		level++
	}
	return level
}
