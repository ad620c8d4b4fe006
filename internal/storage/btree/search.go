package btree

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// search returns the position of the first entry from position from on whose key is not below key, and whether it is
// equal. ok is false when an entry is nonsense. In a leaf it is the first slot of its entry.
//
// Keys are compared by their heads: eight bytes as one big-endian number. Most of the time goes into waiting for the bytes of
// slots and entries, which lie in no order; so narrow asks for several at once, and waits once for all. Keys that begin
// alike are compared by the eight bytes behind what they have in common.
func (n node) search(from int, key []byte) (i int, found, ok bool) {
	lo, hi := n.narrow(from, n.count(), 0, head(key))
	for skip := 0; hi-lo > 1; {
		more, order, ok := n.alike(lo, hi, key)
		switch {
		case !ok:
			return 0, false, false
		case order < 0:
			return hi, false, true
		case order > 0:
			return lo, false, true
		case more == skip: // nothing gained: equal as far as heads tell
			return n.bisect(lo, hi, key)
		}
		skip = more
		lo, hi = n.narrow(lo, hi, skip, head(key[min(skip, len(key)):]))
	}
	return n.bisect(lo, hi, key)
}

// lineSlots is how many slots come from memory at once.
const lineSlots = 64 / slotBytes

// narrow returns where among the entries from lo to hi those lie whose heads, skip bytes into their keys, may be want.
// Entries before them have lower heads, those behind them higher ones.
func (n node) narrow(lo, hi, skip int, want uint64) (int, int) {
	p := (*[page.SizeBytes]byte)(n)
	var heads [16]uint64
	if lines := hi / lineSlots; lo <= 1 && lines >= 2 && lines <= len(heads) {
		// The last slot of each line: the processor may ask for them before it knows how many there are.
		below, above := compareHeads(p, probes{-1, lineSlots, 0, skip}, heads[:lines], want)
		if below+above == 0 {
			return lo, hi // keys that begin alike, as far as one can see
		}
		if above > 0 {
			hi = (lines-above+1)*lineSlots - 1
		}
		lo = max(lo, below*lineSlots)
	}
	for hi-lo > 4 {
		count, shift := hi-lo, 2 // probes at each fourth part, or at each eighth
		if count >= 8 {
			shift = 3
		}
		parts := 1 << shift
		below, above := compareHeads(p, probes{lo, count, shift, skip}, heads[:parts-1], want)
		if below+above == 0 {
			return lo, hi // keys that begin alike
		}
		if above > 0 {
			hi = lo + (parts-above)*count>>shift
		}
		if below > 0 {
			lo += below*count>>shift + 1
		}
	}
	below, above := compareHeads(p, probes{lo - 1, 1, 0, skip}, heads[:hi-lo], want)
	return lo + below, hi - above
}

// probes are the entries at base + k*step>>shift, for k from 1 on.
type probes struct{ base, step, shift, skip int }

// compareHeads counts the probes with heads below and above want, as many as there is room for in heads.
func compareHeads(p *[page.SizeBytes]byte, at probes, heads []uint64, want uint64) (below, above int) {
	if at.skip == 0 {
		for k := range heads {
			heads[k] = headAt(p, at.base+(k+1)*at.step>>at.shift)
		}
	} else {
		for k := range heads {
			heads[k] = headBehind(p, at.base+(k+1)*at.step>>at.shift, at.skip)
		}
	}
	for _, h := range heads {
		below += one(h < want)
		above += one(h > want)
	}
	return below, above
}

// bisect is search by whole keys, among the entries from lo to hi.
func (n node) bisect(lo, hi int, key []byte) (i int, found, ok bool) {
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		order, ok := n.compareAt(mid, key)
		switch {
		case !ok:
			return 0, false, false
		case order == 0:
			return n.first(mid), true, true
		case order < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false, true
}

// alike returns how many bytes the keys from lo to hi, at least two, have in common at the beginning. order says how all of them compare
// with key if these bytes tell: then it is not 0.
func (n node) alike(lo, hi int, key []byte) (common, order int, ok bool) {
	first, ok1 := n.entry(lo)
	last, ok2 := n.entry(hi - 1)
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	for common < len(first.key) && common < len(last.key) && first.key[common] == last.key[common] {
		common++
	}
	return common, bytes.Compare(first.key[:common], key[:min(common, len(key))]), true
}

// one returns 1 for true; the compiler makes it an instruction without a branch.
func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// headAt returns the head of the key of entry i. For a nonsense entry it is any number. It is small enough to be inlined.
func headAt(p *[page.SizeBytes]byte, i int) uint64 {
	off := min(int(binary.LittleEndian.Uint16(p[slotOff(i):])), page.SizeBytes-entryHeaderBytes)
	at := min(off+keyOff, page.SizeBytes-8) // near the end of the page the eight bytes begin before the key
	h := binary.BigEndian.Uint64(p[at:]) << (8 * uint(off+keyOff-at))
	unused := 64 - 8*min(uint(binary.LittleEndian.Uint16(p[off+keyBytesOff:])), 8) // bits that are not the key's
	return h >> unused << unused
}

// headBehind is headAt behind the first skip bytes of the key.
func headBehind(p *[page.SizeBytes]byte, i, skip int) uint64 {
	off := min(int(binary.LittleEndian.Uint16(p[slotOff(i):])), page.SizeBytes-entryHeaderBytes)
	wanted := off + keyOff + skip
	at := min(wanted, page.SizeBytes-8)
	h := binary.BigEndian.Uint64(p[at:]) << (8 * uint(wanted-at))
	left := max(int(binary.LittleEndian.Uint16(p[off+keyBytesOff:]))-skip, 0)
	unused := 64 - 8*min(uint(left), 8)
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
