package freespace

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// RunSizeError reports a wish for a run that no span can hold.
type RunSizeError struct{ Pages int }

// Kind is TooLarge.
func (e *RunSizeError) Kind() fault.Kind { return fault.TooLarge }

func (e *RunSizeError) Error() string {
	return fmt.Sprintf("run of %d pages: must have 1 to %d", e.Pages, RunPagesMax)
}

// NotBusyError reports pages given back that were not given out: freed twice, never in use, or no place for a run. Some
// page of the caller refers to what it must not, so the file is damaged.
type NotBusyError struct {
	No    page.No
	Pages int
}

// Kind is Corrupt.
func (e *NotBusyError) Kind() fault.Kind { return fault.Corrupt }

func (e *NotBusyError) Error() string {
	return fmt.Sprintf("pages %d to %d were freed, but are not all in use", e.No, uint64(e.No)+uint64(max(e.Pages, 1))-1)
}

// BitmapError reports a page that should be a bitmap page and is none.
type BitmapError struct{ No page.No }

// Kind is Corrupt.
func (e *BitmapError) Kind() fault.Kind { return fault.Corrupt }

func (e *BitmapError) Error() string { return fmt.Sprintf("page %d is no sound bitmap page", e.No) }
