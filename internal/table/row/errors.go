package row

import "github.com/rookerydb/rookery/internal/fault"

// CorruptError reports bytes that are not a row.
type CorruptError struct{ Why string }

// Kind implements the fault package's contract.
func (*CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string { return "row is corrupt: " + e.Why }
