package raftstore

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptError reports stored bytes that this package cannot have written.
type CorruptError struct {
	What string // "hard state", "entry 17", …
	Why  string
}

// Kind implements the fault package's contract.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string { return fmt.Sprintf("raft log: %s %s", e.What, e.Why) }
