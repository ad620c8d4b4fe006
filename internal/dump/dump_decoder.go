package dump

import (
	"io"
	"slices"
	"strconv"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// dumpDecoder reads a dump: one object, of which the members that it knows hold items.
type dumpDecoder struct {
	text   *text
	opts   *ReadOptions
	report *Report
	kind   Kind // of the items of the member that is being read
	place  dumpPlace
}

// dumpPlace is what comes next in a dump.
type dumpPlace uint8

const (
	atStart       dumpPlace = iota // of the object
	atFirstMember                  // or the object's end
	atMember                       // a comma before it, or the object's end
	atFirstItem                    // or the array's end
	atItem                         // a comma before it, or the array's end
	atRecord                       // a member that is an item itself
)

// buildVersion is the name of the member that comes first in a dump, and tells one from other objects.
const buildVersion = "BuildVersion"

func (d *dumpDecoder) next() (Kind, Position, error) {
	for {
		found, err := d.advance()
		if err != nil {
			return 0, Position{}, err
		}
		if found {
			return d.kind, d.text.at(0), nil
		}
	}
}

// advance takes one step towards the next item, and reports whether it is there.
func (d *dumpDecoder) advance() (found bool, err error) {
	c, ok := d.text.peek()
	if !ok {
		return false, &cutIn{d.where()}
	}
	switch d.place {
	case atStart:
		if c != '{' {
			return false, d.unexpected("a dump begins with {")
		}
		d.text.advance(1)
		d.place = atFirstMember
	case atFirstMember, atMember:
		return d.nextMember(c)
	case atFirstItem, atItem:
		return d.nextItem(c)
	case atRecord: // take was not called: the caller's mistake
		return true, nil
	}
	return false, nil
}

// nextItem is in an array of items.
func (d *dumpDecoder) nextItem(c byte) (found bool, err error) {
	if c == ']' {
		d.text.advance(1)
		d.place = atMember
		return false, nil
	}
	if d.place == atItem {
		if c != ',' {
			return false, d.unexpected("a comma or ] was expected behind an item of " + d.kind.Member())
		}
		d.text.advance(1)
		if _, ok := d.text.peek(); !ok {
			return false, &cutIn{d.where()}
		}
	}
	d.place = atItem
	return true, nil
}

// nextMember is between members, or at the end.
func (d *dumpDecoder) nextMember(c byte) (found bool, err error) {
	if c == '}' {
		d.text.advance(1)
		return false, theEnd(d.text, "a dump")
	}
	if d.place == atMember {
		if c != ',' {
			return false, d.unexpected("a comma or } was expected behind a member of the dump")
		}
		d.text.advance(1)
	}
	d.place = atMember
	at, name, err := d.memberName()
	if err != nil {
		return false, err
	}
	return d.enter(at, name)
}

// memberName consumes the name of a member and the colon behind it. name is memory of its own.
func (d *dumpDecoder) memberName() (at Position, name string, err error) {
	c, ok := d.text.peek()
	if !ok {
		return at, "", &cutIn{d.where()}
	}
	if c != '"' {
		return at, "", d.unexpected("the name of a member was expected")
	}
	at = d.text.at(0)
	n, big, err := d.text.value(nameBytesMax, true)
	if err != nil {
		return at, "", d.explain(err)
	}
	if big {
		return at, "", &SyntaxError{At: at, Msg: "the name of a member is longer than 1,024 bytes"}
	}
	doc, err := jsondoc.Parse(d.text.seen()[:n])
	if err != nil {
		return at, "", &SyntaxError{At: at, Msg: "the name of a member: " + reason(err)}
	}
	name = doc.Root().Str()
	d.text.advance(n)
	if c, ok = d.text.peek(); !ok {
		return at, "", &cutIn{d.where()}
	}
	if c != ':' {
		return at, "", d.unexpected("a colon was expected behind the name of a member")
	}
	d.text.advance(1)
	if _, ok = d.text.peek(); !ok {
		return at, "", &cutIn{d.where()}
	}
	return at, name, nil
}

// enter is before the value of a member.
func (d *dumpDecoder) enter(at Position, name string) (found bool, err error) {
	if name == buildVersion {
		return false, d.readVersion()
	}
	kind, known := kindOfMember([]byte(name))
	if !known {
		d.noteUnknown(UnknownMember{Name: name, At: at})
		return false, d.passOver()
	}
	d.report.MembersInFile = appendNew(d.report.MembersInFile, name)
	c := d.text.seen()[0]
	switch {
	case c == 'n':
		return false, d.passOver() // null: nothing of this kind
	case kind == DatabaseRecord && c == '{':
		d.kind, d.place = kind, atRecord
		return true, nil
	case kind != DatabaseRecord && c == '[':
		d.kind, d.place = kind, atFirstItem
		d.text.advance(1)
		return false, nil
	}
	want := "an array"
	if kind == DatabaseRecord {
		want = "an object"
	}
	return false, d.unexpected("the value of " + name + " must be " + want)
}

func (d *dumpDecoder) readVersion() error {
	at := d.text.at(0)
	n, big, err := d.text.value(nameBytesMax, true)
	if err != nil {
		return d.explain(err)
	}
	version, err := strconv.ParseInt(string(d.text.seen()[:n]), 10, 64)
	if big || err != nil || version < 0 {
		return &SyntaxError{At: at, Msg: buildVersion + " must be a whole number"}
	}
	d.report.BuildVersion = version
	d.text.advance(n)
	return nil
}

func (d *dumpDecoder) noteUnknown(m UnknownMember) {
	d.report.UnknownCount++
	if len(d.report.Unknown) < UnknownKept {
		d.report.Unknown = append(d.report.Unknown, m)
	}
}

// passOver consumes a value whatever it is.
func (d *dumpDecoder) passOver() error {
	_, _, err := d.text.value(0, false)
	return d.explain(err)
}

func (d *dumpDecoder) take(keep bool) ([]byte, error) {
	body, err := takeValue(d.text, d.opts.ItemBytesMax, keep)
	err = d.explain(err)
	if d.place == atRecord {
		d.place = atMember
	}
	return body, err
}

// takeValue consumes the value at the window's start.
func takeValue(t *text, limit int, keep bool) ([]byte, error) {
	n, big, err := t.value(limit, keep)
	if err != nil {
		return nil, err
	}
	if big {
		return nil, tooLarge(limit)
	}
	body := t.seen()[:n:n]
	t.advance(n)
	return body, nil
}

func tooLarge(limit int) *faultyItem {
	return &faultyItem{&TooLargeError{What: "bytes of an item", Max: int64(limit)}}
}

// explain says in what the text was cut, if err says that it was.
func (d *dumpDecoder) explain(err error) error {
	return inside(d.where(), err)
}

// where says what the decoder is in, for people.
func (d *dumpDecoder) where() string {
	switch d.place {
	case atItem, atFirstItem:
		return d.kind.Member()
	case atRecord:
		return DatabaseRecord.Member()
	default:
		return "the dump"
	}
}

func (d *dumpDecoder) unexpected(msg string) error {
	return &SyntaxError{At: d.text.at(0), Msg: msg}
}

// theEnd returns io.EOF when nothing but white space is left, and the text was read to its end, checksums included.
func theEnd(t *text, what string) error {
	if _, ok := t.peek(); ok {
		return &SyntaxError{At: t.at(0), Msg: "something follows the end of " + what}
	}
	if t.ended() != nil {
		return &cutIn{what}
	}
	return io.EOF
}

// appendNew appends name if it is not there; the known names bound the list.
func appendNew(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
