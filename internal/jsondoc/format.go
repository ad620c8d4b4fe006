package jsondoc

import "encoding/binary"

// A document is a header, the text, and an index of tables. All numbers are little-endian.
//
//	offset      bytes  what
//	0           1      formatMagic: kind of bytes and version
//	1           1      width code c (0, 1, 2); offsets take w = c+2 bytes; the other bits are zero
//	2           w      text length T in bytes
//	2+w         T      the text, canonical JSON
//	2+w+T       rest   tables, one for each array and object that is not empty, children before parents;
//	                   the root's table is the last and ends with the document. A scalar root has none.
//
// A table is read from its end, so that the root's is found without a pointer:
//
//	slots       n*w    one for each element or field, in the order of the text (see below)
//	prints      n      objects of at most linearFieldsMax fields: a fingerprint of each name (see fingerprint)
//	order       n*w    larger objects: the field numbers sorted by name, compared as bytes, closing quote included
//	start       w      offset in the text where the entry of this array or object starts
//	count       1      n, if n < countLong
//	            5      else n in four bytes, then countLong
//
// An entry starts at the opening quote of the name in an object, else at the value. A slot is the start of its entry; or,
// when the entry is an array or object with a table, the distance back from the end of this table to the end of
// that table, with the highest bit set. Entries end where the next one starts, less the comma, or where the parent
// ends, less its bracket. Kinds are told by the first byte of the value.
const (
	formatMagic = 0xD1 // document, version 1

	widthMin = 2
	widthMax = 4

	headerFixedBytes = 2 // magic and width code; the text length follows in w bytes

	countLong      = 0xFF
	countLongBytes = 5
)

// slotFlag is the bit that says a slot leads to a table.
func slotFlag(width int) uint32 { return 1 << (8*width - 1) }

// widthFor returns the least width whose slots can hold every offset in a text of n bytes.
func widthFor(n int) int {
	switch {
	case n < 1<<15:
		return 2
	case n < 1<<23:
		return 3
	}
	return 4
}

// getUint reads width bytes at d[off:].
func getUint(d []byte, off, width int) int {
	n := int(d[off]) | int(d[off+1])<<8
	if width > 2 {
		n |= int(d[off+2]) << 16
	}
	if width > 3 {
		n |= int(d[off+3]) << 24
	}
	return n
}

// appendUint appends n in width bytes.
func appendUint(dst []byte, n uint32, width int) []byte {
	dst = append(dst, byte(n), byte(n>>8))
	for k := 2; k < width; k++ {
		dst = append(dst, byte(n>>(8*k)))
	}
	return dst
}

func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
