package secret

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// LockError reports memory that the system did not lock, and that was therefore not used for secrets.
type LockError struct {
	Bytes int
	Err   error // what the system said
}

// Kind is Unavailable.
func (*LockError) Kind() fault.Kind { return fault.Unavailable }

func (e *LockError) Error() string {
	return fmt.Sprintf("lock %d bytes in memory: %v (%s, or set Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true "+
		"to accept that secrets may be swapped out)", e.Bytes, e.Err, lockHint)
}

func (e *LockError) Unwrap() error { return e.Err }

// MemoryError reports that the system gave no memory.
type MemoryError struct {
	Bytes int
	Err   error
}

// Kind is Unavailable.
func (*MemoryError) Kind() fault.Kind { return fault.Unavailable }

func (e *MemoryError) Error() string {
	return fmt.Sprintf("take %d bytes outside the heap: %v", e.Bytes, e.Err)
}

func (e *MemoryError) Unwrap() error { return e.Err }
