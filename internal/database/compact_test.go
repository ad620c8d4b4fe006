package database_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// manyBatches make a compaction of a few hundred kilobytes go through many transactions, with flushes and syncs between.
func manyBatches(fsys vfs.FS) database.Options {
	o := smallOptions(fsys)
	o.Storage.MaxUnflushedBytes = 8 << 20
	return o
}

// filled makes a database by the seed, with holes from deleted and replaced documents, and returns what is in it.
func filled(t testing.TB, fsys vfs.FS, seed uint64, commands int) *model {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 4))
	db, err := database.Open(smallOptions(fsys))
	must(t, err)
	m := newModel()
	for range commands {
		s := m.next(random)
		s.checkOn(t, db)
		m = s.after
	}
	must(t, db.Close())
	return m
}

func (s *step) checkOn(t testing.TB, db *database.DB) {
	t.Helper()
	if err := db.Do(context.Background(), s.cmd); err != nil && !s.refused {
		t.Fatal(err)
	}
}

// wantSame opens the database, which must hold want, be sound, and take writes that a power cut does not undo.
func wantSame(t *testing.T, name string, disk *memfs.FS, want *model) {
	t.Helper()
	db, err := database.Open(smallOptions(disk))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if _, err := disk.Stat("db1/compact.dropped"); err == nil || stateOf(disk) != "neither" {
		t.Fatalf("%s: opening left files of the compaction, state %s", name, stateOf(disk))
	}
	found := read(t, db)
	if !found.equal(want) {
		t.Fatalf("%s: the database changed (-found +want):\n%s", name, clip(cmp.Diff(found, want, cmp.AllowUnexported(model{}, entry{}))))
	}
	wantSound(t, name, db, want)
	must(t, db.Do(t.Context(), putCommand("after/1", `{"n":1}`, docstore.Any())))
	cut := disk.AfterCrash(memfs.SyncedOnly, 0)
	must(t, db.Close())
	db, err = database.Open(smallOptions(cut))
	if err != nil {
		t.Fatalf("%s, opened, written and cut off: %v", name, err)
	}
	if found := read(t, db); found.etag != want.etag+1 || found.documents["after/1"].etag != found.etag {
		t.Fatalf("%s: what was written after it is lost", name)
	}
	must(t, db.Close())
}

func TestCompact_KeepsAllAndGivesBackSpace(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		disk := memfs.New()
		want := filled(t, disk, seed, 400)
		var steps []database.CompactionProgress
		result, err := database.Compact(t.Context(), manyBatches(disk), func(p database.CompactionProgress) { steps = append(steps, p) })
		must(t, err)
		if result.BytesAfter >= result.BytesBefore {
			t.Errorf("seed %d: %d bytes before, %d after", seed, result.BytesBefore, result.BytesAfter)
		}
		wantProgress(t, steps)
		names, err := disk.List("db1")
		must(t, err)
		if diff := cmp.Diff(names, []string{"data", "header.one", "header.two", "journals", "lock"}); diff != "" {
			t.Errorf("seed %d: files left (-got +want):\n%s", seed, diff)
		}
		wantSame(t, fmt.Sprint("seed ", seed), disk, want)
	}
}

// wantProgress: stages in order, entries that rise to the total.
func wantProgress(t *testing.T, steps []database.CompactionProgress) {
	t.Helper()
	if len(steps) < 5 {
		t.Fatalf("only %d steps were reported", len(steps))
	}
	order := []database.CompactionStage{database.CompactionCopies, database.CompactionChecks, database.CompactionSwaps}
	for i := 1; i < len(steps); i++ {
		if slices.Index(order, steps[i].Stage) < slices.Index(order, steps[i-1].Stage) || steps[i].Entries < steps[i-1].Entries {
			t.Errorf("step %d is %+v after %+v", i, steps[i], steps[i-1])
		}
	}
	if last := steps[len(steps)-1]; last.Entries != last.Total || last.Total == 0 || last.Stage != database.CompactionSwaps {
		t.Errorf("the last step is %+v", last)
	}
}

func TestCompact_StoppedLeavesTheOriginal(t *testing.T) {
	for stopAt := 1; ; stopAt++ {
		disk := memfs.New()
		want := filled(t, disk, 1, 60)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := database.Compact(ctx, manyBatches(disk), func(p database.CompactionProgress) {
			if n++; n == stopAt && p.Stage != database.CompactionSwaps {
				cancel()
			}
		})
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at step %d: %v", stopAt, err)
		}
		if names, _ := disk.List("db1"); slices.Contains(names, "compact") || slices.Contains(names, "swap") {
			t.Fatalf("stopped at step %d: left %q", stopAt, names)
		}
		wantSame(t, fmt.Sprint("stopped at step ", stopAt), disk, want)
	}
}

// TestCompact_SurvivesPowerCut cuts the power at each operation of a compaction: what is found is what was there before.
func TestCompact_SurvivesPowerCut(t *testing.T) {
	seeds, perOp := uint64(2), 4
	if testing.Short() {
		seeds, perOp = 1, 1
	}
	found := map[string]int{}
	for seed := range seeds {
		plain := memfs.New()
		want := filled(t, plain, seed, 40)
		disk := plain.AfterCrash(memfs.AllWritten, 0, memfs.Record())
		_, err := database.Compact(t.Context(), manyBatches(disk), nil)
		must(t, err)
		random := rand.New(rand.NewPCG(seed, 5))
		for op := range disk.OpCount() + 1 {
			for i := range perOp {
				mode := memfs.CrashModes()[(op+i)%4]
				chance := random.Uint64()
				name := fmt.Sprintf("seed %d, operation %d, %v %#x", seed, op, mode, chance)
				left := disk.CrashAt(op, mode, chance)
				found[stateOf(left)]++
				if random.IntN(4) == 0 {
					left = cutAgain(t, name, left, random)
				}
				wantSame(t, name, left, want)
				if t.Failed() {
					return
				}
			}
		}
	}
	t.Log(found)
	for _, state := range []string{"copying", "marked", "moving", "neither"} {
		if found[state] == 0 {
			t.Errorf("no power cut found the state %q: %v", state, found)
		}
	}
}

// stateOf tells how far a compaction was, by what it left.
func stateOf(disk *memfs.FS) string {
	has := func(name string) bool {
		_, err := disk.Stat("db1/" + name)
		return err == nil
	}
	switch {
	case has("swap") && has("compact/data"):
		return "marked"
	case has("swap"):
		return "moving"
	case has("compact"):
		return "copying"
	}
	return "neither"
}

// cutAgain cuts the power while the database is opened, and returns what is left then.
func cutAgain(t *testing.T, name string, left *memfs.FS, random *rand.Rand) *memfs.FS {
	t.Helper()
	whole := left.AfterCrash(memfs.AllWritten, 0)
	db, err := database.Open(smallOptions(whole))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ops := whole.OpCount()
	must(t, db.Close())
	dying := left.AfterCrash(memfs.AllWritten, 0, memfs.DieAtOp(random.IntN(ops)))
	if _, err := database.Open(smallOptions(dying)); err == nil {
		t.Fatalf("%s: opened without power", name)
	}
	return dying.AfterCrash(memfs.CrashModes()[random.IntN(4)], random.Uint64())
}

// TestCompact_AnySingleOperationMayFail fails each operation once, with an error and with a full disk: the original works on, or the
// copy in its place.
func TestCompact_AnySingleOperationMayFail(t *testing.T) {
	step, cuts := 1, uint64(4)
	if testing.Short() {
		step, cuts = 7, 1
	}
	start := memfs.New()
	want := filled(t, start, 3, 30)
	counting := errorfs.New(start.AfterCrash(memfs.AllWritten, 0))
	_, err := database.Compact(t.Context(), manyBatches(counting), nil)
	must(t, err)
	outcomes := map[string]int{}
	for n := 0; n < counting.OpCount(); n += step {
		for _, cause := range []error{vfs.ErrNoSpace, errors.New("input/output error")} {
			inner := start.AfterCrash(memfs.AllWritten, 0)
			disk := errorfs.New(inner)
			disk.Fail(errorfs.Nth(n, cause))
			name := fmt.Sprintf("operation %d: %v", n, cause)
			_, err := database.Compact(t.Context(), manyBatches(disk), nil)
			switch {
			case err == nil:
				outcomes["no effect"]++
			case stateOf(inner) == "neither":
				outcomes["cleaned up"]++
			default:
				outcomes["left "+stateOf(inner)]++
			}
			// What a failed operation left may be lost in a power cut, and the database goes on from either.
			for i := range cuts {
				mode := memfs.CrashModes()[(uint64(n)+i)%4]
				wantSame(t, fmt.Sprintf("%s, then a power cut, %v %d", name, mode, i), inner.AfterCrash(mode, i), want)
			}
			wantSame(t, name, inner, want)
			if t.Failed() {
				return
			}
		}
	}
	t.Log(outcomes)
	if outcomes["cleaned up"] == 0 {
		t.Errorf("no failure was met: %v", outcomes)
	}
}

// TestCompact_StaleMarkerIsDropped: a marker whose removal was lost must not undo what was written since.
func TestCompact_StaleMarkerIsDropped(t *testing.T) {
	disk := memfs.New(memfs.Record())
	filled(t, disk, 1, 20)
	_, err := database.Compact(t.Context(), manyBatches(disk), nil)
	must(t, err)
	stale := -1
	for op := range disk.OpCount() { // the first image with a marker and a whole copy
		if stateOf(disk.CrashAt(op, memfs.SyncedOnly, 0)) == "marked" {
			stale = op
			break
		}
	}
	if stale < 0 {
		t.Fatal("no image has the marker")
	}
	left := disk.CrashAt(stale, memfs.SyncedOnly, 0)
	hidden := []string{"swap", "compact"}
	for _, name := range hidden { // as if they had been removed when the database was opened the next time
		must(t, left.Rename("db1/"+name, name))
	}
	db, err := database.Open(smallOptions(left))
	must(t, err)
	must(t, db.Do(t.Context(), putCommand("written/1", `{"n":1}`, docstore.Any())))
	want := read(t, db)
	must(t, db.Close())
	for _, name := range hidden {
		must(t, left.Rename(name, "db1/"+name))
	}
	recorded := left.AfterCrash(memfs.AllWritten, 0, memfs.Record())
	db, err = database.Open(smallOptions(recorded))
	must(t, err)
	must(t, db.Close())
	chances := uint64(12)
	if testing.Short() {
		chances = 2
	}
	for op := range recorded.OpCount() + 1 { // dropping it may be cut off, too
		for chance := range chances {
			name := fmt.Sprintf("dropping cut off at operation %d, chance %d", op, chance)
			wantSame(t, name, recorded.CrashAt(op, memfs.RandomSubset, chance), want)
		}
	}
}

func TestCompact_ReadOnlyOpenSaysWhatToDo(t *testing.T) {
	disk := memfs.New(memfs.Record())
	filled(t, disk, 1, 20)
	_, err := database.Compact(t.Context(), manyBatches(disk), nil)
	must(t, err)
	seen := map[string]bool{}
	for op := range disk.OpCount() {
		left := disk.CrashAt(op, memfs.AllWritten, 0)
		state := stateOf(left)
		if _, err := left.Stat("db1/data"); err != nil || seen[state] {
			continue
		}
		seen[state] = true
		env, err := storage.Open(storage.Options{FS: left, Dir: "db1", Now: smallOptions(left).Now, ReadOnly: true})
		_, pending := errors.AsType[*storage.SwapPendingError](err)
		if wantPending := state == "marked" || state == "moving"; pending != wantPending || !pending && err != nil {
			t.Errorf("%s: %v", state, err)
		}
		if err == nil {
			must(t, env.Close())
		}
	}
	if len(seen) != 4 {
		t.Errorf("saw only the states %v", seen)
	}
}

func TestCompact_Refuses(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	_, err := database.Compact(t.Context(), manyBatches(disk), nil)
	if _, ok := errors.AsType[*storage.MissingError](err); !ok {
		t.Errorf("no database: %v", err)
	}
	db, err := database.Open(smallOptions(disk))
	must(t, err)
	_, err = database.Compact(t.Context(), manyBatches(disk), nil)
	if _, ok := errors.AsType[*vfs.LockedError](err); !ok {
		t.Errorf("open database: %v", err)
	}
	must(t, db.Env().Update(func(tx *storage.WriteTx) error {
		_, err := tx.WriteTree("of a later version")
		return err
	}))
	must(t, db.Close())
	_, err = database.Compact(t.Context(), manyBatches(disk), nil)
	if unknown, ok := errors.AsType[*storage.UnknownStructureError](err); !ok || unknown.Name != "of a later version" {
		t.Errorf("unknown structure: %v", err)
	}
	if names, _ := disk.List("db1"); slices.Contains(names, "compact") {
		t.Errorf("left %q", names)
	}
}
