package btree

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// KeySizeError reports a key that is empty or longer than KeyBytesMax.
type KeySizeError struct{ Bytes int }

// Kind is TooLarge for a long key, Invalid for an empty one.
func (e *KeySizeError) Kind() fault.Kind {
	if e.Bytes == 0 {
		return fault.Invalid
	}
	return fault.TooLarge
}

func (e *KeySizeError) Error() string {
	return fmt.Sprintf("key of %d bytes: must have 1 to %d", e.Bytes, KeyBytesMax)
}

// ValueSizeError reports a value longer than a run of pages, or of another length than the FixedTree's.
type ValueSizeError struct {
	Bytes int // the value's length
	Want  int // the most for a Tree, the only one for a FixedTree
}

// Kind is TooLarge for a long value, Invalid for a short one.
func (e *ValueSizeError) Kind() fault.Kind {
	if e.Bytes > e.Want {
		return fault.TooLarge
	}
	return fault.Invalid
}

func (e *ValueSizeError) Error() string {
	return fmt.Sprintf("value of %d bytes: the tree takes %d", e.Bytes, e.Want)
}

// DepthError reports a tree that has reached its greatest depth and takes no new keys.
type DepthError struct{ Depth int }

// Kind is TooLarge.
func (e *DepthError) Kind() fault.Kind { return fault.TooLarge }

func (e *DepthError) Error() string {
	return fmt.Sprintf("tree has %d levels and cannot grow", e.Depth)
}

// CorruptError reports a page whose bytes make no sense in the tree, or a State that does not fit its pages.
type CorruptError struct {
	Page   page.No // zero when no single page is to blame
	Reason string
}

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	if e.Page == 0 {
		return "tree: " + e.Reason
	}
	return fmt.Sprintf("tree page %d: %s", e.Page, e.Reason)
}

func corrupt(no page.No, reason string) error { return &CorruptError{Page: no, Reason: reason} }
