package btree

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// node is the bytes of a branch or leaf page whose header has passed load. Slots and entries are still untrusted.
type node []byte

// entry is one entry of a node; key and value lie in the page.
type entry struct {
	key, value []byte // value is a child number in a branch, a reference if overflow is set
	overflow   bool
}

// size returns the bytes that the entry takes, its slot not among them.
func (e entry) size() int { return entryHeaderBytes + len(e.key) + len(e.value) }

// room returns the bytes that the entry takes in a page, its slot among them.
func (e entry) room() int { return slotBytes + e.size() }

// load returns page no if it is a page of that kind with at least one entry. *CorruptError if not.
func load(r Reader, no page.No, kind page.Kind) (node, error) {
	p, err := r.Page(no)
	if err != nil {
		return nil, err
	}
	return asNode(p, no, kind)
}

// asNode checks the header of p.
func asNode(p []byte, no page.No, kind page.Kind) (node, error) {
	if len(p) < page.SizeBytes || page.Number(p) != no || page.KindOf(p) != kind {
		return nil, headerError(p, no, kind)
	}
	lower, upper := page.Lower(p), page.Upper(p)
	if lower < page.HeaderBytes+slotBytes || lower > upper || upper > page.SizeBytes || lower%slotBytes != 0 {
		return nil, corrupt(no, "lower and upper are out of bounds")
	}
	return node(p[:page.SizeBytes]), nil
}

// headerError says why p is not page no of that kind.
func headerError(p []byte, no page.No, kind page.Kind) error {
	switch {
	case len(p) < page.SizeBytes:
		return corrupt(no, "page is cut short")
	case page.Number(p) != no:
		return corrupt(no, "page has the number "+page.Number(p).String())
	default:
		return corrupt(no, "page is a "+page.KindOf(p).String()+" page, not a "+kind.String()+" page")
	}
}

// kindAt returns the kind of page that stands height levels above the leaves.
func kindAt(height int) page.Kind {
	if height == 0 {
		return page.Leaf
	}
	return page.Branch
}

func (n node) isBranch() bool { return page.KindOf(n) == page.Branch }

// count returns the number of entries.
func (n node) count() int { return (page.Lower(n) - page.HeaderBytes) / slotBytes }

// gap returns the bytes between slots and entries.
func (n node) gap() int { return page.Upper(n) - page.Lower(n) }

// free returns the bytes that new slots and entries can take, if need be after rebuild.
func (n node) free() int { return n.gap() + page.Dead(n) }

// used returns the bytes that slots and entries take.
func (n node) used() int { return page.PayloadBytes - n.free() }

func slotOff(i int) int { return page.HeaderBytes + slotBytes*i }

// off returns what slot i says: the offset of its entry, unchecked. i is below count.
func (n node) off(i int) int { return int(binary.LittleEndian.Uint16(n[slotOff(i):])) }

func (n node) setOff(i, off int) { binary.LittleEndian.PutUint16(n[slotOff(i):], uint16(off)) }

// entry returns entry i; false when it does not lie wholly in the page, or its value has not the length it must have.
func (n node) entry(i int) (entry, bool) {
	off := n.off(i)
	if off < page.Upper(n) || off > page.SizeBytes-entryHeaderBytes {
		return entry{}, false
	}
	keyBytes := int(binary.LittleEndian.Uint16(n[off+keyBytesOff:]))
	word := int(binary.LittleEndian.Uint16(n[off+valueBytesOff:]))
	valueBytes := word &^ overflowBit
	valueOff := off + keyOff + keyBytes
	if valueOff+valueBytes > page.SizeBytes {
		return entry{}, false
	}
	e := entry{
		key:      n[off+keyOff : valueOff : valueOff],
		value:    n[valueOff : valueOff+valueBytes : valueOff+valueBytes],
		overflow: word != valueBytes,
	}
	if e.overflow && valueBytes != refBytes {
		return entry{}, false
	}
	return e, true
}

// child returns the number of child i of a branch; false when the entry is nonsense.
func (n node) child(i int) (page.No, bool) {
	e, ok := n.entry(i)
	if !ok || len(e.value) != childBytes || e.overflow {
		return 0, false
	}
	return page.No(binary.LittleEndian.Uint64(e.value)), true
}

// childFor returns the position of the child in whose range key lies.
func (n node) childFor(key []byte) (i int, ok bool) {
	i, found, ok := n.search(1, key) // the first entry stands below all keys
	if !found {
		i--
	}
	return i, ok
}

// search returns the position of the first entry from position from on whose key is not below key, and whether it is
// equal. ok is false when an entry is nonsense.
//
// Keys are compared by their first eight bytes as one big-endian number, and as a whole only if those are equal. Most of
// the time goes into waiting for the entries' bytes; so each round asks for three of them, and waits once.
func (n node) search(from int, key []byte) (i int, found, ok bool) {
	p, want := (*[page.SizeBytes]byte)(n), head(key)
	lo, hi := from, n.count()
	for hi-lo >= 4 {
		quarter := (hi - lo) >> 2
		a, b, c := headAt(p, lo+quarter), headAt(p, lo+2*quarter), headAt(p, lo+3*quarter)
		below := one(a < want) + one(b < want) + one(c < want)
		above := one(a > want) + one(b > want) + one(c > want)
		if below+above == 0 {
			break // keys that begin alike
		}
		if above > 0 {
			hi = lo + (4-above)*quarter
		}
		if below > 0 {
			lo += below*quarter + 1
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if got := headAt(p, mid); got < want {
			lo = mid + 1
			continue
		} else if got > want {
			hi = mid
			continue
		}
		order, ok := n.compareAt(mid, key)
		switch {
		case !ok:
			return 0, false, false
		case order == 0:
			return mid, true, true
		case order < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false, true
}

// one returns 1 for true; the compiler makes it an instruction without a branch.
func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// headAt returns the head of the key of entry i. For a nonsense entry it is any number.
func headAt(p *[page.SizeBytes]byte, i int) uint64 {
	off := min(int(binary.LittleEndian.Uint16(p[slotOff(i):])), page.SizeBytes-entryHeaderBytes)
	at := min(off+keyOff, page.SizeBytes-8) // near the end of the page the eight bytes begin before the key
	h := binary.BigEndian.Uint64(p[at:]) << (8 * uint(off+keyOff-at))
	unused := 64 - 8*min(uint(binary.LittleEndian.Uint16(p[off+keyBytesOff:])), 8) // bits that are not the key's
	return h >> unused << unused
}

// compareAt compares the key of entry i with key.
func (n node) compareAt(i int, key []byte) (order int, ok bool) {
	e, ok := n.entry(i)
	if !ok {
		return 0, false
	}
	return bytes.Compare(e.key, key), true
}

// head returns the first eight bytes of key as a big-endian number, zero bytes after a shorter one. Different heads are
// in the order of their keys; equal ones say nothing.
func head(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var h uint64
	for _, b := range key {
		h = h<<8 | uint64(b)
	}
	return h << (64 - 8*uint(len(key)))
}
