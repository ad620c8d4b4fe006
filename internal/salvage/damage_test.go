package salvage_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const (
	headerOne = salvagetest.Dir + "/header.one"
	headerTwo = salvagetest.Dir + "/header.two"
	journals  = salvagetest.Dir + "/journals"
)

// garble changes every byte.
func garble(b []byte) []byte {
	for i := range b {
		b[i] ^= byte(i*7+1) | 1
	}
	return b
}

func smallShape(seed uint64) salvagetest.Shape {
	return salvagetest.Shape{Seed: seed, Ops: 400, IDs: 150, Huge: 8}
}

func crashShape(seed uint64) salvagetest.Shape {
	s := smallShape(seed)
	s.Crash = true
	return s
}

// wantAll checks that every live document is there, and that no deleted one is.
func (o outcome) wantAll(t testing.TB, d *salvagetest.Database) {
	t.Helper()
	o.wantNothingInvented(t, d)
	o.wantSound(t, d, nil)
	o.wantDeletedGone(t, d, nil)
}

// Without both headers the journals are applied all the same, and everything is there.
func TestRun_NeedsNoHeaders(t *testing.T) {
	for seed := range uint64(count(t, 20, 4)) {
		d := salvagetest.Build(t, crashShape(seed))
		d.Disk.Corrupt(headerOne, garble)
		must(t, d.Disk.Remove(headerTwo))
		if env, err := salvagetest.Open(d.Disk); err == nil {
			_ = env.Close()
			t.Fatal("the environment opens: nothing is damaged")
		}
		got := run(t, d.Disk)
		got.wantAll(t, d)
		if len(got.report.Headers) != 2 || got.report.Headers[0].Problem == "" || got.report.Headers[1].Problem != "missing" {
			t.Errorf("headers: got %+v", got.report.Headers)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// One header is enough, whichever it is.
func TestRun_TakesTheOtherHeader(t *testing.T) {
	for _, name := range []string{headerOne, headerTwo} {
		d := salvagetest.Build(t, crashShape(5))
		d.Disk.Corrupt(name, garble)
		got := run(t, d.Disk)
		got.wantAll(t, d)
		if !got.report.Damage() || len(got.report.Journals.Problems) > 0 {
			t.Errorf("%s destroyed: damage %v, journals: %v", name, got.report.Damage(), got.report.Journals.Problems)
		}
	}
}

// Every page that is no row's: trees, catalog, bitmaps, headers of sections.
func TestRun_NeedsNothingButRows(t *testing.T) {
	for seed := range uint64(count(t, 20, 4)) {
		d := salvagetest.Build(t, smallShape(seed))
		destroyed := 0
		d.Disk.Corrupt(salvagetest.Data, func(b []byte) []byte {
			for at := 0; at < len(b); at += pageBytes(b, at) {
				p := b[at:][:page.SizeBytes]
				if k := page.KindOf(p); page.Number(p)*page.SizeBytes == page.No(at) && at > 0 && k != page.SectionData && k != page.Overflow {
					garble(p)
					destroyed++
				}
			}
			return b
		})
		d.Disk.Corrupt(headerOne, garble)
		d.Disk.Corrupt(headerTwo, garble)
		removeJournals(t, d.Disk)
		got := run(t, d.Disk)
		got.wantAll(t, d)
		if got.report.Pages.Damaged < int64(destroyed) || destroyed < 5 {
			t.Errorf("%d pages were destroyed, the report counts %d", destroyed, got.report.Pages.Damaged)
		}
		if got.report.Rows.Uncertain == 0 {
			t.Error("the report is certain of documents although nothing tells which pages are in use")
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// pageBytes is the length of the page or run at an offset, if it is one.
func pageBytes(b []byte, at int) int {
	if p := b[at:]; int(page.Number(p))*page.SizeBytes == at && page.Verify(p, page.Number(p)) == nil {
		return page.RunLen(p) * page.SizeBytes
	}
	return page.SizeBytes
}

func removeJournals(t testing.TB, disk *memfs.FS) {
	t.Helper()
	must(t, disk.RemoveAll(journals))
}

// A data file cut anywhere, with garbage behind or not, and one of which only the name is left.
func TestRun_TakesWhatIsLeftOfTheDataFile(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range count(t, 40, 10) {
		d := salvagetest.Build(t, smallShape(uint64(i)%5))
		cut := 0
		d.Disk.Corrupt(salvagetest.Data, func(b []byte) []byte {
			if cut = random.IntN(len(b)); i == 0 {
				cut = 0
			}
			if b = b[:cut]; i%3 == 1 {
				for range random.IntN(50_000) {
					b = append(b, byte(random.Uint32()))
				}
			}
			return b
		})
		removeJournals(t, d.Disk) // used files may have the pages that were cut off
		got := run(t, d.Disk)
		got.wantNothingInvented(t, d)
		wrecked := map[page.No]bool{}
		for no := page.No(cut / page.SizeBytes); no < 1<<14; no++ {
			wrecked[no] = true
		}
		got.wantSound(t, d, wrecked)
		if t.Failed() {
			t.Fatalf("round %d, cut at %d", i, cut)
		}
	}
}

// What a file system leaves when it lost the data file, the headers, or both: journals hold all since they were last reused.
func TestRun_ReadsJournalsAlone(t *testing.T) {
	for seed := range uint64(count(t, 20, 4)) {
		shape := crashShape(seed)
		shape.LogOnly = true
		d := salvagetest.Build(t, shape)
		must(t, d.Disk.Remove(salvagetest.Data))
		if seed%2 == 0 {
			must(t, d.Disk.Remove(headerOne))
			must(t, d.Disk.Remove(headerTwo))
		}
		got := run(t, d.Disk)
		got.wantAll(t, d)
		if !got.report.Damage() || got.report.DataBytes != -1 || got.report.Journals.Pages == 0 {
			t.Errorf("seed %d: got %+v", seed, got.report.Journals)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// A journal damaged anywhere costs what was changed since, and no more; the report says that something is missing.
func TestRun_UsesWhatIsValidOfJournals(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	outdated, missing := 0, 0
	for i := range count(t, 30, 9) {
		d := salvagetest.Build(t, crashShape(uint64(i)%6))
		whole := run(t, d.Disk)
		must(t, d.Disk.RemoveAll(out))
		damageJournals(t, d.Disk, random)
		got := run(t, d.Disk)
		got.wantNothingInvented(t, d)
		for id := range d.Settled {
			if got.documents[id] != d.Live[id].JSON {
				t.Errorf("%q was not changed since the data file was durable: got %.100q", id, got.documents[id])
			}
		}
		if got.report.Journals.Applied < whole.report.Journals.Applied {
			missing++
		}
		outdated += got.report.Journals.Outdated
		if t.Failed() {
			t.Fatalf("round %d: %+v", i, got.report.Journals)
		}
	}
	if outdated == 0 || missing == 0 {
		t.Errorf("%d pages were outdated, in %d rounds records were missing: the test damages nothing", outdated, missing)
	}
}

// damageJournals destroys some blocks of some journals, or a whole one.
func damageJournals(t testing.TB, disk *memfs.FS, random *rand.Rand) {
	t.Helper()
	names, err := disk.List(journals)
	must(t, err)
	for range 1 + random.IntN(3) {
		name := journals + "/" + names[random.IntN(len(names))]
		disk.Corrupt(name, func(b []byte) []byte {
			switch random.IntN(3) {
			case 0:
				return garble(b)
			case 1:
				return b[:random.IntN(len(b))]
			}
			at := random.IntN(len(b))
			garble(b[at:min(len(b), at+1+random.IntN(5000))])
			return b
		})
	}
}

// A gap in the journals is named, pages that changed in it are listed, and what was written before it is there.
func TestRun_KeepsWhatCameBeforeAGap(t *testing.T) {
	outdated := 0
	for seed := range uint64(count(t, 20, 5)) {
		d := salvagetest.Build(t, salvagetest.Shape{Seed: seed, Ops: 600, IDs: 400, Crash: true, LogOnly: true})
		names, err := d.Disk.List(journals)
		must(t, err)
		name := journals + "/" + names[len(names)/2]
		first, err := journal.DecodeRecord(read(t, d.Disk, name))
		must(t, err)
		must(t, d.Disk.Remove(name))
		got := run(t, d.Disk)
		got.wantNothingInvented(t, d)
		if all := strings.Join(got.report.Journals.Problems, "\n"); !strings.Contains(all, "are missing") {
			t.Errorf("got %q, want a word about missing transactions", all)
		}
		before := 0
		for id, live := range d.Live {
			if d.Changed[id] >= first.Tx {
				continue
			}
			before++
			if got.documents[id] != live.JSON {
				t.Errorf("%q was last written by transaction %d, the gap begins with %d: got %.100q", id, d.Changed[id], first.Tx, got.documents[id])
			}
		}
		outdated += got.report.Journals.Outdated
		if t.Failed() || before == 0 {
			t.Fatalf("seed %d, %d documents were written before the gap", seed, before)
		}
	}
	if outdated == 0 {
		t.Error("no page is listed as outdated")
	}
}

// Without headers, what old journals say of a destroyed page may not be the last word: the page is listed.
func TestRun_ListsPagesThatMayBeOutdated(t *testing.T) {
	d, got := wreckOnce(t, 26, 0.1)
	listed := 0
	for _, p := range got.report.DamagedPages {
		if strings.HasPrefix(p.Reason, "perhaps outdated") {
			listed++
		}
	}
	if listed == 0 || len(d.Live) == 0 {
		t.Error("no page is listed as perhaps outdated")
	}
}

// A header from before the last sync says nothing that the newer one does not say better.
func TestRun_TakesTheNewerHeader(t *testing.T) {
	d := salvagetest.Build(t, smallShape(2))
	removeJournals(t, d.Disk)
	for _, name := range []string{headerOne, headerTwo} {
		newer := read(t, d.Disk, name)
		d.Disk.Corrupt(name, func(b []byte) []byte {
			binary.LittleEndian.PutUint64(b[32:], 1) // sequence
			binary.LittleEndian.PutUint64(b[40:], 5) // transaction
			return salvage.SealHeader(b)
		})
		if got := run(t, d.Disk); got.report.Damage() {
			t.Errorf("with an old %s: damage: %+v", name, got.report.Journals)
		}
		must(t, d.Disk.RemoveAll(out))
		d.Disk.Corrupt(name, func([]byte) []byte { return newer })
	}
}

// When journals are lost altogether, pages of later transactions tell that the end is missing.
func TestRun_NoticesThatTheEndIsMissing(t *testing.T) {
	d := salvagetest.Build(t, smallShape(2))
	old := salvagetest.Build(t, salvagetest.Shape{Seed: 2, Ops: 60, IDs: 150, Huge: 8})
	for _, name := range []string{headerOne, headerTwo} { // as they were earlier
		d.Disk.Corrupt(name, func([]byte) []byte { return read(t, old.Disk, name) })
	}
	removeJournals(t, d.Disk)
	got := run(t, d.Disk)
	if all := strings.Join(got.report.Journals.Problems, "\n"); !strings.Contains(all, "the end is missing") {
		t.Errorf("got %q, want a word about the end", all)
	}
	got.wantAll(t, d)
}

// --ignore-journals reads the data file as it is.
func TestRun_IgnoresJournalsWhenTold(t *testing.T) {
	d := salvagetest.Build(t, crashShape(3))
	got := run(t, d.Disk, func(o *salvage.Options) { o.IgnoreJournals = true })
	got.wantNothingInvented(t, d)
	if got.report.Journals.Applied > 0 || !got.report.Journals.Ignored {
		t.Errorf("got %+v", got.report.Journals)
	}
	for id := range d.Settled {
		if got.documents[id] != d.Live[id].JSON {
			t.Errorf("%q was not changed since the data file was durable: got %.100q", id, got.documents[id])
		}
	}
}

// Torn writes of a power cut are made whole by the journals.
func TestRun_MendsTornPages(t *testing.T) {
	for seed := range uint64(count(t, 12, 3)) {
		d := salvagetest.BuildTorn(t, crashShape(seed))
		got := run(t, d.Disk)
		got.wantAll(t, d)
		if got.report.Damage() {
			t.Errorf("damage: %+v, pages %+v, journals %+v", got.report.DamagedPages, got.report.Pages, got.report.Journals)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// The data file alone, under another name, as a file system's rescue leaves it.
func TestRun_TakesADataFileAlone(t *testing.T) {
	d := salvagetest.Build(t, smallShape(4))
	must(t, d.Disk.MkdirAll("lost+found"))
	must(t, d.Disk.Rename(salvagetest.Data, "lost+found/#1234"))
	must(t, d.Disk.RemoveAll(salvagetest.Dir))
	got := run(t, d.Disk, func(o *salvage.Options) { o.Dir = "lost+found/#1234" })
	got.wantAll(t, d)
	if got.report.Damage() {
		t.Errorf("damage: %+v", got.report)
	}
}

// Pages in the wrong places: what is on them was stored once, but perhaps not last.
func TestRun_TakesMisplacedPagesAsPossiblyDeleted(t *testing.T) {
	d := salvagetest.Build(t, salvagetest.Shape{Seed: 6, Ops: 400, IDs: 150})
	d.Disk.Corrupt(salvagetest.Data, func(b []byte) []byte { return b[page.SizeBytes:] }) // all of them are one too low
	removeJournals(t, d.Disk)
	got := run(t, d.Disk)
	got.wantNothingInvented(t, d)
	for id, live := range d.Live {
		if live.First == live.Last && got.deleted[id] != live.JSON {
			t.Errorf("%q: got %.100q, want it among the possibly deleted", id, got.deleted[id])
		}
	}
	if len(got.documents) > 0 || got.report.Pages.Misplaced == 0 {
		t.Errorf("got %d documents as certain, %d pages misplaced", len(got.documents), got.report.Pages.Misplaced)
	}
}

// Deleted documents come out, but marked as what they are.
func TestRun_FindsDeletedDocuments(t *testing.T) {
	found := 0
	for seed := range uint64(4) {
		d := salvagetest.Build(t, salvagetest.Shape{Seed: seed, Ops: 300, IDs: 60})
		got := run(t, d.Disk)
		for id := range got.deleted {
			if _, deleted := d.Deleted[id]; !deleted {
				t.Errorf("seed %d: %q is possibly deleted, and was not deleted", seed, id)
			}
			found++
		}
	}
	if found == 0 {
		t.Error("of no deleted document anything was found")
	}
}
