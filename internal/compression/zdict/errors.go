package zdict

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptError reports bytes that are not what this package wrote.
type CorruptError struct {
	What string // value, dictionary, copies
	Why  string
}

// Kind is Corrupt.
func (*CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string { return fmt.Sprintf("%s is corrupt: %s", e.What, e.Why) }

// UnknownDictionaryError reports a value whose dictionary is not to be had, so that it cannot be read.
type UnknownDictionaryError struct{ ID uint32 }

// Kind is Corrupt: a dictionary is only removed when no value needs it.
func (*UnknownDictionaryError) Kind() fault.Kind { return fault.Corrupt }

func (e *UnknownDictionaryError) Error() string {
	return fmt.Sprintf("value was compressed with dictionary %d, which is missing", e.ID)
}

// SealedError reports copies that are encrypted and came without a Sealer, or the other way round. They are not believed:
// who can write beside an encrypted environment must not be able to put dictionaries there.
type SealedError struct{ Sealed bool }

// Kind is Forbidden.
func (*SealedError) Kind() fault.Kind { return fault.Forbidden }

func (e *SealedError) Error() string {
	if e.Sealed {
		return "copies of dictionaries are encrypted, and there is no key"
	}
	return "copies of dictionaries are not encrypted, as those of an encrypted environment must be"
}

// UntrainableError reports samples from which no dictionary can be made: too few, too short, or with nothing in common.
type UntrainableError struct{ Err error }

// Kind is Invalid.
func (*UntrainableError) Kind() fault.Kind { return fault.Invalid }

func (e *UntrainableError) Error() string {
	return fmt.Sprintf("samples make no dictionary: %v", e.Err)
}

func (e *UntrainableError) Unwrap() error { return e.Err }
