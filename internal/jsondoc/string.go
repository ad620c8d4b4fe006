package jsondoc

import (
	"math/bits"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, with the high bit of its byte, the first byte of x that a scan through a string must look at: a quote, a
// backslash, a control character, or one beyond ASCII. Bytes above the first mark may be marked wrongly, for a
// subtraction borrows from its neighbour. ("Bit Twiddling Hacks", S. E. Anderson: determine if a word has a zero byte.)
func special(x uint64) uint64 {
	quote := (x ^ '"'*ones) - ones
	slash := (x ^ '\\'*ones) - ones
	control := x - ' '*ones
	return (quote | slash | control | x) & highs
}

// scanString reads the string whose opening quote stands at i, and returns the position behind its closing quote.
func (p *Parser) scanString(i int) (int, error) {
	start := i
	i++
	for {
		m := special(le64(p.buf[i:]))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) / 8
		switch c := p.buf[i]; {
		case c == '"':
			return i + 1, nil
		case c >= utf8.RuneSelf:
			_, size := utf8.DecodeRune(p.buf[i:p.n])
			if size <= 1 {
				return 0, p.badUTF8(i)
			}
			i += size
		case c == '\\':
			end, err := p.scanEscape(i, start)
			if err != nil {
				return 0, err
			}
			i = end
		default:
			return 0, p.controlInString(i, start)
		}
	}
}

// scanEscape reads the escape at i, puts its canonical form in its place, and returns the position behind it. start is
// where the string begins.
func (p *Parser) scanEscape(i, start int) (int, error) {
	var r rune
	end := i + 2
	switch c := p.buf[i+1]; c {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		return end, nil // stays as it is
	case '/':
		r = '/'
	case 'u':
		unit, ok := hex4(p.buf[i+2:])
		if !ok {
			return 0, p.badEscape(i, start)
		}
		r, end = unit, i+6
		if isHighSurrogate(r) && p.buf[end] == '\\' && p.buf[end+1] == 'u' {
			if low, ok := hex4(p.buf[end+2:]); ok && isLowSurrogate(low) {
				r, end = joinSurrogates(r, low), end+6
			}
		}
	default:
		return 0, p.badEscape(i, start)
	}
	p.replace(i, end, r)
	return end, nil
}

// replace puts the canonical form of r in place of the bytes from i to end, which is never longer.
func (p *Parser) replace(i, end int, r rune) {
	var form [8]byte
	short := appendRune(form[:0], r)
	p.settle(i)
	p.gap += end - i - len(short)
	p.done = end
	copy(p.buf[end-p.gap-len(short):], short)
}

// hex4 reads the four hexadecimal digits at the front of b. b has four bytes or more, or ends with a zero.
func hex4(b []byte) (rune, bool) {
	var r rune
	for k := range 4 {
		c := b[k]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// Surrogates: The Unicode Standard, section 3.9, D91.
const (
	highFirst = 0xD800
	lowFirst  = 0xDC00
	lowLast   = 0xDFFF
)

func isHighSurrogate(r rune) bool { return highFirst <= r && r < lowFirst }
func isLowSurrogate(r rune) bool  { return lowFirst <= r && r <= lowLast }
func isSurrogate(r rune) bool     { return highFirst <= r && r <= lowLast }

func joinSurrogates(high, low rune) rune {
	return 0x10000 + (high-highFirst)<<10 + (low - lowFirst)
}
