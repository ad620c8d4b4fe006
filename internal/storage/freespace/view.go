package freespace

import (
	"iter"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Reader gives the pages of one snapshot.
type Reader interface {
	// Page returns the bytes of page no, for reading only.
	Page(no page.No) ([]byte, error)
}

// View reads which pages were free in one snapshot. Next is the snapshot's next page number: pages from there on were
// never in use.
type View struct {
	Pages Reader
	Next  page.No
}

// IsFree reports whether page no may be given out. Pages before the first span never are; pages from Next on always.
func (v View) IsFree(no page.No) (bool, error) {
	if no < FirstPage || no >= v.Next {
		return no >= v.Next, nil
	}
	cells, err := v.cells(spanOf(no))
	if err != nil {
		return false, err
	}
	return !cells.busy(cellOf(no)), nil
}

// FreeRuns yields the runs of free pages below Next, lowest first: number of the first page, and count. Runs end where
// spans do. It ends at the first error.
func (v View) FreeRuns() iter.Seq2[FreeRun, error] {
	return func(yield func(FreeRun, error) bool) {
		for span := range v.spans() {
			cells, err := v.cells(span)
			if err != nil {
				yield(FreeRun{}, err)
				return
			}
			runs := Runs{Cells: cells, Total: v.total(span)}
			for run, ok := runs.Next(); ok; run, ok = runs.Next() {
				if !yield(FreeRun{No: bitmapOf(span) + page.No(run.Start), Pages: run.Count}, nil) {
					return
				}
			}
		}
	}
}

// FreeRun is neighbouring free pages.
type FreeRun struct {
	No    page.No
	Pages int
}

// FreePages counts the free pages below Next.
func (v View) FreePages() (uint64, error) {
	var count uint64
	for run, err := range v.FreeRuns() {
		if err != nil {
			return 0, err
		}
		count += uint64(run.Pages)
	}
	return count, nil
}

// BitmapPages returns the numbers of the bitmap pages in use.
func (v View) BitmapPages() iter.Seq[page.No] {
	return func(yield func(page.No) bool) {
		for span := range v.spans() {
			if !yield(bitmapOf(span)) {
				return
			}
		}
	}
}

// spans returns how many spans have a bitmap page: those that begin below Next.
func (v View) spans() int {
	if v.Next <= FirstPage {
		return 0
	}
	return spanOf(v.Next-1) + 1
}

// total returns how many cells of a span lie below Next.
func (v View) total(span int) int { return int(min(v.Next-bitmapOf(span), SpanPages)) }

// cells returns the cells of a span, for reading only. *BitmapError when its page is none.
func (v View) cells(span int) (Cells, error) {
	no := bitmapOf(span)
	p, err := v.Pages.Page(no)
	if err != nil {
		return nil, err
	}
	return cellsIn(p, no)
}

// cellsIn returns the cells in p, which should be bitmap page no.
func cellsIn(p []byte, no page.No) (Cells, error) {
	if len(p) != page.SizeBytes || page.Number(p) != no || page.KindOf(p) != page.Bitmap {
		return nil, &BitmapError{No: no}
	}
	cells := Cells(page.Payload(p))
	if !cells.busy(0) {
		return nil, &BitmapError{No: no}
	}
	return cells, nil
}
