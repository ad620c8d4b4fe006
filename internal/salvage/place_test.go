package salvage_test

import (
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// onePage is a page of its kind, written by transaction tx.
func onePage(no page.No, kind page.Kind, tx uint64, owner page.No) []byte {
	p := make([]byte, page.SizeBytes)
	page.Init(p, no, kind)
	page.SetTx(p, tx)
	page.SetOwner(p, uint64(owner))
	return p
}

// bitmapPage says that these pages are busy, itself and no others.
func bitmapPage(tx uint64, busy ...page.No) []byte {
	p := onePage(2, page.Bitmap, tx, 0)
	for _, no := range append(busy, 2) {
		page.Payload(p)[(no-2)/8] |= 1 << ((no - 2) % 8)
	}
	return p
}

// headerPage is that of a section of 8 pages, some of them made.
func headerPage(no page.No, tx uint64, made byte) []byte {
	p := onePage(no, page.SectionHeader, tx, no)
	page.Payload(p)[0], page.Payload(p)[2] = 8, made
	return p
}

func TestPlace_TellsWhichPagesAreInUse(t *testing.T) {
	f := func(what, want string, seen [][]byte, no page.No, data []byte) {
		t.Helper()
		if got := salvage.UseOf(seen, no, data); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	bitmap := [][]byte{bitmapPage(10, 5, 20, 21, 22, 23, 24, 25, 26, 27)}
	leaf := func(no page.No, tx uint64) []byte { return onePage(no, page.Leaf, tx, 0) }
	f("before the first page", "unused", nil, 1, nil)
	f("busy", "in use", bitmap, 5, leaf(5, 3))
	f("free", "unused", bitmap, 6, leaf(6, 3))
	f("free as of an older bitmap", "unknown", bitmap, 6, leaf(6, 11))
	f("free, damaged", "unused", bitmap, 6, nil)
	f("busy, damaged", "in use", bitmap, 5, nil)
	f("no bitmap", "unknown", nil, 5, leaf(5, 3))
	f("in the next span, whose bitmap is lost", "unknown", bitmap, 70_000, leaf(70_000, 3))

	section := append(bitmap, headerPage(20, 8, 3)) // pages 21 to 23 are made, 24 to 27 are not
	data := func(no page.No, tx uint64, owner page.No) []byte { return onePage(no, page.SectionData, tx, owner) }
	f("made", "in use", section, 23, data(23, 7, 20))
	f("not made", "unused", section, 24, data(24, 7, 20))
	f("not made as of an older header", "in use", section, 24, data(24, 9, 20))
	f("of another section that was here", "unused", section, 22, data(22, 5, 17))
	f("of another section that came later", "in use", section, 22, data(22, 9, 17))
	f("no data page", "unused", section, 22, leaf(22, 5))
	f("made, damaged", "in use", section, 22, nil)
	f("not made, damaged", "unused", section, 25, nil)
	f("behind the section", "unused", section, 28, data(28, 7, 20))
	stale := [][]byte{bitmapPage(10, 21), headerPage(20, 8, 0)}
	f("in a section that is freed", "in use", stale, 21, data(21, 9, 19))
	f("the header is not asked when it is free itself", "in use", stale, 21, data(21, 7, 19))
}

// change is one page's in a record of its own.
type change struct {
	tx      uint64
	payload []byte
}

// newPage is the change that run is there from its transaction on.
func newPage(run []byte) change {
	clear(page.MAC(run))
	return change{tx: page.Tx(run), payload: journal.AppendPage(nil, uint64(page.Number(run)), xxh3.Hash(run), nil, run)}
}

// handMade salvages a data file with these runs, and a journal with these changes. There are no headers.
func handMade(t *testing.T, stored [][]byte, log ...change) outcome {
	t.Helper()
	disk := memfs.New(memfs.WithoutCrashes())
	must(t, disk.MkdirAll(journals))
	data := make([]byte, 64*page.SizeBytes)
	for _, run := range stored {
		page.Seal(run)
		copy(data[page.Number(run)*page.SizeBytes:], run)
	}
	var records []byte
	for _, c := range log {
		records, _, _ = journal.AppendRecord(records, journal.Header{Journal: 1, Tx: c.tx, NextPage: 64}, c.payload, 1<<20, nil)
	}
	must(t, vfs.WriteFileDurable(disk, salvagetest.Data, data))
	must(t, vfs.WriteFileDurable(disk, journals+"/0000000000000000001.journal", records))
	return run(t, disk)
}

// longRun is a run of four pages with a document.
func longRun(t *testing.T, no page.No, tx uint64, id string) []byte {
	t.Helper()
	doc, err := jsondoc.Parse([]byte(`{"t":"` + strings.Repeat("long ", 5000) + `"}`))
	must(t, err)
	run := sealRun(no, row.Append(nil, docrow.DocumentKind, salvagetest.Fields(id, int64(tx), doc)...))
	page.SetTx(run, tx)
	if len(run) != 4*page.SizeBytes {
		t.Fatalf("the run has %d bytes", len(run))
	}
	return run
}

// A page that was written where a long value was: whichever of them is in the file or in the journal, the newer one counts.
func TestRun_TellsWhatIsNewerInsideOfRuns(t *testing.T) {
	f := func(what string, stored [][]byte, log []change, documents, deleted string) {
		t.Helper()
		got := handMade(t, stored, log...)
		got.wantOnly(t, what, documents, deleted)
	}
	runs := func(runs ...[]byte) [][]byte { return runs }
	log := func(changes ...change) []change { return changes }
	inner := func(tx uint64) []byte { return onePage(12, page.Leaf, tx, 0) }
	a := func() []byte { return longRun(t, 10, 5, "a") }
	f("run alone", runs(a()), nil, "a", "")
	f("newer page in the journal", runs(a()), log(newPage(inner(9))), "", "a")
	f("older page in the journal", runs(a()), log(newPage(inner(3))), "a", "")
	f("run in the journal", nil, log(newPage(a())), "a", "")
	f("run in the journal, older page in the file", runs(inner(3)), log(newPage(a())), "a", "")
	f("both in the journal", nil, log(newPage(a()), newPage(inner(9))), "", "a")
	f("the run is free again", nil, log(newPage(a()), change{tx: 6, payload: journal.AppendFree(nil, 10, 4)}), "", "")
}

// wantOnly checks that there is at most one document in either file, with this id; "" is none.
func (o outcome) wantOnly(t *testing.T, what, documents, deleted string) {
	t.Helper()
	f := func(file, want string, got map[string]string) {
		t.Helper()
		if want == "" && len(got) == 0 || len(got) == 1 && got[want] != "" {
			return
		}
		t.Errorf("%s: %s: got %.80v, want %q", what, file, got, want)
	}
	f("documents", documents, o.documents)
	f("possibly deleted", deleted, o.deleted)
}

// A page whose newest version cannot be rebuilt is taken in an older one, and listed.
func TestRun_ListsOutdatedPages(t *testing.T) {
	f := func(what string, outdated int, log ...change) {
		t.Helper()
		got := handMade(t, nil, log...)
		got.wantOnly(t, what, "a", "")
		if got.report.Journals.Outdated != outdated || got.lists(10) != (outdated > 0) || got.report.Rows.Uncertain != 1 {
			t.Errorf("%s: got %d pages outdated, %+v, %d rows uncertain", what, got.report.Journals.Outdated, got.report.DamagedPages, got.report.Rows.Uncertain)
		}
	}
	a := func() change { return newPage(longRun(t, 10, 5, "a")) }
	other := func(tx uint64) change { return newPage(onePage(40, page.Leaf, tx, 0)) }
	unprovable := change{tx: 6, payload: journal.AppendPage(nil, 10, 1234, make([]byte, 4*page.SizeBytes), make([]byte, 4*page.SizeBytes))}
	f("no gap", 0, a(), other(6))
	f("a gap behind", 4, a(), other(9)) // 6 to 8 may have changed it
	f("a gap before", 0, other(2), a(), other(6))
	f("a change that cannot be proven", 4, a(), unprovable)
}
