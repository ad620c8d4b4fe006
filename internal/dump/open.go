package dump

import (
	"errors"
	"fmt"
	"io"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Form is what a file is made of.
type Form uint8

// The forms. AnyForm is for reading: the first bytes tell.
const (
	AnyForm Form = iota
	Dump         // all kinds of items, as docs/format/dump.md describes
	Lines        // JSON lines: a document a line
	Array        // a JSON array of documents
	Single       // one document
	CSV          // a header, then a document a row
)

var formNames = [...]string{"any", "dump", "lines", "array", "document", "csv"}

// String returns the name in lower case.
func (f Form) String() string {
	if int(f) < len(formNames) {
		return formNames[f]
	}
	return "unknown"
}

// ReadOptions say how a file is read. The zero value reads everything, tells the form by the first bytes, and gives up at the
// first bad item.
type ReadOptions struct {
	Form        Form
	Compression Compression

	// Kinds are the items that Next returns; others are passed over without being parsed. Empty means all.
	Kinds Kinds
	// ItemBytesMax bounds the text of an item in bytes, and with it the memory, about ten times as much. 0 means the constant
	// of that name. Lower, and large documents are bad items.
	ItemBytesMax int
	// BadMax is how many bad items are collected in the report before Next returns one. 0: the first is returned.
	BadMax int
	// Delimiter separates the cells of CSV: an ASCII character other than a quote or a line's end. 0: the first line tells.
	Delimiter byte
	// TotalBytes is the size of the file, for Progress. 0: unknown.
	TotalBytes int64
}

func (o *ReadOptions) complete() {
	if o.Kinds == 0 {
		o.Kinds = KindsAll
	}
	if o.ItemBytesMax == 0 {
		o.ItemBytesMax = ItemBytesMax
	}
	invariant.Assert(o.ItemBytesMax > 0 && o.ItemBytesMax <= ItemBytesMax, "an item of %d bytes", o.ItemBytesMax)
	invariant.Assert(o.BadMax >= 0, "%d bad items", o.BadMax)
}

// Open begins to read a file, of which it takes the first bytes to tell what it is. The caller closes the Reader, and
// after it whatever file is in.
//
// Errors: *FormError if the file is none that we read, *OptionError for an impossible delimiter, *CompressionError,
// *CutError, and what file says.
func Open(file io.Reader, opts ReadOptions) (*Reader, error) {
	opts.complete()
	if err := checkDelimiter(opts.Delimiter); err != nil {
		return nil, err
	}
	plain, err := uncompress(&source{from: file}, opts.Compression)
	if err != nil {
		return nil, asCut(err)
	}
	r := &Reader{opts: opts, plain: plain, text: newText(plain), form: opts.Form}
	if err = r.choose(); err != nil {
		plain.close()
		return nil, err
	}
	return r, nil
}

// choose finds the form, if none was given, and its decoder.
func (r *Reader) choose() error {
	r.text.see(len(byteOrderMark))
	if hasPrefix(r.text.seen(), byteOrderMark) {
		r.text.advance(len(byteOrderMark))
	}
	if r.form == AnyForm {
		var err error
		if r.form, err = sniff(r.text); err != nil {
			return err
		}
	}
	switch r.form {
	case Dump:
		r.decode = &dumpDecoder{text: r.text, opts: &r.opts, report: &r.report}
	case Lines:
		r.decode = &linesDecoder{text: r.text, limit: r.opts.ItemBytesMax}
	case Array:
		r.decode = &arrayDecoder{text: r.text, limit: r.opts.ItemBytesMax}
	case Single:
		r.decode = &singleDecoder{text: r.text, limit: r.opts.ItemBytesMax}
	case CSV:
		r.decode = newCSVDecoder(r.text, &r.opts)
	default:
		return &OptionError{Option: "Form", Msg: fmt.Sprintf("there is no form %d", r.form)}
	}
	return nil
}

// asCut makes a *CutError of an end in the middle of the first compressed bytes.
func asCut(err error) error {
	if errors.Is(err, errCut) {
		return &CutError{At: Position{Line: 1, Col: 1}, In: "the compressed data"}
	}
	return err
}
