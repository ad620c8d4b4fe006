package dump

import (
	"bytes"
	"errors"
	"io"
)

// text is the window through which a decoder sees the uncompressed text, and knows where in it it is.
//
// What is seen begins at the first byte that is not consumed. more makes it longer at its end, and may move it in memory:
// slices of it are valid until the next call of more or advance.
type text struct {
	in      io.Reader
	buf     []byte
	r, w    int   // buf[r:w] is seen
	off     int64 // of buf[r] in the text
	line    int64 // of buf[r], from 1
	lineOff int64 // where that line begins
	end     error // why in gives no more: io.EOF or a fault
}

func newText(in io.Reader) *text {
	return &text{in: in, buf: make([]byte, windowBytes), line: 1}
}

// seen returns the bytes that are there without reading.
func (t *text) seen() []byte { return t.buf[t.r:t.w] }

// more reads on, by one byte or more. It reports false when there is nothing more, and then end says why.
func (t *text) more() bool {
	if t.end != nil {
		return false
	}
	t.makeRoom()
	for range emptyReadsMax {
		n, err := t.in.Read(t.buf[t.w:])
		t.w += n
		if err != nil {
			t.end = err
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	t.end = io.ErrNoProgress
	return false
}

// emptyReadsMax is how often a reader may give nothing and no error, as in package bufio.
const emptyReadsMax = 100

func (t *text) makeRoom() {
	if t.w < len(t.buf) {
		return
	}
	if t.r >= len(t.buf)/2 { // then moving costs no more than it gives
		t.w = copy(t.buf, t.seen())
		t.r = 0
		return
	}
	grown := make([]byte, 2*len(t.buf))
	t.w = copy(grown, t.seen())
	t.buf, t.r = grown, 0
}

// advance consumes the first n bytes that are seen. It gives memory back that only a huge item needed.
func (t *text) advance(n int) {
	b := t.buf[t.r : t.r+n]
	if lines := bytes.Count(b, newline); lines > 0 {
		t.line += int64(lines)
		t.lineOff = t.off + int64(bytes.LastIndexByte(b, '\n')) + 1
	}
	t.off += int64(n)
	t.r += n
	if left := t.w - t.r; len(t.buf) > keptBytesMax && left <= windowBytes/2 {
		small := make([]byte, windowBytes)
		t.w = copy(small, t.seen())
		t.buf, t.r = small, 0
	} else if left == 0 {
		t.r, t.w = 0, 0
	}
}

var newline = []byte{'\n'}

// at returns the position of the i-th byte that is seen.
func (t *text) at(i int) Position { return t.within(t.seen()[:i]) }

// within returns the position behind passed, which are the first bytes that are seen.
func (t *text) within(passed []byte) Position {
	p := Position{Off: t.off + int64(len(passed)), Line: t.line}
	start := t.lineOff
	if lines := bytes.Count(passed, newline); lines > 0 {
		p.Line += int64(lines)
		start = t.off + int64(bytes.LastIndexByte(passed, '\n')) + 1
	}
	p.Col = p.Off - start + 1
	return p
}

// peek returns the next byte that is no white space of JSON, and consumes what is before it. ok is false at the end.
func (t *text) peek() (c byte, ok bool) {
	for {
		for i, c := range t.seen() {
			if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				t.advance(i)
				return c, true
			}
		}
		t.advance(len(t.seen()))
		if !t.more() {
			return 0, false
		}
	}
}

// see makes sure that n bytes are seen, or all that there are.
func (t *text) see(n int) []byte {
	for t.w-t.r < n && t.more() {
	}
	return t.seen()
}

// ended returns nil when the text ended as it should, with nothing behind: else the fault of its input.
func (t *text) ended() error {
	if errors.Is(t.end, io.EOF) {
		return nil
	}
	return t.end
}
