package jsondoc

import (
	"math/bits"
	"strings"
)

// table is where the parts of a table lie in the document; see format.go.
type table struct {
	n     int // how many entries
	names int // where fingerprints, or field numbers in the order of names, begin; the end of slots in an array
	slots int // where slots begin
}

// layout returns where the parts of v's table lie; v must have one.
func (v Value) layout() (t table) {
	width := v.doc.width()
	t.n, t.names = v.doc.tableCount(int(v.table))
	t.names -= width // the start
	if v.doc[v.start] == '{' {
		if t.n <= linearFieldsMax {
			t.names -= t.n
		} else {
			t.names -= t.n * width
		}
	}
	t.slots = t.names - t.n*width
	return t
}

// tableCount returns how many entries the table that ends at end has, and where its count begins.
func (d Doc) tableCount(end int) (n, off int) {
	n = int(d[end-1])
	if n == countLong {
		return int(le32(d[end-countLongBytes:])), end - countLongBytes
	}
	return n, end - 1
}

// offset reads the width bytes at off. The four bytes that end with them are always there, for the text or other offsets
// stand before; so these are loaded, and what is wanted is at the top.
func (d Doc) offset(off, width int) uint32 {
	return le32(d[off+width-4:]) >> ((32 - 8*width) & 31)
}

// entry returns where the entry starts whose slot is s in the table that ends at end; and where its own table ends, or 0.
func (d Doc) entry(s uint32, end, width int) (start, table int) {
	flag := slotFlag(width)
	if s&flag == 0 {
		return int(s) + headerFixedBytes + width, 0
	}
	table = end - int(s&^flag)
	_, off := d.tableCount(table)
	return int(d.offset(off-width, width)) + headerFixedBytes + width, table
}

// slot returns start and table of entry i of v, whose slots begin at slots.
func (v Value) slot(slots, i int) (start, table int) {
	width := v.doc.width()
	return v.doc.entry(v.doc.offset(slots+i*width, width), int(v.table), width)
}

// entryEnd returns where entry i of v ends.
func (v Value) entryEnd(t table, i int) uint32 {
	if i+1 == t.n {
		return v.end - 1 // the closing bracket
	}
	next, _ := v.slot(t.slots, i+1)
	return uint32(next) - 1 // the comma
}

// Entry returns name and value of the i-th entry of an array or object, from 0. The name is a String; null in an array.
// It panics if i is out of range.
func (v Value) Entry(i int) (name, value Value) {
	if uint(i) >= uint(v.Len()) {
		panic("BUG: jsondoc: entry out of range")
	}
	t := v.layout()
	start, own := v.slot(t.slots, i)
	value = Value{doc: v.doc, start: uint32(start), end: v.entryEnd(t, i), table: uint32(own)}
	if v.doc[v.start] == '{' {
		name = Value{doc: v.doc, start: uint32(start), end: uint32(stringEnd(v.doc, start))}
		value.start = name.end + 1 // the colon
	}
	return name, value
}

// Field returns the value of the field called name; ok is false if there is none, or if v is not an object. It does not
// allocate, unless the name is one that needs escapes.
func (v Value) Field(name string) (value Value, ok bool) {
	if v.table == 0 || v.doc[v.start] != '{' {
		return Value{}, false
	}
	t := v.layout()
	f, ok := v.find(t, name)
	if !ok {
		return Value{}, false
	}
	return Value{doc: v.doc, start: uint32(f.value), end: v.entryEnd(t, f.i), table: uint32(f.table)}, true
}

// found is a field that was looked for: which it is, where its value starts, and the end of its table, or 0.
type found struct{ i, value, table int }

// find finds the field called name in v, an object with the table t.
func (v Value) find(t table, name string) (found, bool) {
	if needsEscape(name) {
		var buf [128]byte
		name = string(appendQuoted(buf[:0], name))
	}
	if t.n > linearFieldsMax {
		return v.search(t, name)
	}
	fp := fingerprintString(name)
	for k := 0; k < t.n; k += 8 {
		for m := v.doc.prints(t, k, fp); m != 0; m &= m - 1 {
			i := k + bits.TrailingZeros64(m)/8
			start, own := v.slot(t.slots, i)
			if v.doc.hasName(start, name) {
				return found{i, start + len(name) + 3, own}, true // behind two quotes and the colon
			}
		}
	}
	return found{}, false
}

// prints marks those of the eight entries from k on whose fingerprint is fp.
func (d Doc) prints(t table, k int, fp byte) uint64 {
	left := t.n - k
	if left >= 8 {
		return matches(le64(d[t.names+k:]), fp)
	}
	// Eight bytes from k on may reach over the end of the document: load those that end with the last print.
	x := le64(d[t.names+t.n-8:]) >> (8 * (8 - left) & 63)
	return matches(x, fp) & (1<<(8*left&63) - 1)
}

// hasName reports whether the entry at start is called name, which is in canonical form.
func (d Doc) hasName(start int, name string) bool {
	end := start + 1 + len(name)
	return end < len(d) && d[end] == '"' && string(d[start+1:end]) == name
}

// search finds the field called name, in canonical form, in a large object.
func (v Value) search(t table, name string) (found, bool) {
	width := v.doc.width()
	low, high := 0, t.n
	for low < high {
		mid := int(uint(low+high) / 2)
		i := int(v.doc.offset(t.names+mid*width, width))
		start, own := v.slot(t.slots, i)
		switch c := v.doc.compareName(start, name); {
		case c == 0:
			return found{i, start + len(name) + 3, own}, true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return found{}, false
}

// compareName orders the name of the entry at start and name, both with their closing quotes.
func (d Doc) compareName(start int, name string) int {
	have := d[start+1:]
	if len(have) > len(name) {
		have = have[:len(name)]
	}
	// If have is the shorter one, its closing quote decides: name has none that is not escaped.
	if c := strings.Compare(borrowString(have), name); c != 0 {
		return c
	}
	return int(d[start+1+len(name)]) - '"'
}
