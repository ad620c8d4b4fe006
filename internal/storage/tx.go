package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// PageNo is the number of a page in the data file.
type PageNo = page.No

// Tx is what can be read in a transaction of either kind. Bytes that come from it are valid until the transaction ends,
// in a write transaction until the next change of the structure that they came from.
type Tx interface {
	// ID is the transaction whose state is read; in a write transaction its own.
	ID() TxID
	// Tree returns the tree called name; false when there is none of that name and kind. FixedTree and Sections do the
	// same for theirs. When the catalog is damaged they return a view that gives the *CorruptError at its first use.
	Tree(name string) (btree.View, bool)
	FixedTree(name string) (btree.FixedView, bool)
	Sections(name string) (section.View, bool)
	// Names yields the names of all structures, sorted by their bytes. It ends early when the catalog is damaged; Check
	// says how.
	Names() iter.Seq[string]

	settle() error // makes catalogView agree with what was changed
	catalogView() btree.View
	structure(name string) (*structureState, error) // nil: the name stands for nothing
	pageReader() btree.Reader
	distrustful() btree.Reader // verifies each page of the file each time
	nextPage() PageNo
}
