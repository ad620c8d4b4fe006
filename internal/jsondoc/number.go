package jsondoc

import (
	"math"
	"strconv"
)

// digitsSafe is how many digits before the point, exponent included, can never be out of the range of a float64: the
// greatest is 1.8e308.
const digitsSafe = 300

// scanNumber reads the number at i (RFC 8259, section 6) and returns the position behind it. The text stays as written;
// only a number whose float64 value would be infinite is refused.
func (p *Parser) scanNumber(i int) (int, error) {
	buf := p.buf
	start := i
	if buf[i] == '-' {
		i++
	}
	first := i
	for isDigit(buf[i]) {
		i++
	}
	if i == first || buf[first] == '0' && i > first+1 {
		return 0, p.badNumber(start, i)
	}
	whole := i - first
	if buf[i] == '.' {
		i++
		point := i
		for isDigit(buf[i]) {
			i++
		}
		if i == point {
			return 0, p.badNumber(start, i)
		}
	}
	if buf[i]|0x20 == 'e' {
		return p.scanExponent(start, i+1)
	}
	if whole > digitsSafe {
		return p.inRange(start, i)
	}
	return i, nil
}

// scanExponent reads what follows the e of the number at start.
func (p *Parser) scanExponent(start, i int) (int, error) {
	if c := p.buf[i]; c == '+' || c == '-' {
		i++
	}
	first := i
	for isDigit(p.buf[i]) {
		i++
	}
	if i == first {
		return 0, p.badNumber(start, i)
	}
	return p.inRange(start, i)
}

// inRange returns end when the number from start to end has a finite float64 value.
func (p *Parser) inRange(start, end int) (int, error) {
	f, _ := strconv.ParseFloat(string(p.buf[start:end]), 64)
	if math.IsInf(f, 0) {
		return 0, p.numberOutOfRange(start, end)
	}
	return end, nil
}

func isDigit(c byte) bool { return c-'0' <= 9 }
