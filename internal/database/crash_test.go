package database_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// history is one run of commands on a recorded disk.
type history struct {
	disk   *memfs.FS
	states []*model // after so many commands
	began  []int    // operation at which each command began, from the first on
	acked  []int    // operation before which it was answered
	stats  storage.Stats
	merged int         // commands that shared a transaction with others
	faults *errorfs.FS // disk, to hold its journal writes
}

func smallOptions(fsys vfs.FS) database.Options {
	return database.Options{
		Name: "db1", Dir: "db1", FS: fsys, NodeTag: "A", DatabaseID: databaseID,
		Now:  func() time.Time { return time.Unix(1_700_000_000, 0).UTC() },
		Rand: rand.New(rand.NewPCG(1, 2)), Logger: slog.New(slog.DiscardHandler),
		Storage: database.StorageOptions{
			JournalBytesMin: 8 << 10, JournalBytesMax: 64 << 10, CompressAboveBytes: 2 << 10, ManualFlush: true,
		},
	}
}

// record runs commands, alone and together, with flushes, syncs and reopenings between them, all by the seed.
func record(t *testing.T, seed uint64, commands int) *history {
	t.Helper()
	h := &history{disk: memfs.New(memfs.Record()), states: []*model{newModel()}}
	h.faults = errorfs.New(h.disk)
	random := rand.New(rand.NewPCG(seed, 1))
	db, err := database.Open(smallOptions(h.faults))
	must(t, err)
	for len(h.acked) < commands {
		switch random.IntN(8) {
		case 0, 1:
			h.together(t, db, random, 2+random.IntN(6))
		case 2, 3:
			h.ahead(t, db, random, 1+random.IntN(4))
		default:
			h.alone(t, db, random)
		}
		switch n := random.IntN(40); {
		case n < 6:
			must(t, db.Env().Flush())
		case n < 9:
			must(t, db.Env().Flush())
			must(t, db.Env().Sync())
		case n == 9:
			h.addStats(db)
			must(t, db.Close())
			db, err = database.Open(smallOptions(h.faults))
			must(t, err)
		}
	}
	h.addStats(db)
	must(t, db.Close())
	return h
}

func (h *history) last() *model { return h.states[len(h.states)-1] }

func (h *history) alone(t *testing.T, db *database.DB, random *rand.Rand) {
	t.Helper()
	s := h.last().next(random)
	h.began = append(h.began, h.disk.OpCount())
	err := db.Do(context.Background(), s.cmd)
	h.acked = append(h.acked, h.disk.OpCount())
	s.check(t, err)
	h.states = append(h.states, s.after)
}

// together queues n commands while the committer is held, one behind the other, so that they share a transaction.
func (h *history) together(t *testing.T, db *database.DB, random *rand.Rand, n int) {
	t.Helper()
	b := newBlocker()
	held := make(chan error, 1)
	go func() { held <- db.Do(context.Background(), b) }()
	<-b.started
	steps, errs, acked := make([]step, n), make([]error, n), make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		steps[i] = h.last().next(random)
		h.states = append(h.states, steps[i].after)
		h.began = append(h.began, h.disk.OpCount())
		wg.Go(func() {
			errs[i] = db.Do(context.Background(), steps[i].cmd)
			acked[i] = h.disk.OpCount()
		})
		waitQueued(t, db, i+1)
	}
	close(b.release)
	wg.Wait()
	must(t, <-held)
	for i, s := range steps {
		s.check(t, errs[i])
	}
	h.acked = append(h.acked, acked...)
	h.merged += n
}

// ahead runs a put, and n commands on top of it while it is written.
func (h *history) ahead(t *testing.T, db *database.DB, random *rand.Rand, n int) {
	t.Helper()
	steps := []step{h.last().nextPut(h.last().clone(), random)}
	h.states = append(h.states, steps[0].after)
	var others []database.Command
	for range n {
		s := h.last().next(random)
		steps, others, h.states = append(steps, s), append(others, s.cmd), append(h.states, s.after)
	}
	for range steps {
		h.began = append(h.began, h.disk.OpCount())
	}
	open := ahead(t, db, h.faults, steps[0].cmd, others...)
	for i, err := range open(nil) {
		steps[i].check(t, err)
		h.acked = append(h.acked, h.disk.OpCount())
	}
}

// check compares a command's answer with what the model says.
func (s *step) check(t *testing.T, err error) {
	t.Helper()
	if s.refused {
		if _, ok := errors.AsType[*docstore.ConflictError](err); !ok {
			t.Fatalf("a command with a wrong expectation was answered %v", err)
		}
		return
	}
	must(t, err)
	must(t, s.outcome())
}

func (h *history) addStats(db *database.DB) {
	s := db.Env().Stats()
	h.stats.Journals.Recycled += s.Journals.Recycled
	h.stats.Journals.Rotations += s.Journals.Rotations
	h.stats.FilesGrown += s.FilesGrown
	h.stats.Syncs += s.Syncs
	h.stats.CommitsAhead += s.CommitsAhead
}

// allowed are the states that may be found after a power cut at operation op: what was answered, and more of what had begun.
func (h *history) allowed(op int) []*model {
	answered, begun := 0, 0
	for i := range h.acked {
		if h.acked[i] <= op {
			answered = i + 1
		}
		if h.began[i] <= op {
			begun = i + 1
		}
	}
	return h.states[answered : max(answered, begun)+1]
}

// rare counts what a run of crash images must have met, or it proves little.
type rare struct {
	recycled, rotated, grown, headers, merged, ahead       int
	inFlightKept, inFlightLost, replayed, diedAgain, fresh int
}

func (r *rare) want(t *testing.T) {
	t.Helper()
	for name, n := range map[string]int{
		"journal recycled": r.recycled, "journal rotated": r.rotated, "data file grown": r.grown, "header written": r.headers,
		"commands merged": r.merged, "commit ahead of another": r.ahead, "command in flight kept": r.inFlightKept, "command in flight lost": r.inFlightLost,
		"records replayed": r.replayed, "second power cut": r.diedAgain, "cut before the first command": r.fresh,
	} {
		t.Logf("%s: %d", name, n)
		if n == 0 {
			t.Errorf("%s: never happened", name)
		}
	}
}

// TestDo_SurvivesPowerCut cuts the power at operations of seeded runs. ROOKERY_CRASH_IMAGES is the number of images that
// the storage floor tries; a tenth of them is this floor's share, because each is read whole. ROOKERY_CRASH_SEED
// replays a run.
func TestDo_SurvivesPowerCut(t *testing.T) {
	images := 600
	if testing.Short() {
		images = 200
	}
	if n, err := strconv.Atoi(os.Getenv("ROOKERY_CRASH_IMAGES")); err == nil {
		images = max(images, n/10)
	}
	seed := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("ROOKERY_CRASH_SEED"), 10, 64); err == nil {
		seed = n
	}
	const commands = 150
	var seen rare
	done := 0
	for ; done < images; seed++ {
		h := record(t, seed, commands)
		seen.recycled += int(h.stats.Journals.Recycled)
		seen.rotated += int(h.stats.Journals.Rotations)
		seen.grown += int(h.stats.FilesGrown)
		seen.headers += int(h.stats.Syncs)
		seen.ahead += int(h.stats.CommitsAhead)
		seen.merged += h.merged
		n := min(images-done, 1000)
		h.crash(t, seed, n, &seen)
		done += n
	}
	t.Logf("%d crash images, last seed %d", done, seed-1)
	seen.want(t)
}

// crash recovers from so many images, spread evenly over the operations, in all modes.
func (h *history) crash(t *testing.T, seed uint64, images int, seen *rare) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	ops, modes := h.disk.OpCount()+1, memfs.CrashModes()
	for i := range images {
		op := i * ops / images
		mode := modes[i%len(modes)]
		chance := random.Uint64()
		name := fmt.Sprintf("seed %d, operation %d, %v %#x", seed, op, mode, chance)
		h.recover(t, name, h.disk.CrashAt(op, mode, chance), op, seen)
		if t.Failed() {
			t.FailNow()
		}
	}
}

// recover opens the image: it must be in a state that is allowed, sound, and take new writes that a second power cut does
// not lose.
func (h *history) recover(t *testing.T, name string, left *memfs.FS, op int, seen *rare) {
	t.Helper()
	db, err := database.Open(smallOptions(left))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	allowed := h.allowed(op)
	found := read(t, db)
	at := slices.IndexFunc(allowed, found.equal)
	if at < 0 {
		t.Fatalf("%s: %d states are allowed; found a state that never was, or lost an answered command (-found +answered):\n%s",
			name, len(allowed), clip(cmp.Diff(found, allowed[0], cmp.AllowUnexported(model{}, entry{}))))
	}
	wantSound(t, name, db, found)
	seen.note(db, allowed, at)

	found.hiLo = allowed[at].hiLo
	last := found.etag
	for random := rand.New(rand.NewPCG(uint64(op), 3)); found.etag < last+5; {
		s := found.next(random)
		s.check(t, db.Do(t.Context(), s.cmd))
		found = s.after
	}
	if op%2 == 0 { // without Close
		left = left.AfterCrash(memfs.SyncedOnly, 0)
		seen.diedAgain++
	} else {
		must(t, db.Close())
	}
	db, err = database.Open(smallOptions(left))
	if err != nil {
		t.Fatalf("%s: open again: %v", name, err)
	}
	if again := read(t, db); !again.equal(found) {
		t.Fatalf("%s: writes after the recovery are lost", name)
	}
	wantSound(t, name, db, found)
	must(t, db.Close())
}

func (r *rare) note(db *database.DB, allowed []*model, at int) {
	if db.Env().Stats().RecoveredRecords > 0 {
		r.replayed++
	}
	if allowed[0].etag == 0 {
		r.fresh++
	}
	switch {
	case at > 0:
		r.inFlightKept++
	case len(allowed) > 1:
		r.inFlightLost++
	}
}

// read returns all that is in the database, in the form of a model. It sees that etags rise.
func read(t *testing.T, db *database.DB) *model {
	t.Helper()
	m := newModel()
	must(t, db.View(func(tx *storage.ReadTx) error {
		stats, err := db.Store().Stats(tx)
		if err != nil {
			return err
		}
		m.etag = stats.LastEtag
		last := int64(0)
		for d, err := range db.Store().Since(tx, 0, 0) {
			if err != nil {
				return err
			}
			if d.Etag <= last {
				t.Errorf("document %s has etag %d and comes after %d", d.ID, d.Etag, last)
			}
			last = d.Etag
			m.documents[strings.ToLower(d.ID)] = entry{
				id: d.ID, vector: d.ChangeVector, collection: d.Collection, text: string(d.Data.Text()), etag: d.Etag,
			}
		}
		last = 0
		for d, err := range db.Store().Tombstones(tx, 0) {
			if err != nil {
				return err
			}
			if d.Etag <= last {
				t.Errorf("tombstone %s has etag %d and comes after %d", d.ID, d.Etag, last)
			}
			last = d.Etag
			m.tombstones[strings.ToLower(d.ID)] = entry{id: d.ID, vector: d.ChangeVector, collection: d.Collection, etag: d.Etag}
		}
		return nil
	}))
	return m
}

// wantSound checks pages, tables and documents, and the counts that are kept against those of the model.
func wantSound(t *testing.T, name string, db *database.DB, m *model) {
	t.Helper()
	must(t, db.View(func(tx *storage.ReadTx) error {
		for problem := range storage.Check(tx) {
			t.Errorf("%s: storage: %v", name, problem)
		}
		for problem := range db.Store().Check(tx) {
			t.Errorf("%s: documents: %v", name, problem)
		}
		return wantCounts(t, name, db, tx, m)
	}))
}

func wantCounts(t *testing.T, name string, db *database.DB, tx storage.Tx, m *model) error {
	t.Helper()
	want := docstore.Stats{Documents: int64(len(m.documents)), Tombstones: int64(len(m.tombstones)), LastEtag: m.etag}
	for key, d := range m.documents {
		want.LastDocumentEtag = max(want.LastDocumentEtag, d.etag)
		if got, ok, err := db.Store().Get(tx, key); err != nil || !ok || got.Etag != d.etag {
			t.Errorf("%s: get %s: %v, %v, %v", name, key, got.Etag, ok, err)
		}
	}
	if m.etag > 0 {
		want.ChangeVector = vector(m.etag)
	}
	stats, err := db.Store().Stats(tx)
	if err != nil || stats != want {
		t.Errorf("%s: stats %+v, %v, want %+v", name, stats, err, want)
	}
	counts := map[string][2]int64{}
	collections, err := db.Store().Collections(tx)
	for _, c := range collections {
		counts[c.Name] = [2]int64{c.Documents, c.Tombstones}
	}
	if diff := cmp.Diff(counts, m.counts()); diff != "" {
		t.Errorf("%s: collections (-got +want):\n%s", name, diff)
	}
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clip shortens a difference: documents may be long.
func clip(s string) string {
	const clipBytes = 4000
	if len(s) <= clipBytes {
		return s
	}
	return s[:clipBytes] + "…"
}
