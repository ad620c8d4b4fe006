package dump

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// csvDecoder reads CSV as RFC 4180 describes it, with any delimiter, and lines that end with \n or \r\n. What the cells of a
// header mean stands in columns.go.
type csvDecoder struct {
	text   *text
	opts   *ReadOptions
	root   column // nil children before the header was read
	leaves []*column
	cells  [][]byte // of the row in hand, each a piece of plain or of the window
	plain  []byte   // cells without their quotes
	json   []byte
	parser jsondoc.Parser
	doc    []byte // what parser makes, of which only the error counts
}

// column is a node of the tree that the names of a header make.
type column struct {
	name     []byte // as it stands in JSON, quotes included
	header   string // as it stands in the header, of a leaf
	cell     int    // which one has the value; -1 of a node that has none
	children []*column
}

func newCSVDecoder(t *text, opts *ReadOptions) *csvDecoder {
	return &csvDecoder{text: t, opts: opts, root: column{cell: -1}}
}

func (d *csvDecoder) next() (Kind, Position, error) {
	if d.leaves == nil {
		if d.opts.Delimiter == 0 {
			d.opts.Delimiter = sniffDelimiter(d.text)
		}
		if err := d.readHeader(); err != nil {
			return 0, Position{}, err
		}
	}
	if d.skipBlank() {
		return Documents, d.text.at(0), nil
	}
	if d.text.ended() != nil {
		return 0, Position{}, &cutIn{"the rows"}
	}
	return 0, Position{}, io.EOF
}

// skipBlank consumes empty lines, and reports whether something follows.
func (d *csvDecoder) skipBlank() bool {
	for {
		b := d.text.seen()
		i := 0
		for i < len(b) && (b[i] == '\n' || b[i] == '\r') {
			i++
		}
		d.text.advance(i)
		if i < len(b) {
			return true
		}
		if !d.text.more() {
			return false
		}
	}
}

func (d *csvDecoder) take(keep bool) ([]byte, error) {
	n, big, err := d.row(keep)
	switch {
	case err != nil:
		return nil, err
	case big:
		return nil, tooLarge(d.opts.ItemBytesMax)
	case !keep:
		return nil, nil
	}
	body, err := d.convert(d.text.seen()[:n])
	d.text.advance(n)
	return body, err
}

// row measures the row at the window's start, without what ends its line. One that is too large is consumed, as with keep false.
func (d *csvDecoder) row(keep bool) (n int, big bool, err error) {
	start := d.text.at(0)
	x := rowExtent{delimiter: d.opts.Delimiter, atCell: true}
	for {
		used, done := x.scan(d.text.seen()[n:])
		n += used
		if keep && n > d.opts.ItemBytesMax {
			keep, big = false, true
		}
		if !keep {
			d.text.advance(n)
			n = 0
		}
		if done {
			return n, big, nil
		}
		if !d.text.more() {
			break
		}
	}
	switch {
	case d.text.ended() != nil:
		return n, big, &cutIn{"a row"}
	case x.quoted:
		return n, big, &SyntaxError{
			At: d.text.at(n), Msg: fmt.Sprintf("the file ends in a quoted cell of the row that begins in line %d", start.Line),
			Hint: "the file was cut, or a quote in a cell is not written twice",
		}
	}
	return n, big, nil
}

// rowExtent finds the end of a row in a text that comes in pieces.
type rowExtent struct {
	delimiter byte
	atCell    bool // at the start of a cell, where a quote opens it
	quoted    bool // in a quoted cell; a quote in it, written twice, closes and opens it again
	closed    bool // behind a quote in a quoted cell
}

// scan goes on with b. It returns how many bytes of b belong to the row, and whether it ends there.
func (x *rowExtent) scan(b []byte) (n int, done bool) {
	for i, c := range b {
		switch {
		case x.quoted:
			x.quoted, x.closed = c != '"', c == '"'
			continue
		case c == '"' && (x.atCell || x.closed):
			x.quoted = true
		case c == '\n':
			return i, true
		}
		x.closed = false
		x.atCell = c == x.delimiter
	}
	return len(b), false
}

// readHeader reads the names of the columns. Its errors are final.
func (d *csvDecoder) readHeader() error {
	if !d.skipBlank() {
		return &cutIn{"the header"}
	}
	at := d.text.at(0)
	n, big, err := d.row(true)
	if err != nil {
		return err
	}
	if big {
		return &SyntaxError{At: at, Msg: "the header is larger than an item may be"}
	}
	if why := d.split(d.text.seen()[:n]); why != "" {
		return &SyntaxError{At: at, Msg: "the header: " + why}
	}
	if len(d.cells) > ColumnsMax {
		return &TooLargeError{What: "columns of a CSV file", Max: ColumnsMax}
	}
	d.leaves = make([]*column, len(d.cells))
	for i, cell := range d.cells {
		if d.leaves[i], err = d.addColumn(i, string(cell)); err != nil {
			return err
		}
	}
	d.text.advance(n)
	return nil
}

// addColumn puts a column into the tree: nil for one without a name, of which the cells must be empty.
func (d *csvDecoder) addColumn(i int, header string) (*column, error) {
	if header == "" {
		return nil, nil
	}
	if !utf8.ValidString(header) {
		return nil, &HeaderError{Column: header, Msg: "is not UTF-8"}
	}
	path, err := parseColumn(header)
	if err != nil {
		return nil, err
	}
	at := &d.root
	for _, name := range path {
		at = at.child(string(jsondoc.AppendString(nil, name)))
	}
	if at.cell >= 0 {
		return nil, &HeaderError{Column: header, Msg: "comes twice"}
	}
	at.cell, at.header = i, header
	return at, nil
}

func (c *column) child(name string) *column {
	for _, child := range c.children {
		if string(child.name) == name {
			return child
		}
	}
	c.children = append(c.children, &column{name: []byte(name), cell: -1})
	return c.children[len(c.children)-1]
}

// convert makes the JSON text of a row.
func (d *csvDecoder) convert(row []byte) ([]byte, error) {
	if why := d.split(row); why != "" {
		return nil, &faultyItem{&RowError{Msg: why}}
	}
	if why := d.checkCells(); why != "" {
		return nil, &faultyItem{&RowError{Msg: why}}
	}
	d.json = append(emptied(d.json, len(row)), '{')
	if why := d.appendFields(d.root.children); why != "" {
		return nil, &faultyItem{&RowError{Msg: why}}
	}
	d.json = append(d.json, '}')
	return d.json, nil
}

// split sets d.cells to the cells of a row. It returns what is wrong, or "".
func (d *csvDecoder) split(row []byte) string {
	row = bytes.TrimSuffix(row, []byte{'\r'})
	d.cells, d.plain = d.cells[:0], emptied(d.plain, len(row))
	for {
		var cell []byte
		if len(row) > 0 && row[0] == '"' {
			var why string
			if cell, row, why = d.unquote(row[1:]); why != "" {
				return fmt.Sprintf("cell %d: %s", len(d.cells)+1, why)
			}
		} else {
			end := bytes.IndexByte(row, d.opts.Delimiter)
			if end < 0 {
				end = len(row)
			}
			cell, row = row[:end], row[end:]
		}
		d.cells = append(d.cells, cell)
		if len(row) == 0 {
			return ""
		}
		row = row[1:] // the delimiter
	}
}

// emptied returns an empty slice with room for n bytes, so that appending n moves nothing: b itself, unless it is too small, or
// holds memory that only a huge row needed.
func emptied(b []byte, n int) []byte {
	if cap(b) < n || cap(b) > keptBytesMax && n < keptBytesMax/2 {
		return make([]byte, 0, n)
	}
	return b[:0]
}

// unquote takes the rest of a quoted cell from row, and returns what follows: nothing, or the delimiter and more.
func (d *csvDecoder) unquote(row []byte) (cell, rest []byte, why string) {
	start := len(d.plain)
	for {
		end := bytes.IndexByte(row, '"')
		if end < 0 {
			return nil, nil, "the quote is not closed"
		}
		d.plain = append(d.plain, row[:end]...)
		row = row[end+1:]
		switch {
		case len(row) == 0 || row[0] == d.opts.Delimiter:
			return d.plain[start:], row, ""
		case row[0] != '"':
			return nil, nil, "something follows the closing quote (a quote in a quoted cell is written twice)"
		}
		d.plain = append(d.plain, '"')
		row = row[1:]
	}
}

// checkCells compares the row with the header.
func (d *csvDecoder) checkCells() string {
	if len(d.cells) < len(d.leaves) {
		return fmt.Sprintf("the row has %d cells, and the header %d", len(d.cells), len(d.leaves))
	}
	for i, cell := range d.cells {
		switch {
		case len(cell) == 0:
		case i >= len(d.leaves) || d.leaves[i] == nil:
			return fmt.Sprintf("cell %d has a value, and the header no name for it", i+1)
		case !utf8.Valid(cell):
			return fmt.Sprintf("cell %d (%s) is not UTF-8", i+1, quote(d.leaves[i].header))
		}
	}
	return ""
}

// appendFields appends the fields that have values, without the braces around them.
func (d *csvDecoder) appendFields(columns []*column) string {
	first := true
	for _, c := range columns {
		before := len(d.json)
		if !first {
			d.json = append(d.json, ',')
		}
		d.json = append(append(d.json, c.name...), ':')
		some, why := d.appendColumn(c)
		if why != "" {
			return why
		}
		if !some {
			d.json = d.json[:before]
			continue
		}
		first = false
	}
	return ""
}

// appendColumn appends the value of a column, and reports whether it has one.
func (d *csvDecoder) appendColumn(c *column) (some bool, why string) {
	if c.cell >= 0 && len(d.cells[c.cell]) > 0 {
		d.appendCell(d.cells[c.cell])
		some = true
	}
	if len(c.children) == 0 {
		return some, ""
	}
	before := len(d.json)
	d.json = append(d.json, '{')
	open := len(d.json)
	if why = d.appendFields(c.children); why != "" {
		return some, why
	}
	if len(d.json) == open {
		d.json = d.json[:before]
		return some, ""
	}
	if some {
		return some, fmt.Sprintf("column %s has a value, and so have columns below it", quote(c.header))
	}
	d.json = append(d.json, '}')
	return true, ""
}

// appendCell appends the value that a cell stands for.
func (d *csvDecoder) appendCell(cell []byte) {
	if isLiteral(cell, &d.parser, &d.doc) {
		d.json = append(d.json, cell...)
		return
	}
	d.json = jsondoc.AppendString(d.json, string(cell))
}

// isLiteral reports whether a cell is JSON: a number, true, false, null, a string in quotes, an array or an object, with
// nothing around it. Every other cell is a string as it stands. scratch is memory for the parser.
func isLiteral(cell []byte, p *jsondoc.Parser, scratch *[]byte) bool {
	if len(cell) == 0 {
		return false
	}
	switch c := cell[0]; {
	case c >= '0' && c <= '9', c == '-', c == 't', c == 'f', c == 'n', c == '"', c == '[', c == '{':
	default:
		return false
	}
	if last := cell[len(cell)-1]; last == ' ' || last == '\t' || last == '\n' || last == '\r' {
		return false
	}
	doc, err := p.Append((*scratch)[:0], cell)
	*scratch = doc
	return err == nil
}
