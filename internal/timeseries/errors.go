package timeseries

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// InvalidError reports an entry, a name, a policy or a question that is refused as it stands.
type InvalidError struct{ Reason string }

// Kind is Invalid.
func (e *InvalidError) Kind() fault.Kind { return fault.Invalid }

func (e *InvalidError) Error() string { return e.Reason }

func invalidf(format string, args ...any) error {
	return &InvalidError{Reason: fmt.Sprintf(format, args...)}
}

// LimitError reports a bound that was passed.
type LimitError struct {
	What     string // in the plural: "values of an entry"
	Got, Max int
}

// Kind is TooLarge.
func (e *LimitError) Kind() fault.Kind { return fault.TooLarge }

func (e *LimitError) Error() string {
	return fmt.Sprintf("%d %s: at most %d are allowed", e.Got, e.What, e.Max)
}

// CorruptError reports bytes that are no sound segment.
type CorruptError struct {
	Off    int // byte of the segment
	Reason string
}

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	return fmt.Sprintf("segment damaged at byte %d: %s", e.Off, e.Reason)
}
