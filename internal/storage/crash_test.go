package storage_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// history is one run of a workload on a recorded disk.
type history struct {
	disk    *memfs.FS
	digests []uint64 // of the state after so many commits
	began   []int    // operation at which each commit began, from the first on
	acked   []int    // operation before which it was confirmed
	stats   storage.Stats
	depth   int // of the tree
}

// record runs commits with flushes, syncs and reopenings between them, all by the seed.
func record(t *testing.T, seed uint64, commits int) *history {
	t.Helper()
	h := &history{disk: memfs.New(memfs.Record())}
	random := rand.New(rand.NewPCG(seed, 1))
	opts := storagetest.Options(h.disk)
	env, err := storage.Open(opts)
	must(t, err)
	w := storagetest.NewWorkload(seed)
	h.digests = append(h.digests, w.Digest())
	var pending *storage.Pending // nil also after a commit without changes, which counts like any other
	confirm := func() {
		if len(h.acked) < len(h.digests)-1 {
			must(t, pending.Wait())
			h.acked = append(h.acked, h.disk.OpCount())
			pending = nil
		}
	}
	for range commits {
		h.began = append(h.began, h.disk.OpCount())
		next, err := w.CommitAsync(env)
		must(t, err)
		confirm()
		h.digests = append(h.digests, w.Digest())
		if pending = next; random.IntN(2) == 0 {
			confirm() // else the next one runs ahead
		}
		switch n := random.IntN(40); {
		case n < 6:
			must(t, env.Flush())
		case n < 9:
			must(t, env.Flush())
			must(t, env.Sync())
		case n == 9:
			must(t, env.Sync())
		case n == 10:
			h.addStats(env)
			must(t, env.Close())
			confirm()
			env, err = storage.Open(opts)
			must(t, err)
		}
	}
	confirm()
	h.addStats(env)
	must(t, env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		h.depth = int(tree.State().Depth)
		return nil
	}))
	must(t, env.Close())
	return h
}

func (h *history) addStats(env *storage.Env) {
	s := env.Stats()
	h.stats.Journals.Recycled += s.Journals.Recycled
	h.stats.Journals.Rotations += s.Journals.Rotations
	h.stats.FilesGrown += s.FilesGrown
	h.stats.Syncs += s.Syncs
	h.stats.Flushes += s.Flushes
	h.stats.CommitsAhead += s.CommitsAhead
}

// allowed are the states that may be found after a power cut at operation op: what was confirmed, and one more when its
// commit had begun.
func (h *history) allowed(op int) []uint64 {
	confirmed, _ := slices.BinarySearchFunc(h.acked, op, func(at, op int) int {
		if at <= op {
			return -1
		}
		return 1
	})
	digests := h.digests[confirmed : confirmed+1]
	if confirmed < len(h.began) && h.began[confirmed] <= op {
		digests = h.digests[confirmed : confirmed+2]
	}
	return digests
}

// rare counts what a run of crash images must have met, or it proves little.
type rare struct {
	storage.Stats
	depth int

	inFlightKept, inFlightLost, replayed, diedAgain, spilled int
}

func TestCommit_SurvivesPowerCut(t *testing.T) {
	images := 2000
	if testing.Short() {
		images = 300
	}
	if n, err := strconv.Atoi(os.Getenv("ROOKERY_CRASH_IMAGES")); err == nil {
		images = n
	}
	seed := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("ROOKERY_CRASH_SEED"), 10, 64); err == nil {
		seed = n
	}
	const commits = 200
	var seen rare
	done := 0
	for ; done < images; seed++ {
		h := record(t, seed, commits)
		seen.add(h)
		done += h.crash(t, seed, min(images-done, 5000), &seen)
	}
	t.Logf("%d crash images, last seed %d", done, seed-1)
	seen.want(t)
}

func (r *rare) add(h *history) {
	r.Journals.Recycled += h.stats.Journals.Recycled
	r.Journals.Rotations += h.stats.Journals.Rotations
	r.FilesGrown += h.stats.FilesGrown
	r.Syncs += h.stats.Syncs
	r.CommitsAhead += h.stats.CommitsAhead
	r.depth = max(r.depth, h.depth)
}

func (r *rare) want(t *testing.T) {
	t.Helper()
	for name, n := range map[string]int{
		"journal recycled": int(r.Journals.Recycled), "journal rotated": int(r.Journals.Rotations),
		"commit ahead of another": int(r.CommitsAhead),
		"data file grown":         int(r.FilesGrown), "header written": int(r.Syncs), "root split": r.depth - 1,
		"transaction in flight kept": r.inFlightKept, "transaction in flight lost": r.inFlightLost, "records replayed": r.replayed,
		"power cut in recovery": r.diedAgain, "recovery short of memory": r.spilled,
	} {
		t.Logf("%s: %d", name, n)
		if n == 0 {
			t.Errorf("%s: never happened", name)
		}
	}
}

// crash recovers from so many images, spread evenly over the operations, in all modes.
func (h *history) crash(t *testing.T, seed uint64, images int, seen *rare) int {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	ops, modes := h.disk.OpCount()+1, memfs.CrashModes()
	for i := range images {
		op := i * ops / images
		mode := modes[i%len(modes)]
		chance := random.Uint64()
		name := fmt.Sprintf("seed %d, operation %d, %v %#x", seed, op, mode, chance)
		left := h.disk.CrashAt(op, mode, chance)
		if i%8 == 3 {
			left = h.crashAgain(t, name, left, random, seen)
		}
		h.recover(t, name, left, op, seen)
		if t.Failed() {
			t.FailNow()
		}
	}
	return images
}

// crashAgain cuts the power during recovery, and returns what is left then.
func (h *history) crashAgain(t *testing.T, name string, left *memfs.FS, random *rand.Rand, seen *rare) *memfs.FS {
	t.Helper()
	whole := left.AfterCrash(memfs.AllWritten, 0)
	env, err := storage.Open(storagetest.Options(whole))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ops := whole.OpCount()
	must(t, env.Close())
	dying := left.AfterCrash(memfs.AllWritten, 0, memfs.DieAtOp(random.IntN(ops)))
	if _, err := storage.Open(recoveryOptions(dying, random.IntN(3))); err == nil {
		t.Fatalf("%s: recovery without power", name)
	}
	seen.diedAgain++
	modes := memfs.CrashModes()
	return dying.AfterCrash(modes[random.IntN(len(modes))], random.Uint64())
}

// recover opens the image twice: both times it must be in a state that is allowed, and sound.
func (h *history) recover(t *testing.T, name string, left *memfs.FS, op int, seen *rare) {
	t.Helper()
	allowed := h.allowed(op)
	var first uint64
	for i := range 2 {
		env, err := storage.Open(recoveryOptions(left, op))
		if err != nil {
			t.Fatalf("%s: open %d: %v", name, i, err)
		}
		digest := digestOf(t, env)
		if !slices.Contains(allowed, digest) {
			t.Fatalf("%s: open %d found the state after %d commits (-1: one that never was), not after %d or the %d that follow", name, i,
				slices.Index(h.digests, digest), slices.Index(h.digests, allowed[0]), len(allowed)-1)
		}
		if i == 0 {
			first = digest
			seen.note(env, allowed, digest)
		} else if digest != first {
			t.Fatalf("%s: the second recovery found another state", name)
		}
		storagetest.Check(t, env)
		if i == 0 && op%2 == 0 {
			left = left.AfterCrash(memfs.SyncedOnly, 0) // without Close
			continue
		}
		if err := env.Close(); err != nil {
			t.Fatalf("%s: close %d: %v", name, i, err)
		}
	}
}

// recoveryOptions give every third recovery so little memory that it must write pages before it is done.
func recoveryOptions(left *memfs.FS, op int) storage.Options {
	opts := storagetest.Options(left)
	if op%3 == 0 {
		opts.MaxUnflushedBytes = 128 << 10
	}
	return opts
}

func (r *rare) note(env *storage.Env, allowed []uint64, digest uint64) {
	if env.Stats().RecoveredRecords > 0 {
		r.replayed++
	}
	if env.Stats().RecoverySpills > 0 {
		r.spilled++
	}
	switch {
	case len(allowed) == 2 && digest == allowed[1]:
		r.inFlightKept++
	case len(allowed) == 2:
		r.inFlightLost++
	}
}

func digestOf(t testing.TB, env *storage.Env) (digest uint64) {
	t.Helper()
	must(t, env.View(func(tx *storage.ReadTx) (err error) {
		digest, err = storagetest.DigestOf(tx)
		return err
	}))
	return digest
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
