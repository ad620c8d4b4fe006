package dump

import (
	"errors"
	"io"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Item is one thing of a file.
type Item struct {
	Kind    Kind
	Ordinal int64       // from 0, over all items of the file, bad ones and those passed over included
	At      Position    // where its text begins
	Doc     jsondoc.Doc // an object; valid until the next call of Next, copy to keep
}

// Reader reads the items of one file, in their order. Open makes one.
type Reader struct {
	opts   ReadOptions
	form   Form
	plain  *plainText
	text   *text
	decode decoder

	parser jsondoc.Parser
	doc    []byte
	mark   Mark
	report Report
	failed error // what the stream ended with
}

// decoder knows one form.
type decoder interface {
	// next goes to the next item and returns its kind and where it begins; io.EOF behind the last one.
	next() (Kind, Position, error)
	// take consumes the item that next went to, and returns its JSON text, which is valid until the window moves; when keep
	// is false it only consumes it. Errors about the item alone are *faultyItem; others end the stream.
	take(keep bool) ([]byte, error)
}

// faultyItem is how a decoder says that an item is bad, and that it has been consumed.
type faultyItem struct{ err error }

func (f *faultyItem) Error() string { return f.err.Error() }

// Report says what a reader has met so far.
type Report struct {
	Read    [kindCount]int64 // items that Next returned
	Skipped [kindCount]int64 // items of kinds that were not asked for, and those before a mark
	Bad     int64
	Errors  []*ItemError // of the first BadKept bad items that were collected

	BuildVersion  int64           // of a dump; 0 before it was read
	Unknown       []UnknownMember // of a dump: the first UnknownKept
	UnknownCount  int64
	MembersInFile []string // names of the known members of a dump, in their order
}

// UnknownMember is a member of a dump that this version passes over.
type UnknownMember struct {
	Name string
	At   Position
}

// Progress is how far a reader is.
type Progress struct {
	FileBytes  int64 // read of the file, as it is compressed
	TotalBytes int64 // of the file, as ReadOptions said; 0 is unknown
	TextBytes  int64 // consumed of the uncompressed text
	Items      int64
}

// Next returns the next item of a kind that was asked for. At the end the error is io.EOF, when the file is whole.
//
// An *ItemError speaks of one item, when BadMax bad ones have been collected before; Next may be called again, and goes
// on behind it. All other errors are final, and returned again: *SyntaxError, *CutError, *CompressionError,
// *HeaderError, and what the given io.Reader says.
func (r *Reader) Next() (Item, error) {
	for r.failed == nil {
		item, err := r.step()
		if err == nil && item.Doc == nil {
			continue // not asked for
		}
		if bad, ok := errors.AsType[*ItemError](err); ok && r.collect(bad) {
			continue
		}
		return item, err
	}
	return Item{}, r.failed
}

// step reads one item, or passes over it.
func (r *Reader) step() (Item, error) {
	item, err := r.begin()
	if err != nil {
		return Item{}, err
	}
	wanted := r.opts.Kinds.Has(item.Kind)
	body, err := r.decode.take(wanted)
	if !wanted && err == nil {
		r.passed(item)
		return Item{}, nil
	}
	if err == nil {
		err = r.parse(body)
	}
	return r.finish(item, err)
}

// begin goes to the next item.
func (r *Reader) begin() (Item, error) {
	kind, at, err := r.decode.next()
	if err != nil {
		return Item{}, r.fail(err)
	}
	return Item{Kind: kind, Ordinal: r.mark.Items, At: at}, nil
}

// parse makes r.doc of the text of an item.
func (r *Reader) parse(body []byte) error {
	if cap(r.doc) > keptBytesMax && len(body) < keptBytesMax/2 {
		r.doc, r.parser = nil, jsondoc.Parser{} // one huge item must not hold memory for good
	}
	doc, err := r.parser.Append(r.doc[:0], body)
	r.doc = doc
	if err != nil {
		return &faultyItem{err}
	}
	if kind := jsondoc.Doc(doc).Root().Kind(); kind != jsondoc.Object {
		return &faultyItem{&ShapeError{Msg: "an object was expected, and this is " + article(kind)}}
	}
	return nil
}

// finish counts the item that was consumed, and says what is wrong with it.
func (r *Reader) finish(item Item, err error) (Item, error) {
	bad, ok := errors.AsType[*faultyItem](err)
	if err != nil && !ok {
		return Item{}, r.fail(err)
	}
	r.mark = Mark{Items: item.Ordinal + 1, Off: r.text.off}
	if ok {
		r.report.Bad++
		return Item{}, &ItemError{At: r.faultAt(item.At, bad.err), Item: item.Kind, Ordinal: item.Ordinal, Err: bad.err}
	}
	r.report.Read[item.Kind]++
	item.Doc = r.doc
	return item, nil
}

// faultAt returns where in the file a fault is, of which a parser may know where in the item it is.
func (r *Reader) faultAt(start Position, err error) Position {
	if r.form == CSV {
		return start // the text that was parsed is not the file's
	}
	in, ok := errors.AsType[*jsondoc.SyntaxError](err)
	if !ok {
		return start
	}
	p := Position{Off: start.Off + int64(in.Off), Line: start.Line + int64(in.Line-1), Col: start.Col + int64(in.Off)}
	if in.Line > 1 {
		p.Col = int64(in.Col)
	}
	return p
}

func (r *Reader) passed(item Item) {
	r.mark = Mark{Items: item.Ordinal + 1, Off: r.text.off}
	r.report.Skipped[item.Kind]++
}

// collect keeps the error of a bad item, if so many are to be collected.
func (r *Reader) collect(bad *ItemError) bool {
	if r.report.Bad > int64(r.opts.BadMax) {
		return false
	}
	if len(r.report.Errors) < BadKept {
		r.report.Errors = append(r.report.Errors, bad)
	}
	return true
}

// fail ends the stream with err.
func (r *Reader) fail(err error) error {
	var where *cutIn
	switch {
	case errors.As(err, &where) && (errors.Is(r.text.end, io.EOF) || errors.Is(r.text.end, errCut)):
		err = &CutError{At: r.text.at(len(r.text.seen())), Items: r.mark.Items, In: where.what}
	case where != nil:
		err = r.text.end
	}
	r.failed = err
	return err
}

// cutIn is how a decoder says that the text ended, or could not be read on, in the middle of something.
type cutIn struct{ what string }

func (c *cutIn) Error() string { return "the text ends in " + c.what }

// SkipTo passes over the items before m, which came from Mark of a Reader over the same file, without parsing them. It must be
// called before Next. The error is a *MarkError when no item ends there, else as for Next.
func (r *Reader) SkipTo(m Mark) error {
	for r.failed == nil && r.mark.Items < m.Items {
		item, err := r.begin()
		if err != nil {
			break
		}
		_, err = r.decode.take(false)
		if _, bad := errors.AsType[*faultyItem](err); err != nil && !bad {
			return r.fail(err)
		}
		r.passed(item)
	}
	if r.mark == m {
		return nil
	}
	if r.failed == nil || errors.Is(r.failed, io.EOF) {
		r.failed = &MarkError{Mark: m}
	}
	return r.failed
}

// Mark returns how far the reader has come: SkipTo of another Reader goes on behind the item that Next returned last.
func (r *Reader) Mark() Mark { return r.mark }

// Progress returns how far the reader is.
func (r *Reader) Progress() Progress {
	return Progress{FileBytes: r.plain.source.bytes, TotalBytes: r.opts.TotalBytes, TextBytes: r.text.off, Items: r.mark.Items}
}

// Report returns what was met so far. Its slices are not to be changed.
func (r *Reader) Report() Report { return r.report }

// Form returns what the file is.
func (r *Reader) Form() Form { return r.form }

// Compression returns how the file is compressed.
func (r *Reader) Compression() Compression { return r.plain.compression }

// Close gives the memory of the decompressor back; the given io.Reader stays open. It may be called again.
func (r *Reader) Close() error {
	r.plain.close()
	r.plain.close = func() {}
	if r.failed == nil {
		r.failed = &ClosedError{}
	}
	return nil
}
