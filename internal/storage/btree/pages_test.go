package btree_test

import (
	"bytes"
	"errors"
	"hash/maphash"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// memPages is a Pages in memory that finds out whoever breaks the rules of the verbs: writing to a page that was not
// copied, keeping bytes of a page over its Copy or Free, freeing twice, using freed pages.
type memPages struct {
	runs   map[page.No][]byte
	copied map[page.No]bool // writable in this transaction
	sums   map[page.No]uint64
	free   map[int][]page.No // freed runs by length, to be used again
	next   page.No
	failAt int // fail the verb that many calls from now; never when zero
	copies int
}

var (
	errInjected = errors.New("injected")
	errUnknown  = errors.New("no such page")
	sumSeed     = maphash.MakeSeed()
)

func newMemPages() *memPages {
	return &memPages{
		runs: map[page.No][]byte{}, copied: map[page.No]bool{}, sums: map[page.No]uint64{}, free: map[int][]page.No{},
		next: 3,
	}
}

// fail counts a call of a verb and reports whether it is the one that must fail.
func (m *memPages) fail() bool {
	m.failAt--
	return m.failAt == 0
}

func (m *memPages) Page(no page.No) ([]byte, error) {
	if m.fail() {
		return nil, errInjected
	}
	if run, ok := m.runs[no]; ok {
		return run, nil
	}
	return nil, errUnknown
}

func (m *memPages) Alloc(pages int) (page.No, []byte, error) {
	if m.fail() {
		return 0, nil, errInjected
	}
	no := m.next
	if list := m.free[pages]; len(list) > 0 {
		no, m.free[pages] = list[len(list)-1], list[:len(list)-1]
	} else {
		m.next += page.No(pages)
	}
	run := make([]byte, pages*page.SizeBytes)
	page.SetTx(run, 77)
	m.runs[no], m.copied[no] = run, true
	return no, run, nil
}

func (m *memPages) Copy(no page.No) ([]byte, error) {
	if m.fail() {
		return nil, errInjected
	}
	run, ok := m.runs[no]
	if !ok {
		return nil, errUnknown
	}
	if m.copied[no] {
		return run, nil
	}
	m.copied[no] = true
	m.copies++
	m.runs[no] = bytes.Clone(run)
	spoil(run)
	return m.runs[no], nil
}

func (m *memPages) Free(no page.No) error {
	if m.fail() {
		return errInjected
	}
	run, ok := m.runs[no]
	if !ok {
		return errUnknown
	}
	spoil(run)
	delete(m.runs, no)
	delete(m.copied, no)
	delete(m.sums, no)
	m.free[len(run)/page.SizeBytes] = append(m.free[len(run)/page.SizeBytes], no)
	return nil
}

func spoil(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}

// commit ends a transaction: pages that were not copied must be as they were, and none is writable any more.
func (m *memPages) commit(t testing.TB) {
	t.Helper()
	for no, run := range m.runs {
		sum := maphash.Bytes(sumSeed, run)
		if old, ok := m.sums[no]; ok && !m.copied[no] && old != sum {
			t.Fatalf("page %d was written to without Copy", no)
		}
		m.sums[no] = sum
		if page.Tx(run) != 77 {
			t.Fatalf("page %d: the tree wrote over the transaction id", no)
		}
	}
	clear(m.copied)
}

// fatalHelper is what both *testing.T and *rapid.T offer.
type fatalHelper interface {
	Helper()
	Fatalf(format string, args ...any)
}
