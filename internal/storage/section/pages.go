package section

import "github.com/rookerydb/rookery/internal/storage/page"

// Reader gives the pages of one snapshot.
type Reader interface {
	// Page returns the bytes of page no, or of the whole overflow run that starts there, for reading only. They stay
	// valid and unchanged while the snapshot is open; in a write transaction until Copy or Free of the same page.
	Page(no page.No) ([]byte, error)
}

// Pages gives the pages of a write transaction. All errors of the verbs come back unchanged.
//
// A data section is a run of ordinary pages, each with a header and a life of its own, most of which are needed much later
// than the first: so their numbers are taken together, and each page is made when it gets its first row. A page that was
// never made must not be read or freed on its own.
type Pages interface {
	Reader
	// Alloc returns a new overflow run of that many pages to write: zero bytes, but for the transaction in the header.
	Alloc(pages int) (page.No, []byte, error)
	// AllocRun takes the numbers of that many pages in a row, and says nothing of their bytes.
	AllocRun(pages int) (first page.No, err error)
	// Create makes a page of AllocRun that was not made yet: zero bytes to write, but for the transaction in the header.
	Create(no page.No) ([]byte, error)
	// Copy returns the bytes of page no, or of the whole overflow run that starts there, for writing. The first time in
	// a transaction makes the copy; later calls return the same bytes. The number stays.
	Copy(no page.No) ([]byte, error)
	// Free gives back the overflow run that starts at no. Its bytes are not used again.
	Free(no page.No) error
	// FreeRun gives back all pages of an AllocRun, those that were made and those that were not.
	FreeRun(first page.No, pages int) error
}
