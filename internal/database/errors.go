package database

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// ClosedError reports a call on a database that is closed or closing.
type ClosedError struct{ Name string }

// Kind implements the fault package's contract.
func (e *ClosedError) Kind() fault.Kind { return fault.Unavailable }

func (e *ClosedError) Error() string { return fmt.Sprintf("database %q is closed", e.Name) }

// BusyError reports that too many writes wait already; nothing was done.
type BusyError struct{ Waiting int }

// Kind implements the fault package's contract.
func (e *BusyError) Kind() fault.Kind { return fault.Unavailable }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%d writes wait already, which is the limit: try again later", e.Waiting)
}

// PanicError reports a command that panicked: a defect of ours. Nothing of the command was committed.
type PanicError struct {
	Value any
	Stack []byte
}

// Kind implements the fault package's contract.
func (e *PanicError) Kind() fault.Kind { return fault.Internal }

func (e *PanicError) Error() string { return fmt.Sprintf("command panicked: %v", e.Value) }
