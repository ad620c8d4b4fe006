package timeseries_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rookerydb/rookery/internal/timeseries"
)

// row is a segment in a memory.
type row struct {
	key  timeseries.Key
	data []byte
}

// memory is a Store: rows in the order of their keys. It gives out copies that it overwrites at the next change, so that bytes that
// are kept too long are seen.
type memory struct {
	rows   []row
	lent   [][]byte
	puts   int
	failAt int // the call that fails, from 1; 0 is none
	calls  int
}

type storeError struct{}

func (storeError) Error() string { return "the store failed" }

func (m *memory) call() error {
	if m.calls++; m.calls == m.failAt {
		return storeError{}
	}
	return nil
}

func (m *memory) find(key timeseries.Key) (int, bool) {
	return slices.BinarySearchFunc(m.rows, key, func(r row, key timeseries.Key) int {
		return bytes.Compare(timeseries.AppendKey(nil, r.key), timeseries.AppendKey(nil, key))
	})
}

func (m *memory) lend(i int) (timeseries.Key, []byte, error) {
	if err := m.call(); err != nil {
		return timeseries.Key{}, nil, err
	}
	if i < 0 || i >= len(m.rows) {
		return timeseries.Key{}, nil, nil
	}
	m.lent = append(m.lent, bytes.Clone(m.rows[i].data))
	return m.rows[i].key, m.lent[len(m.lent)-1], nil
}

func (m *memory) AtOrBefore(key timeseries.Key) (timeseries.Key, []byte, error) {
	i, found := m.find(key)
	if !found {
		i--
	}
	return m.lend(i)
}

func (m *memory) Before(key timeseries.Key) (timeseries.Key, []byte, error) {
	i, _ := m.find(key)
	return m.lend(i - 1)
}

func (m *memory) After(key timeseries.Key) (timeseries.Key, []byte, error) {
	i, found := m.find(key)
	if found {
		i++
	}
	return m.lend(i)
}

func (m *memory) change() error {
	for _, b := range m.lent {
		for i := range b {
			b[i] = 0xdb
		}
	}
	m.lent = nil
	return m.call()
}

func (m *memory) Put(key timeseries.Key, segment []byte) error {
	m.puts++
	i, found := m.find(key)
	if !found {
		m.rows = slices.Insert(m.rows, i, row{key: key})
	}
	m.rows[i].data = bytes.Clone(segment)
	return m.change()
}

func (m *memory) Delete(key timeseries.Key) error {
	if i, found := m.find(key); found {
		m.rows = slices.Delete(m.rows, i, i+1)
	}
	return m.change()
}

// tb is what checks need of testing.TB and of rapid.T.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// wantSound checks every segment, and that they follow each other without overlap.
func wantSound(t tb, m *memory) {
	t.Helper()
	for i, r := range m.rows {
		s, err := timeseries.Open(r.data)
		if err == nil {
			err = s.Check()
		}
		if err != nil {
			t.Fatalf("segment %d: %v", i, err)
		}
		if s.Start() != r.key.At || len(r.data) > timeseries.SegmentBytesMax {
			t.Fatalf("segment %d under %v starts at %v and has %d bytes", i, r.key, s.Start(), len(r.data))
		}
		if i+1 < len(m.rows) && s.End() > m.rows[i+1].key.At {
			t.Fatalf("segment %d ends at %v, after the next begins, %v", i, s.End(), m.rows[i+1].key.At)
		}
	}
}

// all returns every entry as it is stored, dead ones too.
func (m *memory) all(t tb) []timeseries.Entry {
	t.Helper()
	var list []timeseries.Entry
	for _, r := range m.rows {
		s, err := timeseries.Open(r.data)
		if err != nil {
			t.Fatalf("%v", err)
		}
		c := s.Cursor()
		for c.Next() {
			list = append(list, c.Entry().Clone())
		}
		if c.Err() != nil {
			t.Fatalf("%v", c.Err())
		}
	}
	return list
}

// collect keeps what a sequence of entries yields.
func collect(t tb, seq func(func(timeseries.Entry, error) bool)) []timeseries.Entry {
	t.Helper()
	var list []timeseries.Entry
	for e, err := range seq {
		if err != nil {
			t.Fatalf("%v", err)
		}
		list = append(list, e.Clone())
	}
	return list
}

// wantEntries compares to the bit.
func wantEntries(t tb, got, want []timeseries.Entry) {
	t.Helper()
	if slices.EqualFunc(got, want, timeseries.Entry.Equal) {
		return
	}
	t.Fatalf("entries (-want +got):\n%s", cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateNaNs()))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
