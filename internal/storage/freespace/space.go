package freespace

import (
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// Pages gives the bitmap pages of a write transaction. All errors of the verbs come back unchanged.
type Pages interface {
	Reader
	// Copy returns the bytes of page no for writing; see btree.Pages.
	Copy(no page.No) ([]byte, error)
	// Create returns the bytes of page no for writing. The page was never in use; its bytes are zero, but for header
	// fields that others own (transaction, owner).
	Create(no page.No) ([]byte, error)
}

// Space takes and gives back pages within one write transaction. Its methods must not be called by two goroutines at
// once. After an error the transaction must be dropped.
//
// A freed page can be given out again at once: what older snapshots see of it is the business of the page table.
//
// The verbs of Pages must not come back here: keeping the free space takes and gives back no page. That is asserted.
type Space struct {
	pages    Pages
	view     View
	hints    *Hints
	changing bool // within Alloc or Free
}

// Create makes the first bitmap page of a new file; all pages after it are free.
func Create(pages Pages) (*Space, error) {
	s := New(pages, FirstPage, &Hints{})
	return s, s.openSpan(0)
}

// New returns the free space as the pages say, where next is the lowest number that no page ever had. hints belongs to
// the writer and outlives the transaction.
func New(pages Pages, next page.No, hints *Hints) *Space {
	return &Space{pages: pages, view: View{Pages: pages, Next: next}, hints: hints}
}

// NextPage returns the lowest number that no page ever had: the length of the file in pages. It belongs to the state of
// the transaction.
func (s *Space) NextPage() page.No { return s.view.Next }

// View returns the free space as it is now. It is stale after the next change.
func (s *Space) View() View { return s.view }

// Alloc takes a run of n free pages and returns the first number; n is 1..RunPagesMax, else *RunSizeError.
//
// It is near the page called near (0 for no wish) if there is such a run that wastes little, else elsewhere below
// NextPage, else at the end, which grows the file. No run crosses the border of a span.
func (s *Space) Alloc(n int, near page.No) (page.No, error) {
	if n < 1 || n > RunPagesMax {
		return 0, &RunSizeError{Pages: n}
	}
	s.begin()
	defer s.end()
	near = min(max(near, FirstPage), s.view.Next-1)
	if no, ok, err := s.reuse(spanOf(near), n, cellOf(near)); ok || err != nil {
		return no, err
	}
	for span := range s.view.spans() {
		if span == spanOf(near) {
			continue
		}
		if no, ok, err := s.reuse(span, n, 0); ok || err != nil {
			return no, err
		}
	}
	return s.grow(n)
}

// begin notes that a change is under way, and asserts that it is the only one.
func (s *Space) begin() {
	invariant.Assert(!s.changing, "the free space changes because the free space changes")
	s.changing = true
}

func (s *Space) end() { s.changing = false }

// reuse takes n cells of a span near one of its cells, if there is a run below NextPage.
func (s *Space) reuse(span, n, near int) (page.No, bool, error) {
	h := s.hints.of(span)
	if h.noRunOver < n {
		return 0, false, nil
	}
	cells, err := s.view.cells(span)
	if err != nil {
		return 0, false, err
	}
	cell, ok := Fit(cells, s.view.total(span), n, max(near, h.fullWords*wordBits))
	if !ok {
		h.missed(n)
		return 0, false, nil
	}
	no, err := s.take(span, cell, n)
	return no, err == nil, err
}

// grow takes n pages at the end of the file, beginning with free ones that lie there already; in a new span if the last one
// has no room, whose remaining pages are free then.
func (s *Space) grow(n int) (page.No, error) {
	span := s.view.spans() - 1
	cells, err := s.view.cells(span)
	if err != nil {
		return 0, err
	}
	if end := cells.lastBusy(s.view.total(span)) + 1; end+n <= SpanPages {
		return s.take(span, end, n)
	}
	if rest := SpanPages - s.view.total(span); rest > 0 {
		s.hints.of(span).freed(s.view.total(span), rest)
	}
	if err := s.openSpan(span + 1); err != nil {
		return 0, err
	}
	return s.take(span+1, 1, n)
}

// openSpan makes the bitmap page of a span into which the file grows.
func (s *Space) openSpan(span int) error {
	no := bitmapOf(span)
	p, err := s.pages.Create(no)
	if err != nil {
		return err
	}
	page.Init(p, no, page.Bitmap)
	Cells(page.Payload(p)).set(0, 1)
	s.view.Next = no + 1
	return nil
}

// take marks n free cells of a span as busy. *BitmapError when they are not free: cells from NextPage on must be clear.
func (s *Space) take(span, cell, n int) (page.No, error) {
	cells, err := s.copyCells(span)
	if err != nil {
		return 0, err
	}
	if cells.nextBusy(cell) < cell+n {
		return 0, &BitmapError{No: bitmapOf(span)}
	}
	cells.set(cell, n)
	s.hints.of(span).taken(cells)
	no := bitmapOf(span) + page.No(cell)
	s.view.Next = max(s.view.Next, no+page.No(n))
	return no, nil
}

// Free gives back the n pages from no on. *NotBusyError when they are not all in use, or could not be one run.
func (s *Space) Free(no page.No, n int) error {
	if no < FirstPage || n < 1 || n > RunPagesMax || no >= s.view.Next || page.No(n) > s.view.Next-no ||
		cellOf(no) == 0 || cellOf(no)+n > SpanPages {
		return &NotBusyError{No: no, Pages: n}
	}
	s.begin()
	defer s.end()
	span, cell := spanOf(no), cellOf(no)
	cells, err := s.view.cells(span)
	if err != nil {
		return err
	}
	if !cells.allBusy(cell, n) {
		return &NotBusyError{No: no, Pages: n}
	}
	if cells, err = s.copyCells(span); err != nil {
		return err
	}
	cells.clear(cell, n)
	s.hints.of(span).freed(cell, n)
	return nil
}

// IsFree reports whether page no may be given out; see View.IsFree.
func (s *Space) IsFree(no page.No) (bool, error) { return s.view.IsFree(no) }

// copyCells returns the cells of a span for writing.
func (s *Space) copyCells(span int) (Cells, error) {
	no := bitmapOf(span)
	p, err := s.pages.Copy(no)
	if err != nil {
		return nil, err
	}
	return cellsIn(p, no)
}
