package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Slots of leaves may repeat: slots side by side with the same offset are one entry. All but the first of them are gaps, in
// the way of packed-memory arrays (Itai, Konheim and Rodeh, "A Sparse Table Implementation of Priority Queues", 1981). A new
// entry moves the slots between its place and the nearest gap, a few bytes, instead of all behind it, hundreds: differences
// are what the journal pays for. A search needs to know nothing of it. Branch pages, which change seldom, have no gaps.

// gapReach is how many slots away a gap is looked for; moving more is no dearer than looking further.
const gapReach = 64

// isGap says whether slot i repeats the one before it.
func (n node) isGap(i int) bool { return i > 0 && n.off(i) == n.off(i-1) }

// first returns the first slot of the entry that slot i belongs to.
func (n node) first(i int) int {
	for n.isGap(i) {
		i--
	}
	return i
}

// behind returns the first slot of the entry after that of slot i; count() when there is none.
func (n node) behind(i int) int {
	off := n.off(i)
	for i++; i < n.count() && n.off(i) == off; {
		i++
	}
	return i
}

// entries returns the number of entries, at the cost of a look at each slot.
func (n node) entries() int {
	entries := 0
	for i := range n.count() {
		if !n.isGap(i) {
			entries++
		}
	}
	return entries
}

// isSingle says whether there is one entry only.
func (n node) isSingle() bool { return n.off(0) == n.off(n.count()-1) }

// openSlot makes room for the slot of a new entry before slot i of a leaf by moving the slots up to the nearest gap, and
// returns where it is. ok is false when there is no gap near, and nothing was moved.
func (n node) openSlot(i int) (at int, ok bool) {
	count := n.count()
	if n.isGap(i) { // of an entry below: the new one comes behind all its slots
		return n.behind(i) - 1, true
	}
	for d := 1; d <= gapReach; d++ {
		if j := i + d; j < count && n.isGap(j) {
			copy(n[slotOff(i+1):slotOff(j+1)], n[slotOff(i):slotOff(j)])
			return i, true
		}
		if j := i - d; j > 0 && n.isGap(j) {
			copy(n[slotOff(j):slotOff(i-1)], n[slotOff(j+1):slotOff(i)])
			return i - 1, true
		}
	}
	return 0, false
}

// tidy drops all gaps, and returns where the entry of slot i stands then; i may be count().
func (n node) tidy(i int) int {
	count, kept, at := n.count(), 0, 0
	last := 0
	for j := range count {
		if j == i {
			at = kept
		}
		if off := n.off(j); j == 0 || off != last {
			n.setOff(kept, off)
			kept, last = kept+1, off
		}
	}
	if i == count {
		at = kept
	}
	page.SetLower(n, slotOff(kept))
	return at
}

// spread writes the leaf n anew with gaps between the slots, as many as entries of its kind will still fit. scratch has a
// page's length. False when the page is nonsense.
func (n node) spread(scratch []byte) bool {
	n.tidy(0)
	if !n.rebuild(scratch) {
		return false
	}
	count := n.count()
	gaps := min(n.free()*count/n.used(), n.gap()/slotBytes)
	if count+gaps > page.PayloadBytes/slotBytes {
		return false // no entries are that small
	}
	slots := node(scratch[:page.SizeBytes])
	copy(slots, n[:slotOff(count)])
	at := 0
	for i := range count {
		for end := i + 1 + (i+1)*gaps/count; at < end; at++ {
			binary.LittleEndian.PutUint16(n[slotOff(at):], uint16(slots.off(i)))
		}
	}
	page.SetLower(n, slotOff(at))
	return true
}
