package section

import "github.com/rookerydb/rookery/internal/storage/page"

// Fields are the tables of format.go by the names that docs/format/section.md gives: offset and length of each field.
func Fields() map[string][2]int {
	return map[string][2]int{
		"first free": {firstFreeOff, 2},
		"rows":       {rowsOff, 2},
		"slots":      {slotsOff, slotBytes},

		"offset": {0, 2},
		"length": {slotLengthOff, 2},

		"pages":              {pagesOff, 2},
		"made":               {madeOff, 2},
		"listed":             {listedOff, 1},
		"next":               {nextOff, 8},
		"previous":           {previousOff, 8},
		"next with room":     {nextRoomOff, 8},
		"previous with room": {prevRoomOff, 8},
		"levels":             {levelsOff, SectionPagesMax - 1},
	}
}

// PageBytes is a page with two rows in slots 0 and 2 and a free slot between them, as the code writes it.
func PageBytes() []byte {
	p := make([]byte, page.SizeBytes)
	d := initData(p, 9, 3)
	for i, cell := range []string{"first", "gone", "third"} {
		_, room, _ := d.place(len(cell))
		copy(room, cell)
		if i == 2 {
			d.remove(1)
		}
	}
	return p
}
