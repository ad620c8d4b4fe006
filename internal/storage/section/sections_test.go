package section_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// fixture is sections over pages in memory, which are checked when the test ends.
type fixture struct {
	*testing.T
	*section.Sections
	pages *memPages
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{T: t, pages: newMemPages()}
	f.Sections = section.New(f.pages, section.State{})
	t.Cleanup(func() {
		if !t.Failed() {
			wantSound(t, f.pages, f.View)
		}
	})
	return f
}

func (f *fixture) insert(n int) section.RowID {
	f.Helper()
	return insert(f, f.Sections, row(n, n))
}

func (f *fixture) want(id section.RowID, n int) {
	f.Helper()
	wantRow(f, f.View, id, row(n, n))
}

func TestInsert_SteadyStateTouchesOnePageAndNoHeap(t *testing.T) {
	f := newFixture(t)
	data := row(1, 200)
	insert(f, f.Sections, data)
	f.pages.commit(t)
	for range 30 {
		insert(f, f.Sections, data)
	}
	if len(f.pages.changed) != 1 {
		t.Errorf("%d pages changed, want 1", len(f.pages.changed))
	}
	allocs := testing.AllocsPerRun(5, func() { // 40 rows fill a page: stay below
		if _, err := f.Insert(data); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
	id := f.insert(100)
	if allocs := testing.AllocsPerRun(100, func() { _, _ = f.Get(id) }); allocs != 0 {
		t.Errorf("Get: %v allocations, want none", allocs)
	}
}

func TestInsert_MakesPagesOnlyWhenNeeded(t *testing.T) {
	f := newFixture(t)
	f.insert(10)
	if f.pages.created != 2 { // header and one data page of eight pages taken
		t.Errorf("%d pages made, want 2", f.pages.created)
	}
	if got := f.State().Pages; got != section.SectionPagesMin {
		t.Errorf("%d pages taken, want %d", got, section.SectionPagesMin)
	}
}

func TestInsert_SectionsDouble(t *testing.T) {
	f := newFixture(t)
	var got []uint64
	for pages := uint64(0); len(got) < 8; {
		f.insert(section.CellBytesMax)
		if now := f.State().Pages; now != pages {
			got = append(got, now-pages)
			pages = now
		}
	}
	if diff := cmp.Diff([]uint64{8, 16, 32, 64, 128, 256, 512, 512}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestInsert_LongestCellsFillPages(t *testing.T) {
	f := newFixture(t)
	first := f.insert(section.CellBytesMax)
	second := f.insert(section.CellBytesMax)
	if first.Page() != second.Page() || first.Slot() != 0 || second.Slot() != 1 {
		t.Errorf("got ids %v and %v, want both in one page", first, second)
	}
	if f.insert(0).Page() == first.Page() {
		t.Error("a full page took another row")
	}
}

func TestInsert_EmptyRowsUseAllSlots(t *testing.T) {
	f := newFixture(t)
	first := f.insert(0)
	for range 1022 {
		f.insert(0)
	}
	last := f.insert(0)
	if first.Page() == last.Page() || last.Slot() != 0 {
		t.Errorf("row 1024 got id %v, the first one is %v", last, first)
	}
	must(t, f.Delete(first))
	wantRow(t, f.View, last, nil)
}

func TestInsert_RefusesRowsOverTheLongestRun(t *testing.T) {
	f := newFixture(t)
	_, _, err := f.InsertRoom(section.RowBytesMax + 1)
	var size *section.RowSizeError
	if !errors.As(err, &size) || fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want *RowSizeError", err)
	}
	id := f.insert(1)
	if _, _, err := f.ReplaceRoom(id, section.RowBytesMax+1); !errors.As(err, &size) {
		t.Errorf("got %v, want *RowSizeError", err)
	}
	f.want(id, 1)
}

func TestReplace_KeepsIDWhileThereIsRoom(t *testing.T) {
	f := newFixture(t)
	id, neighbour := f.insert(3000), f.insert(3000)
	for _, n := range []int{3000, 100, 5000, 0, 4000, 20_000, 21_000, 50_000, 7, 4058, 4059} {
		got, err := f.Replace(id, row(n, n))
		must(t, err)
		if got != id {
			t.Fatalf("a row of %d bytes moved from %v to %v", n, id, got)
		}
		f.want(id, n)
		f.want(neighbour, 3000)
		wantSound(t, f.pages, f.View)
	}
}

func TestReplace_MovesWhenThePageIsFull(t *testing.T) {
	f := newFixture(t)
	id, neighbour := f.insert(100), f.insert(section.CellBytesMax)
	f.insert(3800)
	moved, err := f.Replace(id, row(2000, 2000))
	must(t, err)
	if moved.Page() == id.Page() {
		t.Errorf("%v stayed in its page as %v", id, moved)
	}
	f.want(moved, 2000)
	f.want(neighbour, section.CellBytesMax)
	var none *section.NoRowError
	if _, err := f.Get(id); !errors.As(err, &none) || none.ID != id || fault.Of(err) != fault.Corrupt {
		t.Errorf("the old id: got %v, want *NoRowError", err)
	}
}

func TestReplace_LongRowInPlaceChangesItsRunOnly(t *testing.T) {
	f := newFixture(t)
	id := f.insert(20_000)
	f.pages.commit(t)
	_, err := f.Replace(id, row(20_100, 20_100))
	must(t, err)
	f.want(id, 20_100)
	if len(f.pages.changed) != 1 {
		t.Errorf("%d runs and pages changed, want 1", len(f.pages.changed))
	}
	_, err = f.Replace(id, row(20_000, 20_000))
	must(t, err)
	for _, run := range f.pages.changed {
		if !bytes.Equal(run[page.HeaderBytes+20_000:], make([]byte, len(run)-page.HeaderBytes-20_000)) {
			t.Error("the end of the longer row is still there")
		}
	}
}

func TestReplace_GrowsToTheLastByteOfRoom(t *testing.T) {
	f := newFixture(t)
	id, neighbour := f.insert(100), f.insert(3500)
	all := page.SizeBytes - 68 - 3*4 // slots begin at 68 and have 4 bytes
	f.insert(all - 100 - 3500 - 500)
	grown, err := f.Replace(id, row(600, 600))
	must(t, err)
	if grown != id {
		t.Errorf("%v moved to %v, though 500 bytes were left for 500 more", id, grown)
	}
	f.want(id, 600)
	moved, err := f.Replace(id, row(601, 601))
	must(t, err)
	if moved == id {
		t.Error("a full page had room for one more byte")
	}
	f.want(moved, 601)
	f.want(neighbour, 3500)
}

func TestReplace_MovesCellsAndStubsOfOthers(t *testing.T) {
	f := newFixture(t)
	var ids []section.RowID
	lengths := []int{1000, 9000, 1000, 0, 1000, 20_000, 1000}
	for _, n := range lengths {
		ids = append(ids, f.insert(n))
	}
	for _, i := range []int{0, 2, 4} { // leaves holes between stubs
		lengths[i] = 10
		_, err := f.Replace(ids[i], row(10, 10))
		must(t, err)
	}
	lengths[6] = 4000
	f.insert(3000) // nothing is left before the first cell but what this takes
	got, err := f.Replace(ids[6], row(4000, 4000))
	must(t, err)
	if got != ids[6] {
		t.Fatalf("%v moved to %v", ids[6], got)
	}
	for i, id := range ids {
		f.want(id, lengths[i])
	}
}

func TestDelete_GivesRoomBack(t *testing.T) {
	for _, n := range []int{1000, 1900, 3000, section.CellBytesMax} {
		f := newFixture(t)
		var ids []section.RowID
		for range 300 {
			ids = append(ids, f.insert(n))
		}
		pages := f.State().Pages
		for round := range 60 { // each round empties other pages
			mine := func(i int) bool { return i/10%20 == round%20 }
			for i := range ids {
				if mine(i) {
					must(t, f.Delete(ids[i]))
				}
			}
			for i := range ids {
				if mine(i) {
					ids[i] = f.insert(n)
				}
			}
		}
		if got := f.State().Pages; got > pages {
			t.Errorf("rows of %d bytes: %d pages for as many rows as were in %d", n, got, pages)
		}
		for _, id := range ids {
			f.want(id, n)
		}
	}
}

func TestDelete_FreesEmptySectionsButTheActive(t *testing.T) {
	f := newFixture(t)
	var ids []section.RowID
	for range 500 {
		ids = append(ids, f.insert(3000))
	}
	for _, id := range ids {
		must(t, f.Delete(id))
	}
	if got := f.State(); got.Sections != 1 || got.Rows != 0 || got.Bytes != 0 || len(f.pages.taken) != 1 {
		t.Errorf("after deleting all rows: %+v", got)
	}
	f.want(f.insert(10), 10)
}

func TestDelete_NoSuchRow(t *testing.T) {
	f := newFixture(t)
	id := f.insert(10)
	var none *section.NoRowError
	if err := f.Delete(id + 1); !errors.As(err, &none) {
		t.Errorf("got %v, want *NoRowError", err)
	}
	if _, err := f.Replace(id+1, nil); !errors.As(err, &none) {
		t.Errorf("got %v, want *NoRowError", err)
	}
	var corrupt *section.CorruptError
	header := section.RowID((id.Page() - 1) << 10)
	if _, err := f.Get(header); !errors.As(err, &corrupt) || fault.Of(err) != fault.Corrupt {
		t.Errorf("got %v, want *CorruptError", err)
	}
}

func TestRows_StopsWhenToldTo(t *testing.T) {
	f := newFixture(t)
	for range 20 {
		f.insert(1000)
	}
	seen := 0
	for _, err := range f.Rows() {
		must(t, err)
		if seen++; seen == 7 {
			break
		}
	}
	if seen != 7 {
		t.Errorf("saw %d rows, want 7", seen)
	}
}

func TestDump_ShowsSectionsPagesAndRows(t *testing.T) {
	f := newFixture(t)
	f.insert(10)
	f.insert(9000)
	must(t, f.Delete(f.insert(20)))
	var got strings.Builder
	must(t, section.Dump(&got, f.View))
	want := `sections 1 rows 2 bytes 9010 pages 8 overflow pages 2 active 4
section 3 pages 8 made 1 list 3
  page 4 level 0 room 8094 rows 2 slots 3
    row 4:0 10 bytes
    row 4:1 9000 bytes in run 11
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDecodeState_RefusesNonsense(t *testing.T) {
	good := section.State{
		First: 3, Active: 4, Room: [3]page.No{5, 6, 7},
		Sections: 8, Rows: 9, Bytes: 10, Pages: 11, OverflowPages: 12,
	}
	encoded := section.AppendState(nil, good)
	got, rest, err := section.DecodeState(encoded)
	if err != nil || len(rest) != 0 || got != good {
		t.Errorf("got %+v, %d bytes left, %v", got, len(rest), err)
	}
	bad := func(src []byte) {
		t.Helper()
		if _, _, err := section.DecodeState(src); fault.Of(err) != fault.Corrupt {
			t.Errorf("got %v, want an error", err)
		}
	}
	bad(nil)
	bad(encoded[:section.StateBytes-1])
	bad(section.AppendState(nil, section.State{First: 3, Sections: 1}))
	bad(section.AppendState(nil, section.State{First: 3, Active: 4}))
	bad(section.AppendState(nil, section.State{Rows: 1}))
}

// TestCheck_FindsChangedStructure changes each byte in turn that says where rows and pages are.
func TestCheck_FindsChangedStructure(t *testing.T) {
	f := newFixture(t)
	for i := range 30 {
		f.insert(1 + 500*(i%9))
	}
	f.pages.commit(t)
	for no, p := range f.pages.committed {
		for _, off := range structure(p) {
			p[off]++
			if len(problems(f.View)) == 0 {
				t.Errorf("page %d (%v), byte %d changed: Check found nothing", no, page.KindOf(p), off)
			}
			p[off]--
		}
	}
	for i := range 10 { // numbers of the state
		encoded := section.AppendState(nil, f.State())
		encoded[8*i]++
		state, _, err := section.DecodeState(encoded)
		if err == nil && len(problems(section.NewView(f.pages, state))) == 0 {
			t.Errorf("number %d of the state changed: Check found nothing", i)
		}
	}
}

func problems(v section.View) []error {
	return slices.Collect(section.Check(v, nil))
}

// structure are the offsets of the bytes of p that are not contents of rows.
func structure(p []byte) []int {
	var offs []int
	add := func(from, to int) {
		for off := from; off < to; off++ {
			offs = append(offs, off)
		}
	}
	add(0, 9) // number, kind
	if page.KindOf(p) == page.SectionData {
		add(10, 16) // lower, upper, dead
	}
	add(28, 36) // owner
	switch page.KindOf(p) {
	case page.SectionData:
		add(page.HeaderBytes, page.Lower(p))
	case page.SectionHeader:
		add(page.HeaderBytes, 69)
		add(72, 104+511)
	}
	return offs
}

// FuzzPages puts arbitrary bytes into the pages: nothing panics, and reading gives errors or rows within bounds.
func FuzzPages(f *testing.F) {
	f.Add(uint16(70), []byte{0xFF, 0xFF}, uint8(1))
	f.Add(uint16(10), []byte{0, 0, 0, 0}, uint8(1))
	f.Add(uint16(64), bytes.Repeat([]byte{9}, 100), uint8(0))
	f.Fuzz(func(t *testing.T, off uint16, damage []byte, which uint8) {
		m := newMemPages()
		s := section.New(m, section.State{})
		var ids []section.RowID
		for i := range 12 {
			ids = append(ids, insert(t, s, row(i, 97*i*i)))
		}
		nos := []page.No{3, 4, 5, 11} // header, data, data, run
		p := m.changed[nos[int(which)%len(nos)]]
		copy(p[int(off)%len(p):], damage)
		_ = problems(s.View)
		for _, err := range s.Rows() {
			_ = err
		}
		for i, id := range ids {
			_, _ = s.Get(id)
			_, _ = s.Replace(id, row(i, 5000-97*i))
		}
		for i := range 12 {
			_, _ = s.Insert(row(i, 300*i))
			_ = s.Delete(ids[i])
		}
		_ = section.Drop(m, s.State())
	})
}
