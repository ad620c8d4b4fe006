package vfs

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// ErrNoSpace is found by errors.Is in every error that says the disk, or the quota of its user, is full. Nothing else of
// the operation is promised: a write may have been done in part. Its kind is Unavailable: space may come back.
var ErrNoSpace error = noSpaceError{}

type noSpaceError struct{}

func (noSpaceError) Error() string    { return "no space left" }
func (noSpaceError) Kind() fault.Kind { return fault.Unavailable }

// LockedError reports that somebody else, in this process or another, holds the lock file.
type LockedError struct {
	Name string // the lock file as it was given to Lock
}

// Kind is Unavailable: the holder may end.
func (*LockedError) Kind() fault.Kind { return fault.Unavailable }

func (e *LockedError) Error() string {
	return fmt.Sprintf("lock file %q is held by another process or environment", e.Name)
}

// MapRangeError reports a Map beyond the end of a file, or longer than this machine can address. Reading such a mapping
// would kill the process, so it is refused. On an honest engine it means that the file was cut behind its back.
type MapRangeError struct {
	Name                   string
	LengthBytes, SizeBytes int64 // asked for; what the file has
}

// Kind is Corrupt: the file is shorter than what was recorded of it.
func (*MapRangeError) Kind() fault.Kind { return fault.Corrupt }

func (e *MapRangeError) Error() string {
	return fmt.Sprintf("map %d bytes of %q, which has %d", e.LengthBytes, e.Name, e.SizeBytes)
}
