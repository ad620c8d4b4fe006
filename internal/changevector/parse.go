package changevector

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/fault"
)

// Parse reads the text form: "A:7-<database id>", entries joined by commas, with or without spaces around them, in any
// order. The empty text is the vector of nothing. The same tag and database id twice are refused. Errors are
// *SyntaxError. The entries share memory with text.
func Parse(text string) (Vector, error) {
	p := parser{text: text}
	p.skipSpaces()
	if p.atEnd() {
		return nil, nil
	}
	v := make(Vector, 0, min(strings.Count(text, ",")+1, EntriesMax))
	for {
		if len(v) == EntriesMax {
			return nil, p.tooMany()
		}
		off := p.off
		e, err := p.entry()
		if err != nil {
			return nil, err
		}
		v, err = p.insert(v, e, off)
		if err != nil {
			return nil, err
		}
		p.skipSpaces()
		if p.atEnd() {
			return v, nil
		}
		if !p.take(',') {
			return nil, p.fail(`expected "," between entries`)
		}
		p.skipSpaces()
	}
}

// String returns the text form: entries in order, joined by ", ".
func (v Vector) String() string { return string(v.AppendText(nil)) }

// AppendText appends the text form to dst.
func (v Vector) AppendText(dst []byte) []byte {
	for i, e := range v {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, e.Tag...)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, e.Etag, 10)
		dst = append(dst, '-')
		dst = append(dst, e.DatabaseID...)
	}
	return dst
}

// parser is a position in the text.
type parser struct {
	text string
	off  int
}

func (p *parser) entry() (e Entry, err error) {
	if e.Tag, err = p.tag(); err != nil {
		return Entry{}, err
	}
	if !p.take(':') {
		return Entry{}, p.fail(`expected ":" after the tag`)
	}
	if e.Etag, err = p.etag(); err != nil {
		return Entry{}, err
	}
	if !p.take('-') {
		return Entry{}, p.fail(`expected "-" after the etag`)
	}
	if e.DatabaseID, err = p.databaseID(); err != nil {
		return Entry{}, err
	}
	return e, nil
}

func (p *parser) tag() (string, error) {
	start := p.off
	for p.off < len(p.text) && 'A' <= p.text[p.off] && p.text[p.off] <= 'Z' {
		p.off++
	}
	if n := p.off - start; n == 0 || n > TagBytesMax {
		p.off = start
		return "", p.fail("expected a tag of 1 to 4 capital letters")
	}
	return p.text[start:p.off], nil
}

func (p *parser) etag() (int64, error) {
	start := p.off
	var etag int64
	for p.off < len(p.text) && isDigit(p.text[p.off]) {
		digit := int64(p.text[p.off] - '0')
		if etag > (math.MaxInt64-digit)/10 {
			p.off = start
			return 0, p.fail("etag is larger than 9223372036854775807")
		}
		etag = 10*etag + digit
		p.off++
	}
	if p.off == start {
		return 0, p.fail("expected an etag, a number of 0 or more")
	}
	return etag, nil
}

func (p *parser) databaseID() (string, error) {
	start := p.off
	for p.off < len(p.text) && isBase64(p.text[p.off]) {
		p.off++
	}
	if n := p.off - start; n != DatabaseIDBytes {
		p.off = start
		return "", p.fail(fmt.Sprintf("expected a database id of %d base64 characters, found %d", DatabaseIDBytes, n))
	}
	return p.text[start:p.off], nil
}

// insert puts e, which was read at off, at its place in v. Texts that we wrote are sorted, so that is the end.
func (p *parser) insert(v Vector, e Entry, off int) (Vector, error) {
	if len(v) == 0 || compareOwners(v[len(v)-1], e) < 0 {
		return append(v, e), nil
	}
	i, found := slices.BinarySearchFunc(v, e, compareOwners)
	if found {
		p.off = off
		return nil, p.fail("tag and database id of an earlier entry")
	}
	return slices.Insert(v, i, e), nil
}

func (p *parser) skipSpaces() {
	for p.off < len(p.text) && p.text[p.off] == ' ' {
		p.off++
	}
}

func (p *parser) take(c byte) bool {
	if p.off < len(p.text) && p.text[p.off] == c {
		p.off++
		return true
	}
	return false
}

func (p *parser) atEnd() bool { return p.off == len(p.text) }

func (p *parser) fail(msg string) error {
	return &SyntaxError{Text: p.text, Off: p.off, Msg: msg, kind: fault.Invalid}
}

func (p *parser) tooMany() error {
	msg := fmt.Sprintf("more than %d entries", EntriesMax)
	return &SyntaxError{Text: p.text, Off: p.off, Msg: msg, kind: fault.TooLarge}
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isBase64(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '/'
}
