package iometrics

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// FormatError reports a file that is not a recording of this format, or not a whole one.
type FormatError struct {
	Line   int // from 1
	Reason string
}

// Kind is Invalid: whoever gave the file gave the wrong one.
func (*FormatError) Kind() fault.Kind { return fault.Invalid }

func (e *FormatError) Error() string {
	return fmt.Sprintf("no recording of I/O: line %d: %s", e.Line, e.Reason)
}
