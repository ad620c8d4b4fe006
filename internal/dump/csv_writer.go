package dump

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// CSVWriter writes documents as rows, as docs/format/dump.md describes them. With columns for all that the documents
// hold, reading gives the documents back, but for the order of their properties.
type CSVWriter struct {
	out       *sink
	columns   *Columns
	delimiter byte
	cells     [][]byte // of the row in hand
	path      []string
	parser    jsondoc.Parser
	doc       []byte
	count     int64
	leftOut   int64
}

// CSVOptions say how CSV is written.
type CSVOptions struct {
	Columns     *Columns    // one at least; not to be changed any more
	Delimiter   byte        // 0 is a comma
	Compression Compression // AnyCompression is Plain
}

// NewCSVWriter begins a file with its header. The error is an *OptionError.
func NewCSVWriter(w io.Writer, opts CSVOptions) (*CSVWriter, error) {
	if opts.Delimiter == 0 {
		opts.Delimiter = delimiters[0]
	}
	if err := checkDelimiter(opts.Delimiter); err != nil {
		return nil, err
	}
	if opts.Columns == nil || len(opts.Columns.names) == 0 {
		return nil, &OptionError{Option: "Columns", Msg: "a CSV file needs one at least"}
	}
	if opts.Compression == AnyCompression {
		opts.Compression = Plain
	}
	c := &CSVWriter{
		out: newSink(w, opts.Compression), columns: opts.Columns, delimiter: opts.Delimiter,
		cells: make([][]byte, len(opts.Columns.names)),
	}
	for i, name := range opts.Columns.names {
		c.cells[i] = append(c.cells[i], name...)
	}
	c.appendRow()
	return c, nil
}

// Add adds a document, as clients load it. The error is that of the file, and stays; *ClosedError behind Close.
func (c *CSVWriter) Add(doc jsondoc.Doc) error {
	if c.out.err != nil {
		return c.out.err
	}
	for i := range c.cells {
		c.cells[i] = c.cells[i][:0]
	}
	c.fill(doc.Root(), c.path[:0])
	c.appendRow()
	c.count++
	return c.out.wrote()
}

// fill puts the values of v into their cells.
func (c *CSVWriter) fill(v jsondoc.Value, path []string) {
	for name, value := range v.Fields() {
		below := append(path, name)
		if !leaf(value) {
			c.fill(value, below)
			continue
		}
		if i, ok := c.columns.cells[columnOf(below)]; ok {
			c.cells[i] = c.appendCell(c.cells[i], value)
		} else {
			c.leftOut++
		}
	}
}

// appendCell appends what stands for v: a string as it is when it cannot be taken for something else, any other value as JSON.
func (c *CSVWriter) appendCell(dst []byte, v jsondoc.Value) []byte {
	if v.Kind() != jsondoc.String {
		return v.AppendJSON(dst)
	}
	content := v.Bytes(nil)
	if len(content) == 0 || !isPlain(content) || isLiteral(content, &c.parser, &c.doc) {
		return v.AppendJSON(dst)
	}
	return append(dst, content...)
}

// isPlain reports whether b is UTF-8 without control characters, but for those that texts have. Lone surrogates are not.
func isPlain(b []byte) bool {
	for _, r := range b {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
	}
	return utf8.Valid(b)
}

func (c *CSVWriter) appendRow() {
	for i, cell := range c.cells {
		if i > 0 {
			c.out.block = append(c.out.block, c.delimiter)
		}
		// A row of one empty cell would be a blank line.
		if len(c.cells) == 1 && len(cell) == 0 || c.needsQuotes(cell) {
			c.out.block = appendQuotedCell(c.out.block, cell)
		} else {
			c.out.block = append(c.out.block, cell...)
		}
	}
	c.out.block = append(c.out.block, '\n')
}

// needsQuotes is generous, so that whoever guesses the delimiter by the header guesses right.
func (c *CSVWriter) needsQuotes(cell []byte) bool {
	return bytes.IndexByte(cell, c.delimiter) >= 0 || bytes.ContainsAny(cell, ",;\t|\"\r\n")
}

func appendQuotedCell(dst, cell []byte) []byte {
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	return append(append(dst, cell...), '"')
}

// Count returns how many documents were added.
func (c *CSVWriter) Count() int64 { return c.count }

// LeftOut returns how many values had no column.
func (c *CSVWriter) LeftOut() int64 { return c.leftOut }

// Flush passes on all there is.
func (c *CSVWriter) Flush() error { return c.out.flush() }

// Close ends the file; the given io.Writer stays open. It may be called again.
func (c *CSVWriter) Close() error { return c.out.close() }
