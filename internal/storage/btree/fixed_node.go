package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Layout of the pages of a fixed-size tree. After the header come the keys, u64 in ascending order, up to page.Lower; from
// page.Upper on come the values in the same order. Upper is where the keys of a full page end, so an entry added at the
// end touches one key and one value. In a branch page the value is a child's number, and the first key is not compared.
const fixedKeyBytes = 8

// fixedCapacity returns how many entries fit in a page.
func fixedCapacity(valueBytes int) int { return page.PayloadBytes / (fixedKeyBytes + valueBytes) }

// fixedNode is a page of a fixed-size tree whose header has passed asFixedNode: all its entries lie in the page.
type fixedNode struct {
	page       []byte
	valueBytes int
}

// loadFixed returns page no if it is a page of that kind with at least one entry. *CorruptError if not.
func loadFixed(r Reader, no page.No, kind page.Kind, valueBytes int) (fixedNode, error) {
	p, err := r.Page(no)
	if err != nil {
		return fixedNode{}, err
	}
	return asFixedNode(p, no, kind, valueBytes)
}

// asFixedNode checks the header of p. valueBytes is that of the leaves.
func asFixedNode(p []byte, no page.No, kind page.Kind, valueBytes int) (fixedNode, error) {
	if len(p) < page.SizeBytes || page.Number(p) != no || page.KindOf(p) != kind {
		return fixedNode{}, headerError(p, no, kind)
	}
	if kind == page.FixedBranch {
		valueBytes = childBytes
	}
	lower, upper := page.Lower(p), page.HeaderBytes+fixedKeyBytes*fixedCapacity(valueBytes)
	if page.Upper(p) != upper || lower <= page.HeaderBytes || lower > upper || lower%fixedKeyBytes != 0 {
		return fixedNode{}, corrupt(no, "lower and upper are out of bounds")
	}
	return fixedNode{page: p[:page.SizeBytes], valueBytes: valueBytes}, nil
}

// fixedKindAt returns the kind of page that stands height levels above the leaves.
func fixedKindAt(height int) page.Kind {
	if height == 0 {
		return page.FixedLeaf
	}
	return page.FixedBranch
}

func (n fixedNode) isBranch() bool { return page.KindOf(n.page) == page.FixedBranch }

// count returns the number of entries.
func (n fixedNode) count() int { return (page.Lower(n.page) - page.HeaderBytes) / fixedKeyBytes }

func (n fixedNode) setCount(count int) { page.SetLower(n.page, fixedKeyOff(count)) }

func (n fixedNode) capacity() int { return fixedCapacity(n.valueBytes) }

func fixedKeyOff(i int) int { return page.HeaderBytes + fixedKeyBytes*i }

func (n fixedNode) valueOff(i int) int { return fixedKeyOff(n.capacity()) + n.valueBytes*i }

func (n fixedNode) key(i int) uint64 { return binary.LittleEndian.Uint64(n.page[fixedKeyOff(i):]) }

func (n fixedNode) setKey(i int, key uint64) {
	binary.LittleEndian.PutUint64(n.page[fixedKeyOff(i):], key)
}

func (n fixedNode) value(i int) []byte {
	off := n.valueOff(i)
	return n.page[off : off+n.valueBytes : off+n.valueBytes]
}

func (n fixedNode) child(i int) page.No { return page.No(binary.LittleEndian.Uint64(n.value(i))) }

func (n fixedNode) setChild(i int, no page.No) {
	binary.LittleEndian.PutUint64(n.value(i), uint64(no))
}

// search returns the position of the first entry from position from on whose key is not below key, and whether it is
// equal. Keys above all others are found at once.
func (n fixedNode) search(from int, key uint64) (i int, found bool) {
	lo, hi := from, n.count()
	if hi > lo && n.key(hi-1) < key {
		return hi, false
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if n.key(mid) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < n.count() && n.key(lo) == key
}

// childFor returns the position of the child in whose range key lies.
func (n fixedNode) childFor(key uint64) int {
	i, found := n.search(1, key) // the first entry stands below all keys
	if !found {
		i--
	}
	return i
}

// insert puts an entry at position i. The page must not be full.
func (n fixedNode) insert(i int, key uint64, value []byte) {
	count := n.count()
	copy(n.page[fixedKeyOff(i+1):fixedKeyOff(count+1)], n.page[fixedKeyOff(i):])
	copy(n.page[n.valueOff(i+1):n.valueOff(count+1)], n.page[n.valueOff(i):])
	n.setKey(i, key)
	copy(n.value(i), value)
	n.setCount(count + 1)
}

// remove takes entry i out.
func (n fixedNode) remove(i int) {
	count := n.count()
	copy(n.page[fixedKeyOff(i):fixedKeyOff(count)], n.page[fixedKeyOff(i+1):fixedKeyOff(count)])
	copy(n.page[n.valueOff(i):n.valueOff(count)], n.page[n.valueOff(i+1):n.valueOff(count)])
	n.setCount(count - 1)
}

// moveTail moves the entries of n from position from on to the front of the entries of to, which has room for them.
func (n fixedNode) moveTail(from int, to fixedNode) {
	count, moved, had := n.count(), n.count()-from, to.count()
	copy(to.page[fixedKeyOff(moved):fixedKeyOff(had+moved)], to.page[fixedKeyOff(0):])
	copy(to.page[to.valueOff(moved):to.valueOff(had+moved)], to.page[to.valueOff(0):])
	copy(to.page[fixedKeyOff(0):], n.page[fixedKeyOff(from):fixedKeyOff(count)])
	copy(to.page[to.valueOff(0):], n.page[n.valueOff(from):n.valueOff(count)])
	n.setCount(from)
	to.setCount(had + moved)
}

// moveHead moves the first moved entries of n to the end of to, which has room for them.
func (n fixedNode) moveHead(moved int, to fixedNode) {
	count := n.count()
	n.copyHead(moved, to)
	copy(n.page[fixedKeyOff(0):fixedKeyOff(count)], n.page[fixedKeyOff(moved):fixedKeyOff(count)])
	copy(n.page[n.valueOff(0):n.valueOff(count)], n.page[n.valueOff(moved):n.valueOff(count)])
	n.setCount(count - moved)
}

// copyHead writes the first copied entries of n to the end of to, which has room for them. n is only read.
func (n fixedNode) copyHead(copied int, to fixedNode) {
	had := to.count()
	copy(to.page[fixedKeyOff(had):], n.page[fixedKeyOff(0):fixedKeyOff(copied)])
	copy(to.page[to.valueOff(had):], n.page[n.valueOff(0):n.valueOff(copied)])
	to.setCount(had + copied)
}
