package salvage_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const out = "out"

// clock moves a second with each look.
func clock() func() time.Time {
	now := time.Unix(1_900_000_000, 0)
	return func() time.Time { now = now.Add(time.Second); return now }
}

// outcome is what a run gave.
type outcome struct {
	report    *salvage.Report
	documents map[string]string
	deleted   map[string]string
}

// run salvages what is on disk, and sees that the source stayed as it was.
func run(t testing.TB, disk *memfs.FS, change ...func(*salvage.Options)) outcome {
	t.Helper()
	opts := salvage.Options{FS: disk, Dir: salvagetest.Dir, Out: out, Now: clock()}
	for _, c := range change {
		c(&opts)
	}
	before := contents(t, disk)
	report, err := salvage.Run(opts)
	if err != nil {
		t.Fatal(err)
	}
	if contents(t, disk) != before {
		t.Error("a source file was changed")
	}
	for _, name := range disk.Files() {
		if strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".new") {
			t.Errorf("%s was left behind", name)
		}
	}
	return outcome{
		report:    report,
		documents: salvagetest.Read(t, disk, out+"/"+salvage.DocumentsName),
		deleted:   salvagetest.Read(t, disk, out+"/"+salvage.PossiblyDeletedName),
	}
}

// contents are all files that are not output.
func contents(t testing.TB, disk *memfs.FS) string {
	t.Helper()
	var all strings.Builder
	for _, name := range disk.Files() {
		if strings.HasPrefix(name, out+"/") {
			continue
		}
		b, err := vfs.ReadFile(disk, name)
		must(t, err)
		fmt.Fprintf(&all, "%s %d\n%s", name, len(b), b)
	}
	return all.String()
}

func read(t testing.TB, disk *memfs.FS, name string) []byte {
	t.Helper()
	b, err := vfs.ReadFile(disk, name)
	must(t, err)
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantNothingInvented checks that each document was once committed just so.
func (o outcome) wantNothingInvented(t testing.TB, d *salvagetest.Database) {
	t.Helper()
	for file, docs := range map[string]map[string]string{"documents": o.documents, "possibly deleted": o.deleted} {
		for id, text := range docs {
			if !d.Versions[id][text] {
				t.Errorf("%s: %q was never stored as %.200s", file, id, text)
			}
		}
	}
	if int64(len(o.documents)) != o.report.Documents.Documents || int64(len(o.deleted)) != o.report.Deleted.Documents {
		t.Errorf("the report counts %d and %d documents, there are %d and %d", o.report.Documents.Documents, o.report.Deleted.Documents, len(o.documents), len(o.deleted))
	}
}

// wantSound checks that each live document whose pages are not wrecked is there in its newest version, and that the report
// lists each wrecked page that held a document which is not. It returns how many documents there had to be.
func (o outcome) wantSound(t testing.TB, d *salvagetest.Database, wrecked map[page.No]bool) (sound int) {
	t.Helper()
	for id, live := range d.Live {
		whole, got := true, o.documents[id]
		for no := live.First; no <= live.Last; no++ {
			if !wrecked[no] {
				continue
			}
			whole = false
			if got != live.JSON && !o.lists(no) { // else journals had it
				t.Errorf("page %d, which held %q, is destroyed, and the report does not say so", no, id)
			}
		}
		if !whole {
			continue
		}
		sound++
		if got != live.JSON {
			t.Errorf("%q, whose pages %d to %d (slot in %d) are sound: got %.100q, want %.100q", id, live.First, live.Last, live.Slot, got, live.JSON)
		}
	}
	return sound
}

// lists says whether the report calls a page damaged.
func (o outcome) lists(no page.No) bool {
	for _, d := range o.report.DamagedPages {
		if d.First <= no && no <= d.Last {
			return true
		}
	}
	return false
}

// wantDeletedGone checks that ids whose tombstone is sound are not among the documents.
func (o outcome) wantDeletedGone(t testing.TB, d *salvagetest.Database, wrecked map[page.No]bool) {
	t.Helper()
	for id, no := range d.Deleted {
		if _, there := o.documents[id]; there && !wrecked[no] {
			t.Errorf("%q is deleted, its tombstone is sound, and it is among the documents", id)
		}
	}
}

// count returns how many files to wreck: all, or fewer in -short.
func count(t testing.TB, all, short int) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("ROOKERY_SALVAGE_FILES")); err == nil {
		return n
	}
	if testing.Short() {
		return short
	}
	return all
}

// A database that nothing happened to comes out whole, without a word of damage.
func TestRun_TakesAllOfASoundDatabase(t *testing.T) {
	applied := 0
	for seed := range uint64(count(t, 12, 4)) {
		crash := seed%2 == 1
		d := salvagetest.Build(t, salvagetest.Shape{Seed: seed, Ops: 300, IDs: 120, Huge: 10, Crash: crash})
		got := run(t, d.Disk)
		got.wantNothingInvented(t, d)
		got.wantSound(t, d, nil)
		got.wantDeletedGone(t, d, nil)
		for id := range got.documents {
			if _, live := d.Live[id]; !live {
				t.Errorf("seed %d: %q is not in the database", seed, id)
			}
		}
		for id := range got.deleted {
			if _, live := d.Live[id]; live {
				t.Errorf("seed %d: %q is possibly deleted, but there", seed, id)
			}
		}
		if got.report.Damage() {
			text, _ := json.MarshalIndent(got.report, "", " ")
			t.Errorf("seed %d: damage in a sound database: %s", seed, text)
		}
		applied += got.report.Journals.Applied
		if t.Failed() {
			return
		}
	}
	if applied == 0 {
		t.Error("no journal was applied: the crash images test nothing")
	}
}

// Pages destroyed at random: what lies on sound pages is recovered, all of it; nothing is invented; each loss is listed.
func TestRun_RecoversAllOnSoundPages(t *testing.T) {
	shares := []float64{0.001, 0.01, 0.1}
	lost, kept := 0, 0
	for seed := range uint64(count(t, 100, 20)) {
		d, got := wreckOnce(t, seed, shares[seed%3])
		for id, live := range d.Live {
			if got.documents[id] == live.JSON {
				kept++
			} else {
				lost++
			}
		}
	}
	t.Logf("%d documents recovered, %d lay on destroyed pages", kept, lost)
	if lost == 0 {
		t.Error("no document was ever lost: the test destroys nothing")
	}
}

// wreckOnce builds a database by the seed, destroys that share of its pages and more, and checks what comes out.
func wreckOnce(t *testing.T, seed uint64, share float64) (*salvagetest.Database, outcome) {
	t.Helper()
	d := salvagetest.Build(t, salvagetest.Shape{Seed: seed, Ops: 200 + int(seed%7)*60, IDs: 150, Huge: int(seed%4) * 4})
	wrecked := d.Wreck(seed, share)
	wreckBeside(d, seed)
	got := run(t, d.Disk)
	got.wantNothingInvented(t, d)
	sound := got.wantSound(t, d, wrecked)
	got.wantDeletedGone(t, d, wrecked)
	if sound < len(d.Live) && !got.report.Damage() { // a page that is free may be destroyed unnoticed
		t.Errorf("seed %d: the report finds no damage", seed)
	}
	if t.Failed() {
		t.Fatalf("seed %d, share %v, %d pages wrecked", seed, share, len(wrecked))
	}
	return d, got
}

// wreckBeside destroys, by the seed, headers or all journals too.
func wreckBeside(d *salvagetest.Database, seed uint64) {
	for _, name := range d.Disk.Files() {
		isHeader := strings.Contains(name, "/header.")
		if isHeader && seed%5 == 1 || strings.Contains(name, "/journals/") && seed%5 == 2 {
			d.Disk.Corrupt(name, garble)
		}
	}
}
