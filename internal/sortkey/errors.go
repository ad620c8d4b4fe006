package sortkey

import "github.com/rookerydb/rookery/internal/fault"

// CorruptError says that bytes are not the encoding of a value: they were not written by this package.
type CorruptError struct {
	What string // the kind of value that was to be read
	Msg  string
}

func (e *CorruptError) Error() string { return "sort key, " + e.What + ": " + e.Msg }

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func tooShort(what string) error { return &CorruptError{What: what, Msg: "the bytes end too early"} }
