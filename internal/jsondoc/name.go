package jsondoc

import (
	"bytes"
	"math/bits"
	"slices"
)

// A fingerprint is one byte made from a name. Eight of them are compared with one word, so a name is found, or known to
// be new, without looking at the other names (the idea of Swiss tables' control bytes: abseil.io/about/design/swisstables).
//
// It is a part of the format. With a and b the first and last eight bytes of the name as little-endian numbers (shorter
// names: all of it, padded with zeros, as both), it is the top byte of (a + b*printMul + n) * printMul, modulo 1<<64.
const printMul = 0x9E3779B97F4A7C15 // 1<<64 divided by the golden ratio, odd

func mixPrint(a, b uint64, n int) byte {
	return byte((a + b*printMul + uint64(n)) * printMul >> 56)
}

// fingerprint returns the print of the n bytes at b; eight bytes can be loaded there.
func fingerprint(b []byte, n int) byte {
	a := le64(b)
	if n >= 8 {
		return mixPrint(a, le64(b[n-8:]), n)
	}
	a &= 1<<(8*n) - 1
	return mixPrint(a, a, n)
}

// fingerprintString is fingerprint for a name that has nothing behind it.
func fingerprintString(s string) byte {
	n := len(s)
	if n >= 8 {
		return mixPrint(string64(s), string64(s[n-8:]), n)
	}
	a := shortString64(s)
	return mixPrint(a, a, n)
}

func string64(s string) uint64 { return uint64(string32(s)) | uint64(string32(s[4:]))<<32 }

func string32(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// shortString64 loads a string of less than eight bytes, padded with zeros. Its halves overlap: bytes in the middle are
// loaded twice, to the same place.
func shortString64(s string) uint64 {
	n := len(s)
	if n >= 4 {
		return uint64(string32(s)) | uint64(string32(s[n-4:]))<<(8*(n-4))
	}
	if n == 0 {
		return 0
	}
	return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1))
}

// needsEscape reports whether s may have other bytes in canonical text: control characters, quotes, backslashes, or 0xED,
// with which surrogates begin (and some Hangul, which stays as it is).
func needsEscape(s string) bool {
	n := len(s)
	var m uint64
	if n >= 8 {
		m = special(string64(s[n-8:]))
		for i := 0; i+8 < n; i += 8 {
			m |= special(string64(s[i:]))
		}
	} else {
		m = special(shortString64(s) | ' '*ones<<(8*n))
	}
	return m != 0 && hasEscape(s)
}

// hasEscape is needsEscape byte by byte, for names beyond plain ASCII.
func hasEscape(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0xED {
			return true
		}
	}
	return false
}

// matches marks, with the high bit of its byte, each byte of x that equals fp. Bytes above a true mark may be marked
// wrongly.
func matches(x uint64, fp byte) uint64 {
	x ^= uint64(fp) * ones
	return (x - ones) &^ x & highs
}

// scanName reads the name whose opening quote stands at i, notes it as an entry, and returns the position behind its
// closing quote. A name that the object has already is refused.
func (p *Parser) scanName(i int) (int, error) {
	done := p.done
	start := i - p.gap
	end, err := p.scanString(i)
	if err != nil {
		return 0, err
	}
	raw := p.buf[i+1:]
	if p.done != done { // an escape was replaced: finish moving the name, and look at it there
		p.settle(end)
		raw = p.buf[start+1:]
	}
	n := end - p.gap - start - 2
	base := int(p.frames[p.depth].base)
	if p.top-base < linearFieldsMax {
		fp := fingerprint(raw, n)
		if p.isTaken(base, start, n, fp, end) {
			return 0, p.duplicate(i, start, n)
		}
		p.push(uint32(start))
		p.prints[p.top-1] = fp
		return end, nil
	}
	p.push(uint32(start)) // a large object: duplicates are found when its names are sorted
	return end, nil
}

// isTaken reports whether the object whose first slot is base has a field of the name that starts at start in the
// canonical text, n bytes between the quotes. The text is read up to i.
func (p *Parser) isTaken(base, start, n int, fp byte, i int) bool {
	for k := base; k < p.top; k += 8 {
		for m := matches(le64(p.prints[k:]), fp); m != 0; m &= m - 1 {
			at := k + bits.TrailingZeros64(m)/8
			if at >= p.top {
				return false
			}
			if p.prints[at] == fp && p.sameName(at, start, n, i) {
				return true
			}
		}
	}
	return false
}

func (p *Parser) sameName(slot, start, n, i int) bool {
	p.settle(i) // both names must be at their places
	other := p.entryStart(p.slots[slot])
	return bytes.Equal(p.buf[other+1:other+2+n], p.buf[start+1:start+2+n]) // with the closing quote
}

// name is a field of a large object, while its names are sorted.
type name struct {
	start, n int32 // from the opening quote, to and with the closing one
	field    int32
}

// sortNames sorts the fields from slot base to the top by name into p.names. It returns the field whose name an earlier
// one has too, or -1; the first such field in the text if there are several.
func (p *Parser) sortNames(base int) (twice int) {
	p.names = p.names[:0]
	for k := base; k < p.top; k++ {
		start := p.entryStart(p.slots[k])
		n := stringEnd(p.buf, start) - start
		p.names = append(p.names, name{start: int32(start), n: int32(n), field: int32(k - base)})
	}
	slices.SortFunc(p.names, func(a, b name) int {
		if c := bytes.Compare(p.bytesOf(a), p.bytesOf(b)); c != 0 {
			return c
		}
		return int(a.field - b.field)
	})
	twice = -1
	for k := 1; k < len(p.names); k++ {
		a, b := p.names[k-1], p.names[k]
		if (twice < 0 || int(b.field) < twice) && bytes.Equal(p.bytesOf(a), p.bytesOf(b)) {
			twice = int(b.field)
		}
	}
	return twice
}

func (p *Parser) bytesOf(n name) []byte { return p.buf[n.start+1 : n.start+n.n] }

// stringEnd returns the position behind the closing quote of the canonical string at start.
func stringEnd(text []byte, start int) int {
	for i := start + 1; ; i++ {
		i += bytes.IndexByte(text[i:], '"')
		if text[i-1] != '\\' || slashesBefore(text, i)%2 == 0 {
			return i + 1
		}
	}
}

func slashesBefore(text []byte, i int) (n int) {
	for text[i-1-n] == '\\' {
		n++
	}
	return n
}
