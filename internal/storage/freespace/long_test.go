package freespace_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// ledger is what a long history must hold to: one bool for each page, and the runs given out.
type ledger struct {
	space *freespace.Space
	pages *flatPages
	busy  []bool
	count int // pages given out, without bitmap pages
	runs  []freespace.FreeRun
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	pages := &flatPages{bitmaps: map[page.No][]byte{}}
	space, err := freespace.Create(pages)
	if err != nil {
		t.Fatal(err)
	}
	return &ledger{space: space, pages: pages, busy: make([]bool, 16*freespace.SpanPages)}
}

// free returns how many pages below the end of the file are free.
func (l *ledger) free() int {
	return int(l.space.NextPage()) - int(freespace.FirstPage) - l.pages.created - l.count
}

// fits reports whether n free pages lie in a row below the end of the file, within a span.
func (l *ledger) fits(n int, next page.No) bool {
	count := 0
	for no := freespace.FirstPage; no < next; no++ {
		if count++; l.busy[no] || (no-freespace.FirstPage)%freespace.SpanPages == 0 {
			count = 0
		}
		if count == n {
			return true
		}
	}
	return false
}

// alloc takes n pages: none of them given out already, in a new place only when no old one would do, and without a bitmap
// page of its own, but for the one of a span into which the file grows.
func (l *ledger) alloc(t *testing.T, n int, near page.No) {
	t.Helper()
	next, bitmaps, free := l.space.NextPage(), l.pages.created, l.free()
	no := alloc(t, l.space, n, near)
	for i := no; i < no+page.No(n); i++ {
		if int(i) >= len(l.busy) {
			t.Fatalf("Alloc(%d) = %d: the file grows and grows", n, no)
		}
		if l.busy[i] || (i-freespace.FirstPage)%freespace.SpanPages == 0 {
			t.Fatalf("Alloc(%d) = %d: page %d was given out before, or is a bitmap page", n, no, i)
		}
		l.busy[i] = true
	}
	l.count += n
	l.runs = append(l.runs, freespace.FreeRun{No: no, Pages: n})
	grown := l.space.NextPage() - next
	if grown > 0 && free >= n && l.fits(n, next) {
		t.Fatalf("Alloc(%d) = %d grew the file by %d pages although free ones would do", n, no, grown)
	}
	spans := int((l.space.NextPage()-1-freespace.FirstPage)/freespace.SpanPages) + 1
	if l.pages.created != spans || grown == 0 && l.pages.created != bitmaps {
		t.Fatalf("Alloc(%d) = %d: %d bitmap pages before, %d after it, for %d spans", n, no, bitmaps, l.pages.created, spans)
	}
}

// freeOne gives back the i-th run, whole.
func (l *ledger) freeOne(t *testing.T, i int) {
	t.Helper()
	run, next, bitmaps := l.runs[i], l.space.NextPage(), l.pages.created
	free(t, l.space, run.No, run.Pages)
	for no := run.No; no < run.No+page.No(run.Pages); no++ {
		l.busy[no] = false
	}
	l.count -= run.Pages
	l.runs[i] = l.runs[len(l.runs)-1]
	l.runs = l.runs[:len(l.runs)-1]
	if l.pages.created != bitmaps || l.space.NextPage() != next {
		t.Fatalf("Free(%d) changed the number of bitmap pages or the length of the file", run.No)
	}
}

// check compares every page.
func (l *ledger) check(t *testing.T) {
	t.Helper()
	got := make([]bool, len(l.busy))
	for run, err := range l.space.View().FreeRuns() {
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.No(run.Pages) {
			got[run.No+i] = true
		}
	}
	for no := freespace.FirstPage; no < l.space.NextPage(); no++ {
		want := !l.busy[no] && (no-freespace.FirstPage)%freespace.SpanPages != 0
		if got[no] != want {
			t.Fatalf("page %d: free %v, want %v", no, got[no], want)
		}
	}
}

// historyLength returns how many operations the long history has: 10 million, 100,000 in short mode, or ROOKERY_FREESPACE_OPS.
func historyLength(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("ROOKERY_FREESPACE_OPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 100_000
	}
	return 10_000_000
}

// The history goes up and down between an empty file and one in which the last page of the last span is given out. At the
// top, single pages are taken until not one is left.
func TestSpace_LosesNothingInALongHistory(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	l, ops := newLedger(t), historyLength(t)
	const spans = 2
	brims, growing := 0, true
	for op := range ops {
		full := l.free() == 0 && l.space.NextPage() == freespace.FirstPage+spans*freespace.SpanPages
		switch {
		case full:
			brims++
			l.check(t)
			growing = false
		case l.count < 1000:
			growing = true
		}
		if !full && growing == (random.IntN(8) > 0) || len(l.runs) == 0 {
			l.alloc(t, l.wish(random, spans), page.No(random.Uint64N(uint64(l.space.NextPage()))))
		} else {
			l.freeOne(t, random.IntN(len(l.runs)))
		}
		if op%(ops/8) == 0 {
			l.check(t)
		}
	}
	if brims == 0 {
		t.Error("the file was never full")
	}
	t.Logf("%d operations; the file was full %d times", ops, brims)
	for len(l.runs) > 0 {
		l.freeOne(t, len(l.runs)-1)
	}
	l.check(t)
	for range l.pages.created { // nothing is lost: every span is whole again
		l.alloc(t, freespace.RunPagesMax, 0)
	}
}

// wish draws how many pages to take: mostly few, sometimes many, but not so many that the file outgrows its spans.
func (l *ledger) wish(random *rand.Rand, spans int) int {
	n := 1 + random.IntN(4)
	if random.IntN(256) == 0 {
		n = 1 + random.IntN(3000)
	}
	if end := freespace.FirstPage + page.No(spans)*freespace.SpanPages; l.space.NextPage()+page.No(n) > end {
		return 1
	}
	return n
}

func TestSpace_AssertsThatItDoesNotReenterItself(t *testing.T) {
	f := func(name string, outer, inner func(s *freespace.Space)) {
		t.Helper()
		pages := &flatPages{bitmaps: map[page.No][]byte{}}
		s, err := freespace.Create(pages)
		if err != nil {
			t.Fatal(err)
		}
		alloc(t, s, 100, 0)
		defer func() {
			if text, _ := recover().(string); !strings.HasPrefix(text, "BUG: ") {
				t.Errorf("%s: recovered %q, want a bug", name, text)
			}
		}()
		pages.inside = func() { inner(s) }
		outer(s)
	}
	take := func(s *freespace.Space) { _, _ = s.Alloc(1, 0) }
	takeSpan := func(s *freespace.Space) { _, _ = s.Alloc(freespace.RunPagesMax, 0) }
	give := func(s *freespace.Space) { _ = s.Free(50, 1) }
	f("alloc within alloc", take, take)
	f("free within alloc", take, give)
	f("alloc within free", give, take)
	f("free within free", give, give)
	f("alloc within the opening of a span", takeSpan, take)
}
