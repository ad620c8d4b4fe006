package dump

import (
	"bytes"
	"io"

	"github.com/rookerydb/rookery/internal/invariant"
)

// LinesWriter writes JSON lines: a document a line.
type LinesWriter struct {
	out   *sink
	count int64
}

// NewLinesWriter begins a file. AnyCompression is Plain here: lines are for pipes.
func NewLinesWriter(w io.Writer, c Compression) *LinesWriter {
	if c == AnyCompression {
		c = Plain
	}
	return &LinesWriter{out: newSink(w, c)}
}

// Add adds a document: appendJSON appends its JSON text, an object on one line as jsondoc prints it, to what it is
// given. The error is that of the file, and stays; *ClosedError behind Close.
func (l *LinesWriter) Add(appendJSON func(dst []byte) []byte) error {
	if l.out.err != nil {
		return l.out.err
	}
	before := len(l.out.block)
	l.out.block = appendJSON(l.out.block)
	invariant.Assert(bytes.IndexByte(l.out.block[before:], '\n') < 0, "a document on more than one line")
	l.out.block = append(l.out.block, '\n')
	l.count++
	return l.out.wrote()
}

// Count returns how many documents were added.
func (l *LinesWriter) Count() int64 { return l.count }

// Flush passes on all there is.
func (l *LinesWriter) Flush() error { return l.out.flush() }

// Close ends the file; the given io.Writer stays open. It may be called again.
func (l *LinesWriter) Close() error { return l.out.close() }
