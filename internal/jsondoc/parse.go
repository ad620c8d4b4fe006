package jsondoc

import (
	"slices"
	"sync"
)

// padBytes of zeros stand behind the text while it is scanned: eight bytes can be loaded at any position of it, and the
// first zero ends every loop.
const padBytes = 8

// Parser turns texts into documents. The zero value is ready. It keeps its scratch memory, so that once warm a document
// costs no allocation; it must not be used by two goroutines at once.
type Parser struct {
	text []byte // as given
	buf  []byte // a copy, made canonical in place, with padBytes behind
	n    int    // len(text)

	// Bytes left out so far are buf[done-gap:done]: what was at position i in the text goes to i-gap.
	gap  int
	done int

	width  int
	index  []byte
	slots  []uint32 // entries of all open arrays and objects, outermost first; starts, or tableMark and end of table
	prints []byte   // fingerprints, beside slots; only those of objects mean anything
	top    int      // how many slots are in use
	frames [DepthMax + 1]frame
	depth  int

	names []name // scratch for sorting the names of one large object
	out   []byte // scratch for Parse
}

// frame is an open array or object.
type frame struct {
	base   int32 // its first slot
	object bool
}

// tableMark marks those of Parser.slots that hold the end of a table in Parser.index. Ends and starts are below 1<<31.
const tableMark = 1 << 31

// parsers saves callers who parse now and then from keeping a Parser.
var parsers = sync.Pool{New: func() any { return new(Parser) }}

// Parse returns text as a document; any JSON value may be the root. The Doc has memory of its own. The error is a
// *SyntaxError.
func Parse(text []byte) (Doc, error) {
	p := parsers.Get().(*Parser)
	defer parsers.Put(p)
	out, err := p.Append(p.out[:0], text)
	if err != nil {
		return nil, err
	}
	doc := slices.Clone(out)
	if cap(out) <= scratchBytesMax {
		p.out = out
	}
	return doc, nil
}

// Append appends text as a document to dst; any JSON value may be the root. On an error, a *SyntaxError, it returns dst
// as it was given. text and dst must not overlap.
func (p *Parser) Append(dst, text []byte) ([]byte, error) {
	if len(text) > TextBytesMax {
		err := newSyntaxError(text, TextBytesMax, "document is larger than 256 MiB", "")
		err.tooLarge = true
		return dst, err
	}
	out, err := p.appendAtWidth(dst, text, widthFor(len(text)))
	p.release()
	return out, err
}

// appendAtWidth appends the document with the least width that holds it; width is a guess, nearly always right at once. It
// is too small when the index has outgrown the text, and too large when white space took the text over a border.
func (p *Parser) appendAtWidth(dst, text []byte, width int) ([]byte, error) {
	out, ok, err := p.tryWidth(dst, text, width)
	for err == nil && !ok {
		width++
		out, ok, err = p.tryWidth(dst, text, width)
	}
	if err != nil {
		return dst, err
	}
	textBytes := getUint(out, len(dst)+headerFixedBytes, width)
	if least := widthFor(textBytes); least < width && len(text) != textBytes {
		start := len(dst) + headerFixedBytes + width
		return p.appendAtWidth(dst, slices.Clone(out[start:start+textBytes]), least)
	}
	return out, nil
}

// tryWidth appends the document, or reports !ok when the index has outgrown width.
func (p *Parser) tryWidth(dst, text []byte, width int) (out []byte, ok bool, err error) {
	header := len(dst)
	start := header + headerFixedBytes + width
	out = slices.Grow(dst, headerFixedBytes+width+len(text)+len(text)/4+padBytes+16)[:start+len(text)+padBytes]
	copy(out[start:], text)
	clear(out[start+len(text):])
	p.begin(text, out[start:], width)
	if err := p.scan(); err != nil {
		return dst, false, err
	}
	if len(p.index) >= int(slotFlag(width)) && width < widthMax {
		return dst, false, nil
	}
	if len(p.index) > IndexBytesMax {
		return dst, false, p.indexTooLarge()
	}
	textBytes := p.n - p.gap
	out[header], out[header+1] = formatMagic, byte(width-widthMin)
	appendUint(out[:header+headerFixedBytes], uint32(textBytes), width)
	return append(out[:start+textBytes], p.index...), true, nil
}

func (p *Parser) begin(text, buf []byte, width int) {
	p.text, p.buf, p.n = text, buf, len(text)
	p.gap, p.done = 0, 0
	p.width = width
	p.index = p.index[:0]
	p.top, p.depth = 0, 0
	if len(p.slots) == 0 {
		p.growSlots()
	}
}

// growSlots makes room for more entries. prints stays eight bytes longer than slots, for loads of eight at any of them.
func (p *Parser) growSlots() {
	n := max(64, 2*len(p.slots))
	slots := make([]uint32, n)
	copy(slots, p.slots)
	prints := make([]byte, n+8)
	copy(prints, p.prints)
	p.slots, p.prints = slots, prints
}

// release forgets what belongs to the caller, and scratch memory beyond its bound.
func (p *Parser) release() {
	p.text, p.buf = nil, nil
	if cap(p.index) > scratchBytesMax {
		p.index = nil
	}
	if 5*len(p.slots) > scratchBytesMax {
		p.slots, p.prints = nil, nil
	}
	if cap(p.names)*16 > scratchBytesMax {
		p.names = nil
	}
}

func (p *Parser) indexTooLarge() error {
	err := newSyntaxError(p.text, p.n, "document has too many values for its size: its index would be larger than 192 MiB", "")
	err.tooLarge = true
	return err
}

// drop leaves the bytes of the text from i to k out of the canonical text.
func (p *Parser) drop(i, k int) {
	p.settle(i)
	p.gap += k - i
	p.done = k
}

// settle moves the text before i to its place in the canonical text.
func (p *Parser) settle(i int) {
	if p.gap > 0 {
		copy(p.buf[p.done-p.gap:], p.buf[p.done:i])
	}
	p.done = i
}
