package section

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// dataPage is a data page; see format.go. Its methods trust what checkData has checked, and check the rest.
type dataPage []byte

// checkData returns p as a data page when the fields that its methods use without asking make sense.
func checkData(p []byte, no page.No) (dataPage, error) {
	if len(p) != page.SizeBytes || page.KindOf(p) != page.SectionData {
		return nil, corrupt(no, "not a data page")
	}
	d := dataPage(p)
	lower, upper := page.Lower(p), page.Upper(p)
	switch {
	case lower < slotsOff || lower > upper || upper > page.SizeBytes:
		return nil, corrupt(no, "slots and cells overlap or leave the page")
	case (lower-slotsOff)%slotBytes != 0 || d.slotCount() > slotsMax || d.firstFree() > d.slotCount():
		return nil, corrupt(no, "impossible slots")
	case page.Dead(p) > page.SizeBytes-upper:
		return nil, corrupt(no, "more dead bytes than cells")
	}
	return d, nil
}

// initData makes p an empty data page of the section with that header.
func initData(p []byte, no, header page.No) dataPage {
	page.Init(p, no, page.SectionData)
	page.SetOwner(p, uint64(header))
	d := dataPage(p)
	d.clear()
	return d
}

// clear forgets all slots and cells.
func (d dataPage) clear() {
	page.SetLower(d, slotsOff)
	page.SetUpper(d, page.SizeBytes)
	page.SetDead(d, 0)
	d.setFirstFree(0)
	d.setRows(0)
}

func (d dataPage) header() page.No { return page.No(page.Owner(d)) }

func (d dataPage) slotCount() int { return (page.Lower(d) - slotsOff) / slotBytes }

// firstFree is a slot number plus one; 0 when no slot is free.
func (d dataPage) firstFree() int     { return int(binary.LittleEndian.Uint16(d[firstFreeOff:])) }
func (d dataPage) setFirstFree(n int) { binary.LittleEndian.PutUint16(d[firstFreeOff:], uint16(n)) }

func (d dataPage) rows() int     { return int(binary.LittleEndian.Uint16(d[rowsOff:])) }
func (d dataPage) setRows(n int) { binary.LittleEndian.PutUint16(d[rowsOff:], uint16(n)) }

// slot returns the two numbers of a slot below slotCount.
func (d dataPage) slot(i int) (off, length int) {
	s := d[slotsOff+i*slotBytes:][:slotBytes]
	return int(binary.LittleEndian.Uint16(s)), int(binary.LittleEndian.Uint16(s[slotLengthOff:]))
}

func (d dataPage) setSlot(i, off, length int) {
	s := d[slotsOff+i*slotBytes:][:slotBytes]
	binary.LittleEndian.PutUint16(s, uint16(off))
	binary.LittleEndian.PutUint16(s[slotLengthOff:], uint16(length))
}

// cell returns the bytes in a slot and whether they are a stub; ok is false when there is no such row, and when its cell
// does not lie in the page.
func (d dataPage) cell(i int) (cell []byte, stub, ok bool) {
	if i >= d.slotCount() {
		return nil, false, false
	}
	off, length := d.slot(i)
	stub, length = length&stubBit != 0, length&^stubBit
	if off == 0 || off+length > page.SizeBytes || stub && length != stubBytes {
		return nil, false, false
	}
	if length > 0 && off < page.Upper(d) { // an empty cell is anywhere: what lay beside it may be gone
		return nil, false, false
	}
	return d[off : off+length : off+length], stub, true
}

// room is the bytes that new cells and slots may take.
func (d dataPage) room() int { return page.Upper(d) - page.Lower(d) + page.Dead(d) }

// level is the level of room that the header should know of.
func (d dataPage) level() uint8 {
	if d.rows() == 0 {
		return emptyPage
	}
	if d.firstFree() == 0 && d.slotCount() == slotsMax {
		return noRoom
	}
	level, room := uint8(anyRoom), d.room()
	for levelBytes[level] > room {
		level--
	}
	return level
}

// fits says whether a cell of n bytes finds room.
func (d dataPage) fits(n int) bool {
	if d.firstFree() != 0 {
		return n <= d.room()
	}
	return d.slotCount() < slotsMax && n+slotBytes <= d.room()
}

// place takes a slot and room for a cell of n bytes, which must fit. The bytes are whatever they were. False when the page
// contradicts itself.
func (d dataPage) place(n int) (slot int, cell []byte, ok bool) {
	needed := n
	if d.firstFree() == 0 {
		needed += slotBytes
	}
	if page.Upper(d)-page.Lower(d) < needed && !d.compact() {
		return 0, nil, false
	}
	slot, ok = d.takeSlot()
	if !ok || page.Upper(d)-page.Lower(d) < n {
		return 0, nil, false
	}
	d.setRows(d.rows() + 1)
	return slot, d.putCell(slot, n), true
}

func (d dataPage) takeSlot() (int, bool) {
	if free := d.firstFree(); free != 0 {
		off, next := d.slot(free - 1)
		d.setFirstFree(next)
		return free - 1, off == 0 && next <= d.slotCount()
	}
	slot := d.slotCount()
	page.SetLower(d, page.Lower(d)+slotBytes)
	return slot, true
}

// putCell lays n bytes beneath the other cells.
func (d dataPage) putCell(slot, n int) []byte {
	off := page.Upper(d) - n
	page.SetUpper(d, off)
	d.setSlot(slot, off, n)
	return d[off : off+n : off+n]
}

// markStub says that the cell in slot, of stubBytes bytes, is a stub.
func (d dataPage) markStub(slot int) {
	off, length := d.slot(slot)
	d.setSlot(slot, off, length|stubBit)
}

// remove gives back a slot that has a row, and its cell.
func (d dataPage) remove(slot int) {
	if d.rows() <= 1 {
		d.clear()
		return
	}
	d.dropCell(slot)
	d.setSlot(slot, 0, d.firstFree())
	d.setFirstFree(slot + 1)
	d.setRows(d.rows() - 1)
}

// dropCell gives back the bytes of a cell.
func (d dataPage) dropCell(slot int) {
	off, length := d.slot(slot)
	length &^= stubBit
	if off == page.Upper(d) {
		page.SetUpper(d, off+length)
	} else {
		page.SetDead(d, page.Dead(d)+length)
	}
}

// resizable says whether the row in slot can have a cell of n bytes and keep its slot.
func (d dataPage) resizable(slot, n int) bool {
	_, length := d.slot(slot)
	return n <= d.room()+length&^stubBit
}

// resize gives the row in slot a cell of n bytes, for which resizable is true; it is no stub then. Of the old bytes, as many
// as fit stay when it shrinks; else they are whatever they were. False when the page contradicts itself.
func (d dataPage) resize(slot, n int) ([]byte, bool) {
	off, length := d.slot(slot)
	length &^= stubBit
	if n <= length {
		page.SetDead(d, page.Dead(d)+length-n)
		d.setSlot(slot, off, n)
		return d[off : off+n : off+n], true
	}
	d.dropCell(slot)
	d.setSlot(slot, page.Upper(d), 0) // still a row, so that compact lets it be
	if page.Upper(d)-page.Lower(d) < n && (!d.compact() || page.Upper(d)-page.Lower(d) < n) {
		return nil, false
	}
	return d.putCell(slot, n), true
}

// compact lays all cells side by side at the end of the page, and drops free slots after the last row. Slots keep their
// numbers. False, with the page as it was, when cells leave the page or take more than there is.
func (d dataPage) compact() bool {
	var old [page.SizeBytes]byte
	copy(old[:], d)
	from := dataPage(old[:])
	upper, slots := page.SizeBytes, 0
	for i := range from.slotCount() {
		cell, _, ok := from.cell(i)
		if !ok {
			continue
		}
		upper -= len(cell)
		if upper < page.Lower(d) {
			copy(d, from)
			return false
		}
		copy(d[upper:], cell)
		_, length := from.slot(i)
		d.setSlot(i, upper, length)
		slots = i + 1
	}
	page.SetUpper(d, upper)
	page.SetDead(d, 0)
	d.chainFreeSlots(slots)
	return true
}

// chainFreeSlots keeps the first n slots and chains the free ones among them, the lowest first.
func (d dataPage) chainFreeSlots(n int) {
	next := 0
	for i := n - 1; i >= 0; i-- {
		if off, _ := d.slot(i); off == 0 {
			d.setSlot(i, 0, next)
			next = i + 1
		}
	}
	d.setFirstFree(next)
	page.SetLower(d, slotsOff+n*slotBytes)
}
