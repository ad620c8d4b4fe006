package section_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

var errBroken = errors.New("broken verb")

// memPages are the pages of one write transaction after another, in memory. They are as strict as they can be: what was
// committed must not change, and a page that was not made must not be read.
type memPages struct {
	committed map[page.No][]byte
	sealed    map[page.No][]byte // a second copy of committed, to see that nobody writes to it
	changed   map[page.No][]byte
	taken     map[page.No]int // runs: first page to pages
	next      page.No

	verbs   int // done so far
	failAt  int // this one fails; -1: none
	created int // pages made since Commit
}

func newMemPages() *memPages {
	return &memPages{
		committed: map[page.No][]byte{}, sealed: map[page.No][]byte{}, changed: map[page.No][]byte{},
		taken: map[page.No]int{}, next: 3, failAt: -1,
	}
}

func (m *memPages) verb() error {
	m.verbs++
	if m.verbs-1 == m.failAt {
		return errBroken
	}
	return nil
}

func (m *memPages) Page(no page.No) ([]byte, error) {
	if err := m.verb(); err != nil {
		return nil, err
	}
	for _, versions := range []map[page.No][]byte{m.changed, m.committed} {
		if p := versions[no]; p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("page %d was not made", no)
}

func (m *memPages) Copy(no page.No) ([]byte, error) {
	p, err := m.Page(no)
	if err != nil {
		return nil, err
	}
	if m.changed[no] == nil {
		m.changed[no] = bytes.Clone(p)
	}
	return m.changed[no], nil
}

func (m *memPages) AllocRun(pages int) (page.No, error) {
	if err := m.verb(); err != nil {
		return 0, err
	}
	no := m.next
	m.next += page.No(pages)
	m.taken[no] = pages
	return no, nil
}

func (m *memPages) Create(no page.No) ([]byte, error) {
	if err := m.verb(); err != nil {
		return nil, err
	}
	if m.changed[no] != nil || m.committed[no] != nil || !m.takes(no) {
		return nil, fmt.Errorf("page %d is made already, or nobody's", no)
	}
	m.created++
	m.changed[no] = make([]byte, page.SizeBytes)
	return m.changed[no], nil
}

func (m *memPages) takes(no page.No) bool {
	for first, pages := range m.taken {
		if no >= first && no < first+page.No(pages) {
			return true
		}
	}
	return false
}

func (m *memPages) Alloc(pages int) (page.No, []byte, error) {
	no, err := m.AllocRun(pages)
	if err != nil {
		return 0, nil, err
	}
	m.changed[no] = make([]byte, pages*page.SizeBytes)
	return no, m.changed[no], nil
}

func (m *memPages) Free(no page.No) error {
	p, err := m.Page(no)
	if err != nil {
		return err
	}
	return m.FreeRun(no, len(p)/page.SizeBytes)
}

func (m *memPages) FreeRun(first page.No, pages int) error {
	if err := m.verb(); err != nil {
		return err
	}
	if m.taken[first] != pages {
		return fmt.Errorf("freeing %d pages from %d on, where %d were taken", pages, first, m.taken[first])
	}
	delete(m.taken, first)
	for no := first; no < first+page.No(pages); no++ {
		for _, versions := range []map[page.No][]byte{m.changed, m.committed, m.sealed} {
			delete(versions, no)
		}
	}
	return nil
}

// commit ends a transaction.
func (m *memPages) commit(t failer) {
	t.Helper()
	for no, p := range m.committed {
		if !bytes.Equal(p, m.sealed[no]) {
			t.Fatalf("committed page %d was written to", no)
		}
	}
	for no, p := range m.changed {
		m.committed[no], m.sealed[no] = p, bytes.Clone(p)
	}
	clear(m.changed)
	m.created = 0
}

// failer is *testing.T or *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantSound wants Check to find nothing, and all pages that are taken to be reached once.
func wantSound(t failer, m *memPages, v section.View) {
	t.Helper()
	reached := map[page.No]int{}
	for err := range section.Check(v, func(no page.No, pages int) { reached[no] += pages }) {
		t.Fatalf("Check: %v", err)
	}
	if !maps.Equal(reached, m.taken) {
		t.Fatalf("reached runs %v, taken are %v", reached, m.taken)
	}
}

// row is n bytes that tell it from others.
func row(seed, n int) []byte {
	r := make([]byte, n)
	for i := range r {
		r[i] = byte(seed*131 + i*7 + i>>8)
	}
	return r
}

func wantRow(t failer, v section.View, id section.RowID, want []byte) {
	t.Helper()
	got, err := v.Get(id)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Fatalf("row %v: got %d bytes, want %d, or other ones", id, len(got), len(want))
	}
}

func wantRows(t failer, v section.View, want map[section.RowID][]byte) {
	t.Helper()
	seen := 0
	for r, err := range v.Rows() {
		must(t, err)
		if data, ok := want[r.ID]; !ok || !bytes.Equal(data, r.Data) {
			t.Fatalf("row %v: got %d bytes, want %d, or other ones", r.ID, len(r.Data), len(data))
		}
		seen++
	}
	if seen != len(want) || int(v.State().Rows) != len(want) {
		t.Fatalf("%d rows, %d by the state, want %d", seen, v.State().Rows, len(want))
	}
}

// sortedIDs makes draws from the model repeatable.
func sortedIDs(model map[section.RowID][]byte) []section.RowID {
	return slices.Sorted(maps.Keys(model))
}

func insert(t testing.TB, s *section.Sections, data []byte) section.RowID {
	t.Helper()
	id, err := s.Insert(data)
	must(t, err)
	return id
}
