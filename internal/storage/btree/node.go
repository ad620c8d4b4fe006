package btree

import (
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

// count returns the number of slots: of entries, and in a leaf of gaps; see gaps.go.
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

// pair is entry, by its offset, for many in a row: it sets the fields of pair one by one, as a struct that is returned and copied would make the
// processor wait until what was just written can be read.
func (n node) pair(off int, pair *Pair) bool {
	if off < page.Upper(n) || off > page.SizeBytes-entryHeaderBytes {
		return false
	}
	keyBytes := int(binary.LittleEndian.Uint16(n[off+keyBytesOff:]))
	valueBytes := int(binary.LittleEndian.Uint16(n[off+valueBytesOff:]))
	overflow := valueBytes&overflowBit != 0
	valueOff, end := off+keyOff+keyBytes, off+keyOff+keyBytes+valueBytes&^overflowBit
	if end > page.SizeBytes || overflow && end != valueOff+refBytes {
		return false
	}
	pair.Key, pair.Value = n[off+keyOff:valueOff:valueOff], nil
	if !overflow {
		pair.Value = n[valueOff:end:end]
	}
	return true
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
