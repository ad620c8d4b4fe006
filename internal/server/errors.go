package server

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
)

// DatabaseDisabledError reports a database that an operator has closed for use.
type DatabaseDisabledError struct{ Name string }

// Kind implements the fault package's contract.
func (e *DatabaseDisabledError) Kind() fault.Kind { return fault.Unavailable }

func (e *DatabaseDisabledError) Error() string {
	return fmt.Sprintf("database %q is disabled: enable it to use it", e.Name)
}

// DatabaseLoadError reports a database that could not be opened. Others are not touched by that.
type DatabaseLoadError struct {
	Name  string
	Cause error
}

// Kind is Corrupt when the cause is; otherwise Unavailable: it may open at the next start.
func (e *DatabaseLoadError) Kind() fault.Kind {
	if fault.Of(e.Cause) == fault.Corrupt {
		return fault.Corrupt
	}
	return fault.Unavailable
}

// Unwrap returns what stood in the way.
func (e *DatabaseLoadError) Unwrap() error { return e.Cause }

func (e *DatabaseLoadError) Error() string {
	return fmt.Sprintf("database %q could not be opened: %v%s", e.Name, e.Cause, wayOut(e.Cause))
}

// wayOut names the setting that opens an environment in spite of what is wrong with it; empty when there is none.
func wayOut(err error) string {
	if !storage.IsInvalidJournal(err) {
		return ""
	}
	return "; Storage.Dangerous.IgnoreInvalidJournalErrors=true opens it with what is before the damage, and loses the rest"
}

// EncryptionRefusedError reports a database that was asked to be encrypted, or a key that was given for one, and why that
// cannot be.
type EncryptionRefusedError struct {
	Name  string // of the database
	Cause error
}

// Kind is Invalid: nothing was changed, and the same request fails again until an operator has done something.
func (e *EncryptionRefusedError) Kind() fault.Kind { return fault.Invalid }

// Unwrap returns what stands in the way.
func (e *EncryptionRefusedError) Unwrap() error { return e.Cause }

func (e *EncryptionRefusedError) Error() string {
	return fmt.Sprintf("database %q cannot be encrypted: %v", e.Name, e.Cause)
}

// UnsecuredError reports something that is not done in the clear.
type UnsecuredError struct{}

// Kind is Invalid.
func (*UnsecuredError) Kind() fault.Kind { return fault.Invalid }

func (*UnsecuredError) Error() string {
	return "this server has no TLS, so what is encrypted on the disk, and keys, would cross the network in the clear; " +
		"Security.UnsecuredEncryption.Allowed=true accepts that, for development or on a machine of its own"
}

// DatabaseEraseError reports a deleted database whose files could not be removed. It is tried again at the next start.
type DatabaseEraseError struct {
	Name  string
	Cause error
}

// Kind implements the fault package's contract.
func (e *DatabaseEraseError) Kind() fault.Kind { return fault.Unavailable }

// Unwrap returns what stood in the way.
func (e *DatabaseEraseError) Unwrap() error { return e.Cause }

func (e *DatabaseEraseError) Error() string {
	return fmt.Sprintf("database %q is deleted, but not all of it could be removed: %v", e.Name, e.Cause)
}

// DataDirInUseError reports a data directory that another server works on.
type DataDirInUseError struct {
	Dir   string
	Cause error
}

// Kind implements the fault package's contract.
func (e *DataDirInUseError) Kind() fault.Kind { return fault.Unavailable }

// Unwrap returns the lock's error.
func (e *DataDirInUseError) Unwrap() error { return e.Cause }

func (e *DataDirInUseError) Error() string {
	return fmt.Sprintf("data directory %q is used by another server: stop it, or set DataDir to another directory", e.Dir)
}

// DatabaseCompactingError reports a database that cannot be used for a while, because its files are being rewritten.
type DatabaseCompactingError struct{ Name string }

// Kind implements the fault package's contract.
func (e *DatabaseCompactingError) Kind() fault.Kind { return fault.Unavailable }

func (e *DatabaseCompactingError) Error() string {
	return fmt.Sprintf("database %q is being compacted on this node: try again later, or ask another node", e.Name)
}

// InMemoryError reports work on the files of a database that has none. Its text ends in the words by which clients know it.
type InMemoryError struct{ Name string }

// Kind implements the fault package's contract.
func (e *InMemoryError) Kind() fault.Kind { return fault.Invalid }

func (e *InMemoryError) Error() string {
	return fmt.Sprintf("database %q is kept in memory and has no files to compact: Unable to cast object of type "+
		"'PureMemoryStorageEnvironmentOptions' to type 'DirectoryStorageEnvironmentOptions'", e.Name)
}

// ClosedError reports a call on a server that is closed or closing.
type ClosedError struct{}

// Kind implements the fault package's contract.
func (e *ClosedError) Kind() fault.Kind { return fault.Unavailable }

func (e *ClosedError) Error() string { return "the server is closed" }
