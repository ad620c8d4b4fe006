package docstore

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// ConflictError reports a write refused because the document is not what the caller expects. Nothing was written.
type ConflictError struct {
	ID       string
	Verb     string // "Put" or "Delete"
	Expected string // the change vector the caller saw last; empty: the document was to be missing
	Actual   string // the stored one; empty: there is no such document
}

// Kind implements the fault package's contract.
func (e *ConflictError) Kind() fault.Kind { return fault.Conflict }

// Error speaks as clients of this protocol know it.
func (e *ConflictError) Error() string {
	is := "has change vector " + e.Actual
	if e.Actual == "" {
		is = "does not exist"
	}
	with := "with change vector " + e.Expected
	if e.Expected == "" {
		with = "expecting that it does not exist"
	}
	return fmt.Sprintf("Document %s %s, but %s was called %s. Optimistic concurrency violation, transaction will be aborted.",
		e.ID, is, e.Verb, with)
}

// InvalidIDError reports an id that no document can have. Nothing was written.
type InvalidIDError struct {
	ID  string // shortened when it is too long
	Why string
	// TooLong tells a bound from a bad id.
	TooLong bool
}

// Kind implements the fault package's contract.
func (e *InvalidIDError) Kind() fault.Kind {
	if e.TooLong {
		return fault.TooLarge
	}
	return fault.Invalid
}

func (e *InvalidIDError) Error() string { return fmt.Sprintf("document id %q: %s", e.ID, e.Why) }

// IdentityIDError reports a put with an id that ends with "|": such ids are completed from a counter that the whole cluster
// shares, before the write. Nothing was written.
type IdentityIDError struct{ ID string }

// Kind implements the fault package's contract.
func (e *IdentityIDError) Kind() fault.Kind { return fault.Invalid }

func (e *IdentityIDError) Error() string {
	return fmt.Sprintf("document id %q: an id that ends with \"|\" asks for the next number of an identity, which has to be taken from the cluster before the write", e.ID)
}

// CollectionMismatchError reports a put that would move an existing document to another collection. Nothing was written.
// Deleting the document first, in the same transaction if need be, makes it possible.
type CollectionMismatchError struct {
	ID              string
	Existing, Given string
}

// Kind implements the fault package's contract.
func (e *CollectionMismatchError) Kind() fault.Kind { return fault.Invalid }

func (e *CollectionMismatchError) Error() string {
	return fmt.Sprintf("document %s is in collection %q and cannot be put into %q: delete it first, or give it another id",
		e.ID, e.Existing, e.Given)
}

// InvalidDocumentError reports a document that cannot be stored although it is JSON. Nothing was written.
type InvalidDocumentError struct {
	ID  string // as given
	Why string
	// TooLong tells a bound from a bad document.
	TooLong bool
}

// Kind implements the fault package's contract.
func (e *InvalidDocumentError) Kind() fault.Kind {
	if e.TooLong {
		return fault.TooLarge
	}
	return fault.Invalid
}

func (e *InvalidDocumentError) Error() string { return fmt.Sprintf("document %q: %s", e.ID, e.Why) }

// MissingDocumentError reports a write of something that belongs to a document which is not there. Nothing was written.
type MissingDocumentError struct {
	ID  string
	Why string // what cannot be done then
}

// Kind implements the fault package's contract.
func (e *MissingDocumentError) Kind() fault.Kind { return fault.Invalid }

func (e *MissingDocumentError) Error() string {
	if e.Why == "" {
		return fmt.Sprintf("Document %s does not exist", e.ID)
	}
	return fmt.Sprintf("Document %s does not exist: %s", e.ID, e.Why)
}

// HiLoError reports that no range of ids can be taken or given back because of what the HiLo document holds or would hold.
type HiLoError struct {
	ID  string // of the HiLo document
	Why string
}

// Kind implements the fault package's contract.
func (e *HiLoError) Kind() fault.Kind { return fault.Invalid }

func (e *HiLoError) Error() string { return fmt.Sprintf("hilo document %s: %s", e.ID, e.Why) }

// CorruptDocumentError reports a stored row or counter that this package cannot have written.
type CorruptDocumentError struct {
	Where string // a table or tree
	Key   string // in it
	Why   string
}

// Kind implements the fault package's contract.
func (e *CorruptDocumentError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptDocumentError) Error() string {
	return fmt.Sprintf("%s, key %q: %s", e.Where, e.Key, e.Why)
}
