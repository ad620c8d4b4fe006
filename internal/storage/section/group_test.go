package section_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/section"
)

// touching is a reader that remembers what it was asked for ahead.
type touching struct {
	*memPages
	spots int
}

func (r *touching) InMemory() bool { return true }

func (r *touching) Touch(at []section.Spot) uint64 {
	r.spots += len(at)
	return 0
}

func TestGetGroup_IsGetOfEach(t *testing.T) {
	f := newFixture(t)
	var ids []section.RowID
	for i := range section.GroupMax {
		ids = append(ids, f.insert(i*100)) // the longest have runs of their own
	}
	reader := &touching{memPages: f.pages}
	view := section.NewView(reader, f.State())
	if got := view.GroupSize(); got != section.GroupMax {
		t.Errorf("groups of %d, want %d where pages lie in memory", got, section.GroupMax)
	}
	if got := f.GroupSize(); got != 1 {
		t.Errorf("groups of %d, want 1 where nothing is known", got)
	}
	var g section.Group
	for n := range section.GroupMax + 1 {
		copy(g.IDs[:], ids)
		got, err := view.GetGroup(&g, n)
		if err != nil || got != n {
			t.Fatalf("%d rows: got %d, %v", n, got, err)
		}
		for i, id := range ids[:n] {
			if want, err := f.Get(id); err != nil || !bytes.Equal(g.Rows[i], want) {
				t.Fatalf("row %d of %d: got %d bytes, want %d (%v)", i, n, len(g.Rows[i]), len(want), err)
			}
		}
	}
	if want := section.GroupMax * (section.GroupMax + 1) / 2; reader.spots != want {
		t.Errorf("touched %d spots, want %d", reader.spots, want)
	}
}

// What is wrong with one row hides none before it.
func TestGetGroup_EndsAtTheFirstError(t *testing.T) {
	f := newFixture(t)
	first, second := f.insert(10), f.insert(5000)
	missing := first + 1000
	far := section.RowID(1<<40) << 10
	try := func(want int, ids ...section.RowID) error {
		t.Helper()
		var g section.Group
		got, err := f.GetGroup(&g, copy(g.IDs[:], ids))
		if got != want || err == nil {
			t.Errorf("%v: got %d rows, %v, want %d and an error", ids, got, err, want)
		}
		return err
	}
	var none *section.NoRowError
	if err := try(1, first, missing, second); !errors.As(err, &none) || none.ID != missing {
		t.Errorf("got %v, want that there is no row %v", err, missing)
	}
	if err := try(1, second, missing, far); !errors.As(err, &none) {
		t.Errorf("got %v, want the error of the earlier row", err)
	}
	_ = try(2, first, second, far)
	_ = try(0, far, first)
	var corrupt *section.CorruptError
	if err := try(0, section.RowID(uint64(f.State().First)<<10)); !errors.As(err, &corrupt) {
		t.Errorf("got %v, want that a header is no data page", err)
	}
}
