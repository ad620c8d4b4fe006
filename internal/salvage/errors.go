package salvage

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// NothingFoundError reports a directory with no file that could be of an environment.
type NothingFoundError struct{ Dir string }

// Kind is NotFound.
func (*NothingFoundError) Kind() fault.Kind { return fault.NotFound }

func (e *NothingFoundError) Error() string {
	return fmt.Sprintf("%s holds nothing of an environment: no data file, no headers, no journals", e.Dir)
}

// BusyError reports an environment that a server has open: its files change while they are read.
type BusyError struct{ Dir string }

// Kind is Conflict.
func (*BusyError) Kind() fault.Kind { return fault.Conflict }

func (e *BusyError) Error() string {
	return fmt.Sprintf("a server has %s open: stop it, or copy the directory and read the copy", e.Dir)
}

// OutputError reports a place where nothing is written.
type OutputError struct {
	Dir string
	Why string
}

// Kind is Invalid.
func (*OutputError) Kind() fault.Kind { return fault.Invalid }

func (e *OutputError) Error() string { return fmt.Sprintf("output directory %s: %s", e.Dir, e.Why) }

// ChangedError reports files that were not the same when they were read a second time.
type ChangedError struct{ Dir string }

// Kind is Conflict.
func (*ChangedError) Kind() fault.Kind { return fault.Conflict }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed while it was read: stop whatever writes there, or read a copy", e.Dir)
}

// KeyError reports an encrypted environment without its key, a key for one that is not, or pages none of which opens with
// the key that was given.
type KeyError struct {
	Dir string
	Why string
}

// Kind is Forbidden.
func (*KeyError) Kind() fault.Kind { return fault.Forbidden }

func (e *KeyError) Error() string { return fmt.Sprintf("%s: %s", e.Dir, e.Why) }
