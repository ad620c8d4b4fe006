package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// insert puts e at position i. The caller has made sure that gap is at least e.room().
func (n node) insert(i int, e entry) {
	off := page.Upper(n) - e.size()
	i = n.makeSlot(i)
	n.write(off, e)
	n.setOff(i, off)
	page.SetUpper(n, off)
}

// makeSlot makes room for a slot before slot i, and returns where it is: in a leaf from a gap that is near, else from the gap
// between slots and entries.
func (n node) makeSlot(i int) int {
	if !n.isBranch() && i < n.count() {
		if at, ok := n.openSlot(i); ok {
			return at
		}
	}
	lower := page.Lower(n)
	copy(n[slotOff(i+1):lower+slotBytes], n[slotOff(i):lower])
	page.SetLower(n, lower+slotBytes)
	return i
}

// write puts the bytes of e at off.
func (n node) write(off int, e entry) {
	word := uint16(len(e.value))
	if e.overflow {
		word |= overflowBit
	}
	binary.LittleEndian.PutUint16(n[off+keyBytesOff:], uint16(len(e.key)))
	binary.LittleEndian.PutUint16(n[off+valueBytesOff:], word)
	copy(n[off+keyOff:], e.key)
	copy(n[off+keyOff+len(e.key):], e.value)
}

// remove takes entry i out; false when the page is nonsense. In a leaf its slots become gaps, unless they are the last; i is
// the first of them.
func (n node) remove(i int) bool {
	if !n.bury(i) {
		return false
	}
	end, lower := i+1, page.Lower(n)
	if !n.isBranch() {
		end = n.behind(i)
	}
	switch {
	case n.isBranch() || end == n.count():
		copy(n[slotOff(i):], n[slotOff(end):lower])
		page.SetLower(n, lower-slotBytes*(end-i))
	case i > 0:
		n.fillSlots(i, end, n.off(i-1))
	default:
		n.fillSlots(i, end, n.off(end))
	}
	return true
}

// fillSlots makes the slots from i to end repeat an offset.
func (n node) fillSlots(i, end, off int) {
	for ; i < end; i++ {
		n.setOff(i, off)
	}
}

// bury counts the bytes of entry i as dead, or gives them back to the gap if they border on it. The slot stays.
func (n node) bury(i int) bool {
	e, ok := n.entry(i)
	if !ok {
		return false
	}
	if upper := page.Upper(n); n.off(i) == upper {
		page.SetUpper(n, upper+e.size())
		return page.Dead(n) <= page.SizeBytes-upper-e.size()
	}
	dead := page.Dead(n) + e.size()
	page.SetDead(n, dead)
	return dead <= page.SizeBytes-page.Upper(n)
}

// replace writes e, which has the same key, over entry i of a leaf, i being its first slot. It reports whether there was room; ok is false when the page
// is nonsense.
func (n node) replace(i int, old, e entry) (fits, ok bool) {
	if spare := len(old.value) - len(e.value); spare >= 0 {
		n.write(n.off(i), e)
		page.SetDead(n, page.Dead(n)+spare)
		return true, page.Dead(n) <= page.SizeBytes-page.Upper(n)
	}
	if n.gap() < e.size() {
		return false, true
	}
	end := n.behind(i)
	if !n.bury(i) {
		return false, false
	}
	off := page.Upper(n) - e.size()
	n.write(off, e)
	n.fillSlots(i, end, off)
	page.SetUpper(n, off)
	return true, true
}

// cut drops all entries from position from on, which is at least 1, of a page without gaps; false when one of them is nonsense.
func (n node) cut(from int) bool {
	for i := from; i < n.count(); i++ {
		if !n.bury(i) {
			return false
		}
	}
	page.SetLower(n, slotOff(from))
	return true
}

// rebuild writes all entries anew, without dead bytes between them, in the order of the keys from the end of the page
// downwards: the bytes that ascending inserts would leave. scratch has a page's length. False when the page is nonsense.
func (n node) rebuild(scratch []byte) bool {
	old := node(scratch[:page.SizeBytes])
	defer clear(old) // pages may be secret, and scratch memory outlives the transaction
	copy(old, n)
	off, lower := page.SizeBytes, page.Lower(n)
	for i := range old.count() {
		if !n.isBranch() && old.isGap(i) {
			n.setOff(i, off)
			continue
		}
		e, ok := old.entry(i)
		if !ok || off-e.size() < lower {
			return false
		}
		off -= e.size()
		copy(n[off:off+e.size()], old[old.off(i):])
		n.setOff(i, off)
	}
	page.SetUpper(n, off)
	page.SetDead(n, 0)
	return true
}

// separator returns the shortest key s with left < s <= right: a prefix of right (Bayer and Unterauer, "Prefix
// B-Trees", 1977). It shares the bytes of right. left must be below right; if not, the page is
// damaged, and so is what comes out.
func separator(left, right []byte) []byte {
	if len(right) == 0 {
		return right
	}
	common := 0
	for common < len(left) && common < len(right)-1 && left[common] == right[common] {
		common++
	}
	return right[:common+1]
}
