package table

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptRowError reports stored bytes that are not a row of the table. A row of it whose checksum does not agree is a
// *row.CorruptError.
type CorruptRowError struct {
	Table string
	RowID uint64 // 0 when it is not known
	Why   string
}

// Kind implements the fault package's contract.
func (e *CorruptRowError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptRowError) Error() string {
	return fmt.Sprintf("table %q: row %#x is corrupt: %s", e.Table, e.RowID, e.Why)
}

// CorruptIndexError reports an index and a row that do not say the same. Check yields it, and so does a read that
// follows an index entry to no row.
type CorruptIndexError struct {
	Table, Index string
	Key          []byte // of the index entry
	Why          string
}

// Kind implements the fault package's contract.
func (e *CorruptIndexError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptIndexError) Error() string {
	return fmt.Sprintf("table %q: index %q, key %q: %s", e.Table, e.Index, e.Key, e.Why)
}

// DuplicateKeyError reports a put refused because another row has its key in a unique index. Nothing was written.
type DuplicateKeyError struct {
	Table, Index string
	Key          []byte
}

// Kind implements the fault package's contract.
func (e *DuplicateKeyError) Kind() fault.Kind { return fault.Conflict }

func (e *DuplicateKeyError) Error() string {
	return fmt.Sprintf("table %q: another row has the key %q in the unique index %q", e.Table, e.Key, e.Index)
}

// TooLargeError reports a put refused because a key or the row passes its bound. Nothing was written.
type TooLargeError struct {
	Table      string
	What       string // "row", or the name of an index
	Bytes, Max int
}

// Kind implements the fault package's contract.
func (e *TooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *TooLargeError) Error() string {
	if e.What == "row" {
		return fmt.Sprintf("table %q: a row of %d bytes passes the bound of %d", e.Table, e.Bytes, e.Max)
	}
	return fmt.Sprintf("table %q: a key of %d bytes for index %q passes the bound of %d", e.Table, e.Bytes, e.What, e.Max)
}
