package freespace_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
	"pgregory.net/rapid"
)

var errInjected = errors.New("injected")

// memPages is a Pages in memory with transactions: rollback brings back the bytes of the last commit.
type memPages struct {
	now, committed map[page.No][]byte
	copied         map[page.No]bool
	created        []page.No
	failAt         int // fail the verb that many calls from now; never when zero
}

func newMemPages() *memPages {
	return &memPages{now: map[page.No][]byte{}, committed: map[page.No][]byte{}, copied: map[page.No]bool{}}
}

func (m *memPages) fail() bool {
	m.failAt--
	return m.failAt == 0
}

func (m *memPages) Page(no page.No) ([]byte, error) {
	if m.fail() {
		return nil, errInjected
	}
	return m.now[no], nil
}

func (m *memPages) Copy(no page.No) ([]byte, error) {
	if m.fail() {
		return nil, errInjected
	}
	if !m.copied[no] {
		m.now[no], m.copied[no] = slices.Clone(m.now[no]), true
	}
	return m.now[no], nil
}

func (m *memPages) Create(no page.No) ([]byte, error) {
	if m.fail() {
		return nil, errInjected
	}
	if m.now[no] != nil {
		return nil, fmt.Errorf("page %d exists", no)
	}
	m.now[no], m.copied[no] = make([]byte, page.SizeBytes), true
	m.created = append(m.created, no)
	return m.now[no], nil
}

func (m *memPages) commit()   { m.committed, m.copied = maps.Clone(m.now), map[page.No]bool{} }
func (m *memPages) rollback() { m.now, m.copied = maps.Clone(m.committed), map[page.No]bool{} }

func newSpace(t testing.TB) (*freespace.Space, *memPages) {
	t.Helper()
	pages := newMemPages()
	s, err := freespace.Create(pages)
	if err != nil {
		t.Fatal(err)
	}
	return s, pages
}

func alloc(t testing.TB, s *freespace.Space, n int, near page.No) page.No {
	t.Helper()
	no, err := s.Alloc(n, near)
	if err != nil {
		t.Fatalf("Alloc(%d, %d): %v", n, near, err)
	}
	return no
}

func free(t testing.TB, s *freespace.Space, no page.No, n int) {
	t.Helper()
	if err := s.Free(no, n); err != nil {
		t.Fatalf("Free(%d, %d): %v", no, n, err)
	}
}

func TestAlloc_TakesPagesInOrder(t *testing.T) {
	s, _ := newSpace(t)
	for want := page.No(3); want < 500; want++ {
		if got := alloc(t, s, 1, 0); got != want {
			t.Fatalf("got page %d, want %d", got, want)
		}
	}
	if got, want := s.NextPage(), page.No(500); got != want {
		t.Errorf("NextPage() = %d, want %d", got, want)
	}
}

func TestAlloc_UsesFreedPagesFirst(t *testing.T) {
	s, _ := newSpace(t)
	alloc(t, s, 1000, 0)
	free(t, s, 100, 1)
	free(t, s, 200, 5)
	free(t, s, 900, 20)
	f := func(n int, near, want page.No) {
		t.Helper()
		if got := alloc(t, s, n, near); got != want {
			t.Errorf("Alloc(%d, near %d) = %d, want %d", n, near, got, want)
		}
	}
	f(5, 0, 200)
	f(1, 0, 100)
	f(2, 890, 900)
	f(1, 5_000_000, 902) // behind the end of the file
	f(17, 0, 903)
	f(3, 0, 1003)
	if got, want := s.NextPage(), page.No(1006); got != want {
		t.Errorf("NextPage() = %d, want %d", got, want)
	}
}

func TestAlloc_GoesBackToTheStartForPagesFreedThere(t *testing.T) {
	s, _ := newSpace(t)
	alloc(t, s, 1000, 0)
	free(t, s, 100, 1)
	free(t, s, 900, 1)
	if got := alloc(t, s, 1, 0); got != 100 {
		t.Errorf("near the start: got page %d, want 100", got)
	}
	free(t, s, 100, 1)
	if got := alloc(t, s, 1, 950); got != 900 {
		t.Errorf("near the end: got page %d, want 900", got)
	}
}

func TestAlloc_GrowsFromFreePagesAtTheEnd(t *testing.T) {
	s, _ := newSpace(t)
	alloc(t, s, 100, 0)
	free(t, s, 93, 10)
	if got, want := alloc(t, s, 12, 0), page.No(93); got != want {
		t.Errorf("got page %d, want %d", got, want)
	}
	if got, want := s.NextPage(), page.No(105); got != want {
		t.Errorf("NextPage() = %d, want %d", got, want)
	}
}

func TestAlloc_NeverCrossesABitmapPage(t *testing.T) {
	s, pages := newSpace(t)
	const second = freespace.FirstPage + freespace.SpanPages
	if got := alloc(t, s, 1, 0); got != 3 { // now it is known that no page is free below the end
		t.Fatalf("got page %d, want 3", got)
	}
	if got := alloc(t, s, freespace.RunPagesMax-11, 0); got != 4 {
		t.Fatalf("got page %d, want 4", got)
	}
	if got, want := alloc(t, s, 11, 0), second+1; got != want { // ten pages are left
		t.Errorf("got page %d, want %d", got, want)
	}
	for i := range page.No(10) {
		if got, want := alloc(t, s, 1, 0), second-10+i; got != want {
			t.Errorf("got page %d, want %d", got, want)
		}
	}
	if got, want := alloc(t, s, 1, 0), second+12; got != want {
		t.Errorf("got page %d, want %d", got, want)
	}
	if got, want := alloc(t, s, freespace.RunPagesMax, 0), second+freespace.SpanPages+1; got != want {
		t.Errorf("longest run: got page %d, want %d", got, want)
	}
	want := []page.No{freespace.FirstPage, second, second + freespace.SpanPages}
	if diff := cmp.Diff(want, pages.created); diff != "" {
		t.Errorf("bitmap pages:\n%s", diff)
	}
	if diff := cmp.Diff(want, slices.Collect(s.View().BitmapPages())); diff != "" {
		t.Errorf("BitmapPages():\n%s", diff)
	}
}

func TestAlloc_RefusesImpossibleRuns(t *testing.T) {
	s, _ := newSpace(t)
	for _, n := range []int{-1, 0, freespace.RunPagesMax + 1} {
		_, err := s.Alloc(n, 0)
		var sizeErr *freespace.RunSizeError
		if !errors.As(err, &sizeErr) || sizeErr.Pages != n || fault.Of(err) != fault.TooLarge {
			t.Errorf("Alloc(%d): %v, want *RunSizeError", n, err)
		}
	}
}

func TestFree_RefusesPagesNotInUse(t *testing.T) {
	s, _ := newSpace(t)
	alloc(t, s, freespace.RunPagesMax, 0)
	alloc(t, s, 20, 0)
	free(t, s, 50, 2)
	const second = freespace.FirstPage + freespace.SpanPages
	f := func(no page.No, n int) {
		t.Helper()
		err := s.Free(no, n)
		var busyErr *freespace.NotBusyError
		if !errors.As(err, &busyErr) || busyErr.No != no || fault.Of(err) != fault.Corrupt {
			t.Errorf("Free(%d, %d): %v, want *NotBusyError", no, n, err)
		}
	}
	f(0, 1)
	f(1, 1)
	f(freespace.FirstPage, 1)
	f(second, 1)
	f(second-1, 2) // over a border
	f(50, 1)       // twice
	f(49, 2)
	f(51, 2)
	f(100, 0)
	f(100, -1)
	f(s.NextPage(), 1)
	f(s.NextPage()-1, 2)
	f(^page.No(0), 5)
}

func TestSpace_TellsDamagedBitmaps(t *testing.T) {
	f := func(name string, damage func(p []byte)) {
		t.Helper()
		s, pages := newSpace(t)
		alloc(t, s, 1, 0)
		damage(pages.now[freespace.FirstPage])
		_, err := s.Alloc(1, 0)
		for _, err := range []error{err, s.Free(3, 1)} {
			var bitmapErr *freespace.BitmapError
			if !errors.As(err, &bitmapErr) || fault.Of(err) != fault.Corrupt {
				t.Errorf("%s: %v, want *BitmapError", name, err)
			}
		}
	}
	f("number", func(p []byte) { page.Init(p, 7, page.Bitmap) })
	f("kind", func(p []byte) { page.Init(p, freespace.FirstPage, page.Leaf) })
	f("own cell", func(p []byte) { page.Payload(p)[0] &^= 1 })
}

func TestAlloc_TellsBusyCellsBehindTheEnd(t *testing.T) {
	for _, cell := range []int{2, 5, 64, 100} { // cell 2 is the first that no page ever had
		s, pages := newSpace(t)
		alloc(t, s, 1, 0)
		page.Payload(pages.now[freespace.FirstPage])[cell/8] |= 1 << (cell % 8)
		var bitmapErr *freespace.BitmapError
		if _, err := s.Alloc(200, 0); !errors.As(err, &bitmapErr) {
			t.Errorf("cell %d: %v, want *BitmapError", cell, err)
		}
	}
}

func TestSpace_PassesErrorsOfTheVerbsOn(t *testing.T) {
	workload := func(pages *memPages) error {
		s, err := freespace.Create(pages)
		if err != nil {
			return err
		}
		for _, n := range []int{3, freespace.RunPagesMax - 2, freespace.RunPagesMax, 5} {
			no, err := s.Alloc(n, 0)
			if err == nil && n != 5 {
				err = s.Free(no, n)
			}
			if err == nil {
				_, err = s.View().FreePages()
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	count := newMemPages()
	count.failAt = 1 << 30
	if err := workload(count); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 1<<30-count.failAt; i++ {
		pages := newMemPages()
		pages.failAt = i
		if err := workload(pages); !errors.Is(err, errInjected) {
			t.Fatalf("verb call %d failed; the space said %v", i, err)
		}
	}
}

// model is the naive free space: one bool for each page.
type model struct {
	busy map[page.No]bool
	next page.No
	runs map[page.No]int // what was given out, by first page
}

func (m *model) clone() *model {
	return &model{busy: maps.Clone(m.busy), next: m.next, runs: maps.Clone(m.runs)}
}

// fits reports whether n free pages below next lie in a row within a span, looking at page by page.
func (m *model) fits(n int) bool {
	count := 0
	for no := freespace.FirstPage; no < m.next; no++ {
		if count++; m.busy[no] {
			count = 0
		}
		if count >= n {
			return true
		}
	}
	return false
}

func TestSpace_MatchesANaiveScan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, pages := newSpace(t)
		hints := &freespace.Hints{}
		s = freespace.New(pages, s.NextPage(), hints)
		now := &model{busy: map[page.No]bool{freespace.FirstPage: true}, next: 3, runs: map[page.No]int{}}
		pages.commit()
		committed := now.clone()
		take := func(rt *rapid.T, n int, near page.No) {
			mustReuse := now.fits(n)
			bitmaps := len(pages.created)
			no := alloc(t, s, n, near)
			for i := range page.No(n) {
				if now.busy[no+i] {
					rt.Fatalf("Alloc(%d) = %d: page %d is busy", n, no, no+i)
				}
				now.busy[no+i] = true
			}
			if mustReuse && s.NextPage() != now.next {
				rt.Fatalf("Alloc(%d) = %d grew the file although free pages would do", n, no)
			}
			if (no-freespace.FirstPage)/freespace.SpanPages != (no+page.No(n)-1-freespace.FirstPage)/freespace.SpanPages {
				rt.Fatalf("Alloc(%d) = %d crosses a border", n, no)
			}
			if len(pages.created) > bitmaps {
				bitmap := pages.created[len(pages.created)-1]
				if len(pages.created) != bitmaps+1 || no != bitmap+1 {
					rt.Fatalf("Alloc(%d) = %d made bitmap pages %v", n, no, pages.created[bitmaps:])
				}
				now.busy[bitmap] = true
			}
			now.next = max(now.next, no+page.No(n))
			now.runs[no] = n
			if s.NextPage() != now.next {
				rt.Fatalf("NextPage() = %d, want %d", s.NextPage(), now.next)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"alloc": func(rt *rapid.T) {
				take(rt, rapid.IntRange(1, 5).Draw(rt, "n"), page.No(rapid.Uint64Range(0, 200).Draw(rt, "near")))
			},
			"alloc long": func(rt *rapid.T) {
				take(rt, rapid.SampledFrom([]int{60, 64, 65, 130, 30_000}).Draw(rt, "n"), 0)
			},
			"free some": func(rt *rapid.T) {
				starts := slices.Sorted(maps.Keys(now.runs))
				if len(starts) == 0 {
					return
				}
				bitmaps := len(pages.created)
				for range rapid.IntRange(1, 4).Draw(rt, "count") {
					no := rapid.SampledFrom(starts).Draw(rt, "run")
					n, ok := now.runs[no]
					if !ok {
						continue
					}
					free(t, s, no, n)
					delete(now.runs, no)
					for i := range page.No(n) {
						delete(now.busy, no+i)
					}
				}
				if len(pages.created) != bitmaps {
					rt.Fatal("freeing made a bitmap page")
				}
			},
			"commit": func(*rapid.T) {
				pages.commit()
				committed = now.clone()
				s = freespace.New(pages, now.next, hints)
			},
			"rollback": func(*rapid.T) {
				pages.rollback()
				hints.Drop()
				now = committed.clone()
				s = freespace.New(pages, now.next, hints)
			},
			"": func(rt *rapid.T) {
				count, err := s.View().FreePages()
				if want := uint64(now.next-freespace.FirstPage) - uint64(len(now.busy)); err != nil || count != want {
					rt.Fatalf("FreePages() = %d, %v; want %d", count, err, want)
				}
				for no := range page.No(200) {
					want := no >= now.next || (no >= freespace.FirstPage && !now.busy[no])
					if got, err := s.IsFree(no); err != nil || got != want {
						rt.Fatalf("IsFree(%d) = %v, %v; want %v", no, got, err, want)
					}
				}
			},
		})
	})
}

func TestFreeRuns_EndWhereSpansDo(t *testing.T) {
	s, _ := newSpace(t)
	first := alloc(t, s, freespace.RunPagesMax, 0)
	second := alloc(t, s, 100, 0)
	free(t, s, first, freespace.RunPagesMax)
	free(t, s, second, 40)
	var got []freespace.FreeRun
	for run, err := range s.View().FreeRuns() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, run)
	}
	want := []freespace.FreeRun{{No: first, Pages: freespace.RunPagesMax}, {No: second, Pages: 40}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrors_SayWhichPages(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	f(&freespace.NotBusyError{No: 5, Pages: 3}, "pages 5 to 7")
	f(&freespace.RunSizeError{Pages: 70_000}, "70000 pages")
	f(&freespace.BitmapError{No: 2}, "page 2")
}
