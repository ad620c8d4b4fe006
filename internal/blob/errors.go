package blob

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CorruptError reports something stored that this package cannot have written.
type CorruptError struct {
	Where string // a table or tree
	Hash  string // of the blob, when it is known
	Why   string
}

// Kind implements the fault package's contract.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	if e.Hash == "" {
		return fmt.Sprintf("%s: %s", e.Where, e.Why)
	}
	return fmt.Sprintf("%s, blob %s: %s", e.Where, e.Hash, e.Why)
}

// UploadError reports work on a number that is no upload: it was finished, abandoned, or cleaned away. Nothing was written.
type UploadError struct{ Number Number }

// Kind implements the fault package's contract.
func (e *UploadError) Kind() fault.Kind { return fault.Invalid }

func (e *UploadError) Error() string {
	return fmt.Sprintf("number %d is no upload, or none any more", e.Number)
}

// MissingError reports a content that is not there.
type MissingError struct{ Hash Hash }

// Kind implements the fault package's contract.
func (e *MissingError) Kind() fault.Kind { return fault.NotFound }

func (e *MissingError) Error() string { return fmt.Sprintf("there is no content with hash %s", e.Hash) }
