package recording

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// DecodeError reports bytes that are no recording, or not as they were written.
type DecodeError struct{ Reason string }

// Kind is Invalid: who sends a recording may send anything.
func (*DecodeError) Kind() fault.Kind { return fault.Invalid }

func (e *DecodeError) Error() string { return "recording: " + e.Reason }

// NewerFormatError reports a recording of a later version.
type NewerFormatError struct{ Found, Readable uint16 }

// Kind is Invalid.
func (*NewerFormatError) Kind() fault.Kind { return fault.Invalid }

func (e *NewerFormatError) Error() string {
	return fmt.Sprintf("recording has format %d, this version reads up to %d", e.Found, e.Readable)
}

// CutShortError reports the end of a recording in the middle of an entry, as it is when the disk was full or the power was cut.
// All entries before it are whole.
type CutShortError struct{ Bytes int } // that were left

// Kind is Invalid.
func (*CutShortError) Kind() fault.Kind { return fault.Invalid }

func (e *CutShortError) Error() string {
	return fmt.Sprintf("recording ends in the middle of an entry, after %d bytes of it", e.Bytes)
}
