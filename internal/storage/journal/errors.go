package journal

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptError reports a log that ends although valid records follow, or bytes that are no record.
//
// Opening with Storage.Dangerous.IgnoreInvalidJournalErrors (Options.IgnoreInvalid) takes what is before it.
type CorruptError struct {
	At     Position // where the record that should follow is not valid
	Reason string   // what was found, lower case
}

// Kind is Corrupt.
func (*CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	return fmt.Sprintf("journal %d at byte %d: %s", e.At.Journal, e.At.Off, e.Reason)
}

// DecodeError reports bytes that are no record, or no change.
type DecodeError struct {
	Reason string // lower case
}

// Kind is Corrupt.
func (*DecodeError) Kind() fault.Kind { return fault.Corrupt }

func (e *DecodeError) Error() string { return "decode journal record: " + e.Reason }

// TooLargeError reports a transaction whose changes are more than one record holds.
type TooLargeError struct {
	Bytes int // of the changes
}

// Kind is TooLarge.
func (*TooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("transaction changes %d bytes, more than %d", e.Bytes, PayloadBytesMax)
}
