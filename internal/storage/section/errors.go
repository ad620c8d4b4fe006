package section

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// NoRowError reports an id under which there is no row: whoever kept it, kept it too long or has it from a damaged place.
type NoRowError struct{ ID RowID }

// Kind is Corrupt: ids are only kept by indexes that must agree with the rows.
func (e *NoRowError) Kind() fault.Kind { return fault.Corrupt }

func (e *NoRowError) Error() string { return fmt.Sprintf("no row %v", e.ID) }

// RowSizeError reports a row longer than RowBytesMax.
type RowSizeError struct{ Bytes int }

// Kind is TooLarge.
func (e *RowSizeError) Kind() fault.Kind { return fault.TooLarge }

func (e *RowSizeError) Error() string {
	return fmt.Sprintf("row of %d bytes: at most %d", e.Bytes, RowBytesMax)
}

// CorruptError reports a page whose bytes make no sense in a section, or a State that does not fit its pages.
type CorruptError struct {
	Page   page.No // zero when no single page is to blame
	Reason string
}

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	if e.Page == 0 {
		return "sections: " + e.Reason
	}
	return fmt.Sprintf("section page %d: %s", e.Page, e.Reason)
}

func corrupt(no page.No, reason string) error { return &CorruptError{Page: no, Reason: reason} }
