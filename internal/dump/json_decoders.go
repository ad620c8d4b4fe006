package dump

import (
	"bytes"
	"errors"
	"io"
)

// linesDecoder reads JSON lines: a document a line, blank lines between them. The last one needs no line's end.
type linesDecoder struct {
	text  *text
	limit int
}

func (d *linesDecoder) next() (Kind, Position, error) {
	if _, ok := d.text.peek(); ok {
		return Documents, d.text.at(0), nil
	}
	if d.text.ended() != nil {
		return 0, Position{}, &cutIn{"the lines"}
	}
	return 0, Position{}, io.EOF
}

func (d *linesDecoder) take(keep bool) ([]byte, error) {
	n := 0
	big := false
	for {
		seen := d.text.seen()
		if i := bytes.IndexByte(seen[n:], '\n'); i >= 0 {
			return d.line(n+i, big || n+i > d.limit, keep)
		}
		n = len(seen)
		if big = big || n > d.limit; big || !keep {
			d.text.advance(n)
			n = 0
		}
		if !d.text.more() {
			break
		}
	}
	if d.text.ended() != nil {
		return nil, &cutIn{"a line"}
	}
	return d.line(n, big, keep)
}

// line consumes a line of n bytes; what ends it is left as white space.
func (d *linesDecoder) line(n int, big, keep bool) ([]byte, error) {
	body := d.text.seen()[:n:n]
	d.text.advance(n)
	if big && keep {
		return nil, tooLarge(d.limit)
	}
	return body, nil
}

// arrayDecoder reads a JSON array of documents.
type arrayDecoder struct {
	text  *text
	limit int
	place arrayPlace
}

// arrayPlace is what comes next in an array.
type arrayPlace uint8

const (
	beforeArray arrayPlace = iota
	beforeFirst
	behindElement
)

const theArray = "the array"

func (d *arrayDecoder) next() (Kind, Position, error) {
	for {
		c, ok := d.text.peek()
		if !ok {
			return 0, Position{}, &cutIn{theArray}
		}
		switch {
		case d.place == beforeArray && c == '[':
			d.text.advance(1)
			d.place = beforeFirst
			continue
		case d.place == beforeArray:
			return 0, Position{}, &SyntaxError{At: d.text.at(0), Msg: "an array was expected"}
		case c == ']':
			d.text.advance(1)
			return 0, Position{}, theEnd(d.text, theArray)
		case d.place == behindElement && c != ',':
			return 0, Position{}, &SyntaxError{At: d.text.at(0), Msg: "a comma or ] was expected behind a document"}
		case d.place == behindElement:
			d.text.advance(1)
			if _, ok = d.text.peek(); !ok {
				return 0, Position{}, &cutIn{theArray}
			}
		}
		d.place = behindElement
		return Documents, d.text.at(0), nil
	}
}

func (d *arrayDecoder) take(keep bool) ([]byte, error) {
	body, err := takeValue(d.text, d.limit, keep)
	return body, inside(theArray, err)
}

// singleDecoder reads one document.
type singleDecoder struct {
	text  *text
	limit int
	taken bool
}

const theDocument = "the document"

func (d *singleDecoder) next() (Kind, Position, error) {
	if d.taken {
		return 0, Position{}, theEnd(d.text, theDocument)
	}
	if _, ok := d.text.peek(); !ok {
		return 0, Position{}, &cutIn{theDocument}
	}
	return Documents, d.text.at(0), nil
}

func (d *singleDecoder) take(keep bool) ([]byte, error) {
	d.taken = true
	body, err := takeValue(d.text, d.limit, keep)
	return body, inside(theDocument, err)
}

// inside says in what the text was cut, if err says that it was.
func inside(what string, err error) error {
	if errors.Is(err, errCut) {
		return &cutIn{what}
	}
	return err
}
