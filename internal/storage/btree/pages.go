package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// Reader gives the pages of one snapshot.
type Reader interface {
	// Page returns the bytes of page no, or of the whole overflow run that starts there, for reading only. They stay
	// valid and unchanged while the snapshot is open; in a write transaction until Copy or Free of the same page.
	Page(no page.No) ([]byte, error)
}

// Pages gives the pages of a write transaction. All errors of the verbs come back unchanged from the tree.
type Pages interface {
	Reader
	// Alloc returns a new run of pages to write: zero bytes, but for header fields that the tree does not own
	// (transaction, owner). The tree writes the other header fields.
	Alloc(pages int) (page.No, []byte, error)
	// Copy returns the bytes of page no, or of the whole overflow run that starts there, for writing. The first time in
	// a transaction makes the copy; later calls return the same bytes. The number stays.
	Copy(no page.No) ([]byte, error)
	// Free gives back page no, or the whole overflow run that starts there. Its bytes are not used again.
	Free(no page.No) error
}
