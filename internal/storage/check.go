package storage

import (
	"fmt"
	"iter"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Problem is something that Check found wrong.
type Problem struct {
	Name string // of the structure; empty for the catalog and the free space
	Err  error
}

// Kind is Corrupt.
func (Problem) Kind() fault.Kind { return fault.Corrupt }

func (p Problem) Error() string {
	if p.Name == "" {
		return p.Err.Error()
	}
	return fmt.Sprintf("%q: %v", p.Name, p.Err)
}

func (p Problem) Unwrap() error { return p.Err }

// Check walks everything that tx can see and yields what is wrong, a thousand problems at most: every page against its
// checksum, the order and counts of every structure, and that each page in use belongs to one structure and no other is
// marked as busy.
//
// It reads the whole data file in use, and keeps one bit a page in memory.
func Check(tx Tx) iter.Seq[Problem] { return checkThrough(tx, tx.distrustful()) }

// checkThrough is Check by a reader that verifies each page each time.
func checkThrough(tx Tx, pages btree.Reader) iter.Seq[Problem] {
	return func(yield func(Problem) bool) {
		if err := tx.settle(); err != nil {
			yield(Problem{Err: err})
			return
		}
		c := &checker{tx: tx, pages: pages, next: tx.nextPage(), yield: yield}
		c.reached = make([]uint64, c.next/64+1)
		c.structures()
		c.freeSpace()
	}
}

// checker is one run of Check.
type checker struct {
	tx      Tx
	pages   btree.Reader // verifies each page each time
	next    PageNo
	reached []uint64 // a bit for each page that belongs to a structure
	yield   func(Problem) bool
	found   int
	stopped bool // the consumer wants no more
	name    string
}

func (c *checker) problem(err error) {
	if c.stopped {
		return
	}
	c.found++
	c.stopped = !c.yield(Problem{Name: c.name, Err: err}) || c.found >= problemsMax
}

func (c *checker) problemf(format string, args ...any) { c.problem(fmt.Errorf(format, args...)) }

func (c *checker) all(problems iter.Seq[error]) {
	for err := range problems {
		if c.problem(err); c.stopped {
			return
		}
	}
}

// structures checks the catalog and whatever it names.
func (c *checker) structures() {
	catalog := btree.NewView(c.pages, c.tx.catalogView().State())
	c.all(btree.Check(catalog, c.reach))
	cursor := catalog.Cursor()
	for ok := cursor.First(); ok && !c.stopped; ok = cursor.Next() {
		c.name = string(cursor.Key())
		s, err := decodeStructure(cursor.Value())
		if err != nil {
			c.problem(err)
			continue
		}
		c.structure(s)
	}
	c.name = ""
	if err := cursor.Err(); err != nil {
		c.problem(err)
	}
}

func (c *checker) structure(s structureState) {
	switch s.kind {
	case kindTree:
		c.all(btree.Check(btree.NewView(c.pages, s.tree), c.reach))
	case kindFixed:
		c.all(btree.CheckFixed(btree.NewFixedView(c.pages, s.fixed), c.reach))
	case kindSections:
		c.all(section.Check(section.NewView(c.pages, s.sections), c.reach))
	}
}

// reach notes that a run of pages belongs to the structure that is being checked.
func (c *checker) reach(no page.No, pages int) {
	if no < freespace.FirstPage || no >= c.next || PageNo(pages) > c.next-no {
		c.problemf("pages %d to %d lie outside of the file, which has %d", no, no+PageNo(pages)-1, c.next)
		return
	}
	for i := no; i < no+PageNo(pages); i++ {
		if c.isReached(i) {
			c.problemf("page %d belongs to something else too", i)
		}
		c.reached[i/64] |= 1 << (i % 64)
	}
}

func (c *checker) isReached(no PageNo) bool { return c.reached[no/64]&(1<<(no%64)) != 0 }

// freeSpace compares the bitmap with what was reached.
func (c *checker) freeSpace() {
	view := freespace.View{Pages: c.pages, Next: c.next}
	for no := range view.BitmapPages() {
		c.reach(no, 1)
	}
	expect := freespace.FirstPage // the first page of which nothing is known yet
	for run, err := range view.FreeRuns() {
		if err != nil {
			c.problem(err)
			return
		}
		c.busy(expect, run.No)
		for no := run.No; no < run.No+PageNo(run.Pages); no++ {
			if c.isReached(no) {
				c.problemf("page %d is in use, but marked as free", no)
			}
		}
		expect = run.No + PageNo(run.Pages)
	}
	c.busy(expect, c.next)
}

// busy reports pages from..to-1, which are marked as busy, if nothing leads to them. When something was damaged, what it
// leads to is not known, and they are not reported.
func (c *checker) busy(from, to PageNo) {
	if c.found > 0 {
		return
	}
	for no := from; no < to && !c.stopped; no++ {
		if !c.isReached(no) {
			c.problemf("page %d is marked as busy, but nothing leads to it", no)
		}
	}
}

// freshReader reads a snapshot without trusting that a page was verified before. Walks give back what they looked at; see
// btree.Scope.
type freshReader struct{ tx *ReadTx }

func (r freshReader) Page(no PageNo) ([]byte, error) {
	snap := r.tx.snap
	if b := snap.table.get(no); b != nil {
		return b.data, nil
	}
	if err := snap.file.verifyAnew(no); err != nil {
		return nil, err
	}
	return snap.file.page(no, snap.tx, &r.tx.frames)
}

func (r freshReader) Mark() int { return r.tx.frames.mark() }

func (r freshReader) Release(mark int) { r.tx.frames.release(mark) }
