package dump

import (
	"bytes"
	"errors"
	"io"
)

// byteOrderMark is what some programs put before UTF-8.
var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// hintForm is what to do when the first bytes do not tell.
const hintForm = "dumps, JSON and CSV are read, plain or compressed with gzip or zstd"

// sniff tells the form by the first bytes:
//
//   - [ begins an array of documents;
//   - { begins a dump if the first member is BuildVersion; else JSON lines if the first value ends on its line, or a line
//     longer than sniffBytes begins with it; else one document;
//   - other text is CSV.
//
// It consumes nothing but white space in front.
func sniff(t *text) (Form, error) {
	c, ok := t.peek()
	if !ok {
		if err := t.ended(); err != nil {
			return AnyForm, asCut(err)
		}
		return AnyForm, &FormError{Msg: "the file is empty", Hint: hintForm}
	}
	switch c {
	case '[':
		return Array, nil
	case '{':
		return sniffObject(t), nil
	}
	if err := sniffText(t); err != nil {
		return AnyForm, err
	}
	return CSV, nil
}

// sniffObject tells the forms that begin with an object.
func sniffObject(t *text) Form {
	b := t.see(sniffBytes)
	b = b[:min(len(b), sniffBytes)]
	if name := bytes.TrimLeft(b[1:], " \t\r\n"); hasPrefix(name, []byte(`"`+buildVersion+`"`)) {
		return Dump
	}
	var x extent
	n, _ := x.scan(b)
	if bytes.IndexByte(b[:n], '\n') >= 0 {
		return Single
	}
	return Lines
}

// sniffText refuses what is no text in UTF-8.
func sniffText(t *text) error {
	b := t.see(sniffBytes)
	b = b[:min(len(b), sniffBytes)]
	if t.end != nil && !errors.Is(t.end, io.EOF) && len(b) == 0 {
		return asCut(t.end)
	}
	if hasPrefix(b, []byte{0xFF, 0xFE}) || hasPrefix(b, []byte{0xFE, 0xFF}) {
		return &FormError{Msg: "the file is text in UTF-16", Hint: "save it as UTF-8"}
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return &FormError{Msg: "the file is no text", Hint: hintForm}
		}
	}
	return nil
}

// delimiters are what separates cells, the likelier first.
var delimiters = []byte{',', ';', '\t', '|'}

// checkDelimiter refuses what cannot separate cells; 0 stands for a delimiter that is yet to be found.
func checkDelimiter(c byte) error {
	if c == '"' || c == '\n' || c == '\r' || c >= 0x80 {
		return &OptionError{Option: "Delimiter", Msg: "an ASCII character other than a quote or a line's end is needed"}
	}
	return nil
}

// sniffDelimiter returns the one that occurs most in the first line, outside of quotes.
func sniffDelimiter(t *text) byte {
	b := t.see(sniffBytes)
	var counts [256]int
	quoted := false
	for _, c := range b[:min(len(b), sniffBytes)] {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := delimiters[0]
	for _, c := range delimiters {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}
