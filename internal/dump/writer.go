package dump

import (
	"io"
	"strconv"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// BuildVersion tells importers which features a file may use: those of the protocol version that the server speaks.
const BuildVersion = 54117

// WriteOptions say how a dump is written. The zero value is a gzipped dump of BuildVersion.
type WriteOptions struct {
	Compression  Compression // AnyCompression is Gzip
	BuildVersion int64       // 0 is the constant of that name
}

// Writer writes a dump, as docs/format/dump.md describes it. What was added before a Flush can be read, whatever happens
// then; without Close it is a file that is cut, of which readers take all whole items and then say so.
type Writer struct {
	out   *sink
	kind  Kind // of the member that is open; Unknown when none is
	done  Kinds
	first bool // nothing was added to the member that is open
	count [kindCount]int64
	chunk []byte
}

// NewWriter begins a dump. Errors of w come with the first block of items, Flush or Close.
func NewWriter(w io.Writer, opts WriteOptions) *Writer {
	if opts.BuildVersion == 0 {
		opts.BuildVersion = BuildVersion
	}
	d := &Writer{out: newSink(w, opts.Compression), kind: Unknown}
	d.out.block = append(d.out.block, `{"`+buildVersion+`":`...)
	d.out.block = strconv.AppendInt(d.out.block, opts.BuildVersion, 10)
	return d
}

// Add adds an item: appendJSON appends its JSON text, an object, to what it is given. Items of one kind come together, and a
// dump has at most one DatabaseRecord: anything else is the caller's mistake, and panics. The error is that of the file, and
// stays; *ClosedError behind Close.
func (d *Writer) Add(kind Kind, appendJSON func(dst []byte) []byte) error {
	if d.out.err != nil {
		return d.out.err
	}
	d.enter(kind)
	if kind != DatabaseRecord {
		if !d.first {
			d.out.block = append(d.out.block, ',')
		}
		d.out.block = append(d.out.block, '\n')
	}
	before := len(d.out.block)
	d.out.block = appendJSON(d.out.block)
	if invariant.Enabled {
		doc, err := jsondoc.Parse(d.out.block[before:])
		invariant.Assert(err == nil && doc.Root().Kind() == jsondoc.Object, "an item that is no object of JSON: %v", err)
	}
	d.first = false
	d.count[kind]++
	return d.out.wrote()
}

// AddText adds an item of which the JSON text, an object, is given.
func (d *Writer) AddText(kind Kind, text []byte) error {
	return d.Add(kind, func(dst []byte) []byte { return append(dst, text...) })
}

// enter opens the member for items of kind, unless it is open.
func (d *Writer) enter(kind Kind) {
	if kind == d.kind && kind != DatabaseRecord {
		return
	}
	invariant.Assert(kind.Member() != "", "items of kind %s are in no dump", kind)
	invariant.Assert(!d.done.Has(kind), "items of kind %s come again", kind)
	d.leave()
	d.out.block = append(d.out.block, ",\n\""+kind.Member()+`":`...)
	if kind != DatabaseRecord {
		d.out.block = append(d.out.block, '[')
	}
	d.kind, d.first = kind, true
	d.done |= 1 << kind
}

// leave ends the member that is open.
func (d *Writer) leave() {
	if d.kind != Unknown && d.kind != DatabaseRecord {
		d.out.block = append(d.out.block, "\n]"...)
	}
	d.kind = Unknown
}

// Count returns how many items of a kind were added.
func (d *Writer) Count(kind Kind) int64 { return d.count[kind] }

// TextBytes returns how much was written, before compression.
func (d *Writer) TextBytes() int64 { return d.out.bytes + int64(len(d.out.block)) }

// Flush passes on all there is, so that whoever reads the file sees every item added. It costs compression; not for each item.
func (d *Writer) Flush() error { return d.out.flush() }

// Close ends the dump; the given io.Writer stays open. It may be called again.
func (d *Writer) Close() error {
	d.leave()
	d.out.block = append(d.out.block, "\n}\n"...)
	return d.out.close()
}
