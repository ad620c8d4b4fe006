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

// RecordingNameError reports a name that a recording may not have.
type RecordingNameError struct{ Name string }

// Kind implements the fault package's contract.
func (e *RecordingNameError) Kind() fault.Kind { return fault.Invalid }

func (e *RecordingNameError) Error() string {
	return fmt.Sprintf("recordings are kept with their database: %.80q must be a file name without directories, "+
		"of at most %d letters, digits, '.', '_' and '-'", e.Name, recordingNameMax)
}

// RecordingStateError reports a recording that cannot be started or stopped now.
type RecordingStateError struct{ Why string }

// Kind implements the fault package's contract.
func (e *RecordingStateError) Kind() fault.Kind { return fault.Invalid }

func (e *RecordingStateError) Error() string { return e.Why }

// RecordingStoppedError reports a recording that ended by itself. What came before is in the file, perhaps without the end.
type RecordingStoppedError struct {
	File string
	Err  error
}

// Kind implements the fault package's contract.
func (e *RecordingStoppedError) Kind() fault.Kind { return fault.Of(e.Err) }

func (e *RecordingStoppedError) Error() string {
	return fmt.Sprintf("recording %q stopped: %v", e.File, e.Err)
}

func (e *RecordingStoppedError) Unwrap() error { return e.Err }

// ReplayError reports a replay that could not go on.
type ReplayError struct {
	Done Replayed // before
	Err  error
}

// Kind implements the fault package's contract.
func (e *ReplayError) Kind() fault.Kind { return fault.Of(e.Err) }

func (e *ReplayError) Error() string {
	return fmt.Sprintf("replay stopped after %d commands: %v", e.Done.Commands, e.Err)
}

func (e *ReplayError) Unwrap() error { return e.Err }
