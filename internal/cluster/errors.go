package cluster

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// DatabaseMissingError reports a database that the cluster does not have, or that is being deleted.
type DatabaseMissingError struct{ Name string }

// Kind implements the fault package's contract.
func (e *DatabaseMissingError) Kind() fault.Kind { return fault.NotFound }

func (e *DatabaseMissingError) Error() string {
	return fmt.Sprintf("database %q does not exist", e.Name)
}

// DatabaseExistsError reports a name that is taken, perhaps in another case.
type DatabaseExistsError struct {
	Name     string // of the existing database
	Deleting bool   // it is on its way out: the name will be free soon
}

// Kind implements the fault package's contract.
func (e *DatabaseExistsError) Kind() fault.Kind { return fault.Conflict }

func (e *DatabaseExistsError) Error() string {
	if e.Deleting {
		return fmt.Sprintf("database %q is being deleted: try again when that is done", e.Name)
	}
	return fmt.Sprintf("database %q already exists", e.Name)
}

// RecordConflictError reports a record that moved on since the caller read it.
type RecordConflictError struct {
	Name             string
	Expected, Actual uint64 // etags: what the caller last saw; what is stored now
}

// Kind implements the fault package's contract.
func (e *RecordConflictError) Kind() fault.Kind { return fault.Conflict }

func (e *RecordConflictError) Error() string {
	return fmt.Sprintf("record of database %q: expected etag %d, found %d", e.Name, e.Expected, e.Actual)
}

// InvalidNameError reports a name that no database can have.
type InvalidNameError struct{ Name, Why string }

// Kind implements the fault package's contract.
func (e *InvalidNameError) Kind() fault.Kind { return fault.Invalid }

func (e *InvalidNameError) Error() string { return fmt.Sprintf("database name %q %s", e.Name, e.Why) }

// LockModeError reports a database that is protected from deletion.
type LockModeError struct{ Name string }

// Kind implements the fault package's contract.
func (e *LockModeError) Kind() fault.Kind { return fault.Conflict }

func (e *LockModeError) Error() string {
	return fmt.Sprintf("database %q cannot be deleted because of the set lock mode (PreventDeletesError)", e.Name)
}

// InvalidCommandError reports a command with a part that makes no sense. Nothing was changed.
type InvalidCommandError struct {
	Field string // which part: "Record", "Settings", …
	Why   string
}

// Kind implements the fault package's contract.
func (e *InvalidCommandError) Kind() fault.Kind { return fault.Invalid }

func (e *InvalidCommandError) Error() string { return e.Field + ": " + e.Why }

// NodeMissingError reports a node tag that is not in the cluster, or does not hold the database.
type NodeMissingError struct{ Tag string }

// Kind implements the fault package's contract.
func (e *NodeMissingError) Kind() fault.Kind { return fault.Invalid }

func (e *NodeMissingError) Error() string { return fmt.Sprintf("there is no node %q for this", e.Tag) }

// CommandTooLargeError reports a command that would not fit the log's bound.
type CommandTooLargeError struct{ Bytes, BytesMax int }

// Kind implements the fault package's contract.
func (e *CommandTooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *CommandTooLargeError) Error() string {
	return fmt.Sprintf("the command has %d bytes, the limit is %d (Cluster.MaxSizeOfSingleRaftCommandInMb)", e.Bytes, e.BytesMax)
}

// CompareExchangeKeyTooLongError reports a key past CompareExchangeKeyBytesMax. Nothing was changed.
type CompareExchangeKeyTooLongError struct{ Key string }

// Kind implements the fault package's contract.
func (e *CompareExchangeKeyTooLongError) Kind() fault.Kind { return fault.Invalid }

func (e *CompareExchangeKeyTooLongError) Error() string {
	return fmt.Sprintf("the compare-exchange key %q… has %d bytes, the limit is %d", e.Key[:64], len(e.Key), CompareExchangeKeyBytesMax)
}

// CompareExchangeTooLargeError reports a value past CompareExchangeBytesMax. Nothing was changed.
type CompareExchangeTooLargeError struct {
	Key   string
	Bytes int
}

// Kind implements the fault package's contract.
func (e *CompareExchangeTooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *CompareExchangeTooLargeError) Error() string {
	return fmt.Sprintf("the compare-exchange value of %q has %d bytes, the limit is %d", e.Key, e.Bytes, CompareExchangeBytesMax)
}

// DecodeError reports stored bytes of this package that cannot be read: a log entry or a snapshot.
type DecodeError struct {
	What  string
	Cause error
}

// Kind implements the fault package's contract.
func (e *DecodeError) Kind() fault.Kind { return fault.Corrupt }

// Unwrap returns what was wrong with the bytes.
func (e *DecodeError) Unwrap() error { return e.Cause }

func (e *DecodeError) Error() string { return fmt.Sprintf("decode %s: %v", e.What, e.Cause) }

// NewerVersionError reports a log entry or a snapshot that a newer server wrote. Going on would mean to guess.
type NewerVersionError struct {
	What           string
	Version, Known int
}

// Kind implements the fault package's contract.
func (e *NewerVersionError) Kind() fault.Kind { return fault.Unavailable }

func (e *NewerVersionError) Error() string {
	return fmt.Sprintf("%s has version %d, this server knows up to %d: start a newer server", e.What, e.Version, e.Known)
}

// ClosedError reports a call on a cluster that is closed or closing. What was proposed may still have been decided.
type ClosedError struct{}

// Kind implements the fault package's contract.
func (e *ClosedError) Kind() fault.Kind { return fault.Unavailable }

func (e *ClosedError) Error() string { return "the cluster's log is closed" }

// FailedError reports that the raft loop has ended: no decision is possible until the server starts again. Databases
// that are open go on.
type FailedError struct{ Cause error }

// Kind implements the fault package's contract.
func (e *FailedError) Kind() fault.Kind { return fault.Unavailable }

// Unwrap returns why the loop ended.
func (e *FailedError) Unwrap() error { return e.Cause }

func (e *FailedError) Error() string { return fmt.Sprintf("the cluster's log has failed: %v", e.Cause) }
