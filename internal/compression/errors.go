package compression

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptError reports a registry that contradicts itself, or a value that cannot be of the state in which it was found.
type CorruptError struct {
	Dictionary uint32 // 0 when none is meant
	Why        string
}

// Kind is Corrupt.
func (*CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	if e.Dictionary == 0 {
		return "registry of dictionaries is corrupt: " + e.Why
	}
	return fmt.Sprintf("dictionary %d: %s", e.Dictionary, e.Why)
}

// NameError reports a name that is empty or too long.
type NameError struct{ Bytes int }

// Kind is Invalid.
func (*NameError) Kind() fault.Kind { return fault.Invalid }

func (e *NameError) Error() string {
	return fmt.Sprintf("name of compressed values has %d bytes: must have 1 to 512", e.Bytes)
}
