package dump

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// SyntaxError says where a file is not of its form, outside of items: nothing behind can be read.
type SyntaxError struct {
	At   Position
	Msg  string
	Hint string // what to do about it; may be empty
}

func (e *SyntaxError) Error() string { return e.At.String() + ": " + withHint(e.Msg, e.Hint) }

func (e *SyntaxError) Kind() fault.Kind { return fault.Invalid }

// CutError says that a file ends too early: it was not written to its end, or not copied whole. All items before At are good.
type CutError struct {
	At    Position
	Items int64  // whole ones before the end
	In    string // what was begun: "an item of Docs"
}

func (e *CutError) Error() string {
	return fmt.Sprintf("%s: the file ends in the middle of %s, behind %d whole items (it was not written or copied to its end)", e.At, e.In, e.Items)
}

func (e *CutError) Kind() fault.Kind { return fault.Invalid }

// CompressionError says that compressed bytes are damaged.
type CompressionError struct {
	Off         int64 // how far the compressed file was read, in bytes; the damage lies before
	Compression Compression
	Err         error
}

func (e *CompressionError) Error() string {
	return fmt.Sprintf("%s data before byte %d is damaged: %v", e.Compression, e.Off, e.Err)
}

func (e *CompressionError) Unwrap() error { return e.Err }

func (e *CompressionError) Kind() fault.Kind { return fault.Invalid }

// ItemError says what is wrong with one item. The reader can go on behind it.
type ItemError struct {
	At      Position // of the fault where it is known, else of the item's start
	Item    Kind
	Ordinal int64 // of the item in the file, from 0, over all kinds
	Err     error // a *jsondoc.SyntaxError, *TooLargeError, *ShapeError or *RowError
}

func (e *ItemError) Error() string {
	return fmt.Sprintf("%s: item %d (%s): %s", e.At, e.Ordinal, e.Item, reason(e.Err))
}

func (e *ItemError) Unwrap() error { return e.Err }

// Kind is that of Err.
func (e *ItemError) Kind() fault.Kind { return fault.Of(e.Err) }

// TooLargeError says that an item, or something of a file, passes a bound.
type TooLargeError struct {
	What string
	Max  int64 // in the unit that What names
}

func (e *TooLargeError) Error() string { return fmt.Sprintf("%s: at most %d are taken", e.What, e.Max) }

func (e *TooLargeError) Kind() fault.Kind { return fault.TooLarge }

// ShapeError says that an item is JSON, but not of the shape that its kind has.
type ShapeError struct{ Msg string }

func (e *ShapeError) Error() string { return e.Msg }

func (e *ShapeError) Kind() fault.Kind { return fault.Invalid }

// RowError says what is wrong with a row of CSV.
type RowError struct{ Msg string }

func (e *RowError) Error() string { return e.Msg }

func (e *RowError) Kind() fault.Kind { return fault.Invalid }

// HeaderError says why the first row of a CSV file, or a list of columns, names no properties.
type HeaderError struct {
	Column string
	Msg    string
}

func (e *HeaderError) Error() string { return fmt.Sprintf("column %q: %s", e.Column, e.Msg) }

func (e *HeaderError) Kind() fault.Kind { return fault.Invalid }

// FormError says that the first bytes of a file do not tell what it is.
type FormError struct {
	Msg  string
	Hint string
}

func (e *FormError) Error() string { return withHint(e.Msg, e.Hint) }

func (e *FormError) Kind() fault.Kind { return fault.Invalid }

// MarkError says that a mark cannot be read (Text is set), or is none of this file.
type MarkError struct {
	Text string
	Mark Mark
}

func (e *MarkError) Error() string {
	if e.Text != "" || e.Mark == (Mark{}) {
		return fmt.Sprintf("%q is no mark (want two numbers, as 1200:345678)", e.Text)
	}
	return fmt.Sprintf("mark %s is none of this file: no %d items end there (was another file given?)", e.Mark, e.Mark.Items)
}

func (e *MarkError) Kind() fault.Kind { return fault.Invalid }

// OptionError says which option of an import or export is wrong.
type OptionError struct {
	Option string
	Msg    string
}

func (e *OptionError) Error() string { return fmt.Sprintf("option %s: %s", e.Option, e.Msg) }

func (e *OptionError) Kind() fault.Kind { return fault.Invalid }

// ClosedError says that a writer was used behind its end.
type ClosedError struct{}

func (e *ClosedError) Error() string { return "the file is closed" }

func (e *ClosedError) Kind() fault.Kind { return fault.Unavailable }

func withHint(msg, hint string) string {
	if hint == "" {
		return msg
	}
	return msg + " (" + hint + ")"
}
