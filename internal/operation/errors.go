package operation

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// MissingError reports an id that names no operation, or none that is remembered.
type MissingError struct{ ID ID }

// Kind implements the fault package's contract.
func (*MissingError) Kind() fault.Kind { return fault.NotFound }

func (e *MissingError) Error() string { return fmt.Sprintf("there is no operation %d", e.ID) }

// IDTakenError reports an operation that was to begin with an id that was not reserved, or is used already.
type IDTakenError struct{ ID ID }

// Kind implements the fault package's contract.
func (*IDTakenError) Kind() fault.Kind { return fault.Conflict }

func (e *IDTakenError) Error() string {
	return fmt.Sprintf("operation id %d is used already, or was not given out for this", e.ID)
}

// BusyError reports that too many operations run; nothing was started.
type BusyError struct{ Running int }

// Kind implements the fault package's contract.
func (*BusyError) Kind() fault.Kind { return fault.Unavailable }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%d operations run already, which is the limit: try again later", e.Running)
}

// ClosedError reports a call after Close.
type ClosedError struct{}

// Kind implements the fault package's contract.
func (*ClosedError) Kind() fault.Kind { return fault.Unavailable }

func (e *ClosedError) Error() string { return "the server is closing: no operation begins any more" }

// PanicError reports work that panicked: a defect of ours.
type PanicError struct {
	Value any
	Stack []byte
}

// Kind implements the fault package's contract.
func (*PanicError) Kind() fault.Kind { return fault.Internal }

func (e *PanicError) Error() string {
	return fmt.Sprintf("operation met a defect of the server: %v", e.Value)
}
