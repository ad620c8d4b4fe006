package storage_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// variant is a set of options that must not change any answer.
type variant struct {
	storage.Options                 // without FS
	algorithm       crypt.Algorithm // 0 in a plain environment
	async           bool            // commits run ahead of each other, else each waits
}

// String says what the variant sets.
func (v *variant) String() string {
	return fmt.Sprintf("journals of %d to %d KiB, compress above %d, flush above %d KiB, sync above %d KiB, unflushed at most %d KiB, "+
		"pulse %d, cache %d KiB, no mapping %v, encryption %d, manual %v, async %v", v.JournalBytesMin>>10, v.JournalBytesMax>>10,
		v.CompressAboveBytes, v.FlushAboveBytes>>10, v.SyncAboveBytes>>10, v.MaxUnflushedBytes>>10, v.PulseBytes,
		v.TxCacheBytes>>10, v.NoMapping, v.algorithm, v.ManualFlush, v.async)
}

// drawVariant is decided by its number: how pages are read goes round, chance has the rest.
func drawVariant(number uint64) *variant {
	random := rand.New(rand.NewPCG(number, 21))
	v := &variant{Options: storagetest.Options(nil), async: random.IntN(2) == 0}
	v.Encryption = nil
	v.JournalBytesMin = oneOf[int64](random, 4<<10, 8<<10, 256<<10)
	v.JournalBytesMax = oneOf(random, v.JournalBytesMin, 64<<10, 4<<20)
	v.CompressAboveBytes = oneOf(random, -1, 1, 4<<10)
	v.FlushAboveBytes = oneOf[int64](random, 1, 64<<10, 64<<20)
	v.SyncAboveBytes = oneOf[int64](random, 16<<10, 256<<10, 128<<20)
	v.MaxUnflushedBytes = oneOf[int64](random, 448<<10, 1<<20, 1<<30) // the first holds any one transaction, hardly more
	v.PulseBytes = oneOf[int64](random, 1, 16<<10, 16<<20)
	v.TxCacheBytes = oneOf[int64](random, 8<<10, 64<<10, 1<<20)
	v.FlushEvery = oneOf(random, time.Millisecond, time.Hour)
	v.SyncEvery = oneOf(random, 2*time.Millisecond, time.Hour)
	v.ManualFlush = random.IntN(3) > 0
	switch number % 4 {
	case 1:
		v.NoMapping = true
	case 2:
		v.algorithm = crypt.AESGCM
	case 3:
		v.algorithm = crypt.ChaCha20Poly1305
	}
	if v.algorithm != 0 {
		v.Encryption = storagetest.Encryption(v.algorithm, byte(number)) // one for all openings: its nonces go on
	}
	return v
}

func oneOf[T any](random *rand.Rand, choices ...T) T { return choices[random.IntN(len(choices))] }

// sameSeen counts what the runs must have met, or they prove little.
type sameSeen struct {
	ahead, rolledBack, refused, reopened, cut, compacted, oldRead, renewed, flushed, synced, recycled, replayed, spilled atomic.Int64
}

func (s *sameSeen) want(t *testing.T) {
	t.Helper()
	for name, n := range map[string]*atomic.Int64{
		"commit ahead of another": &s.ahead, "transaction rolled back": &s.rolledBack, "write refused because of a reader": &s.refused,
		"reopened": &s.reopened, "power cut": &s.cut, "compacted": &s.compacted, "old state read": &s.oldRead, "reader renewed": &s.renewed,
		"flushed": &s.flushed, "synced": &s.synced, "journal recycled": &s.recycled, "records replayed": &s.replayed,
		"recovery short of memory": &s.spilled,
	} {
		t.Logf("%s: %d", name, n.Load())
		if n.Load() == 0 {
			t.Errorf("%s: never happened", name)
		}
	}
}

// TestOptions_GiveTheSameAnswer runs histories under many options: each step must leave the state that it leaves under all
// others. ROOKERY_SAME_ANSWER_RUNS is how many runs there are, ROOKERY_SAME_ANSWER_SEED the history to begin with.
func TestOptions_GiveTheSameAnswer(t *testing.T) {
	const variants = 8 // of options for one history
	runs, steps := numberOr("ROOKERY_SAME_ANSWER_RUNS", 40), 2000
	if testing.Short() {
		runs, steps = 16, 300
	}
	seed := uint64(numberOr("ROOKERY_SAME_ANSWER_SEED", 1))
	var seen sameSeen
	t.Run("history", func(t *testing.T) {
		for i := range uint64(max(1, runs/variants)) {
			t.Run(fmt.Sprint("seed=", seed+i), func(t *testing.T) {
				t.Parallel()
				answers := map[int]uint64{}
				for number := range uint64(variants) {
					v := drawVariant((seed+i)*variants + number)
					r := &sameRun{variant: v, t: t, seed: seed + i, answers: answers, seen: &seen}
					r.play(steps)
				}
			})
		}
	})
	seen.want(t)
}

func numberOr(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// sameRun is one history under one variant.
type sameRun struct {
	*variant
	t       *testing.T
	seed    uint64
	step    int
	disk    *memfs.FS
	env     *storage.Env
	w       *storagetest.Workload
	pending []*storage.Pending // not waited for yet
	readers []oldReader
	answers map[int]uint64 // digests after so many commits, of the variants before and of this one
	seen    *sameSeen
}

// oldReader is a transaction that stays open, and what it saw first.
type oldReader struct {
	tx     *storage.ReadTx
	digest uint64
}

func (r *sameRun) play(steps int) {
	r.t.Helper()
	r.disk, r.w = memfs.New(), storagetest.NewWorkload(r.seed)
	r.open()
	for r.step = range steps {
		random := rand.New(rand.NewPCG(r.seed, uint64(r.step))) // whatever the variant made of earlier steps
		r.act(random.IntN(1000), random)
		if r.t.Failed() {
			r.fail("the check")
		}
	}
	r.closeAll()
	r.open()
	r.look()
	if r.answers[r.w.Commits()] != r.w.Digest() {
		r.fail("the end is not what the workload says")
	}
	r.closeAll()
	if r.algorithm != 0 {
		r.Encryption.Memory.Close()
	}
}

func (r *sameRun) act(n int, random *rand.Rand) {
	switch {
	case n < 640:
		r.commit(random)
		if n%8 == 0 {
			r.look()
		}
	case n < 700:
		r.write(func() error { return r.w.RollBack(r.env, random.Uint64()) })
		r.seen.rolledBack.Add(1)
	case n < 780:
		r.must(r.env.Flush())
	case n < 840:
		r.must(errors.Join(r.env.Flush(), r.env.Sync()))
	case n < 860:
		r.must(r.env.Sync())
	case n < 900:
		r.beginReader(random)
	case n < 960:
		r.readAgain(random)
	case n < 975:
		r.reopen()
	case n < 985:
		r.cut(random)
	case n < 988:
		r.compact()
	}
	if n >= 640 {
		r.look()
	}
}

func (r *sameRun) options() storage.Options {
	opts := r.Options
	opts.FS = r.disk
	return opts
}

func (r *sameRun) open() { r.openWith(r.options()) }

func (r *sameRun) openWith(opts storage.Options) {
	env, err := storage.Open(opts)
	r.must(err)
	r.env = env
	if env.Stats().RecoveredRecords > 0 {
		r.seen.replayed.Add(1)
	}
	r.seen.spilled.Add(int64(env.Stats().RecoverySpills))
}

func (r *sameRun) commit(random *rand.Rand) {
	r.write(func() error {
		p, err := r.w.CommitAsync(r.env)
		if err == nil {
			r.pending = append(r.pending, p)
		}
		return err
	})
	if _, known := r.answers[r.w.Commits()]; !known {
		r.answers[r.w.Commits()] = r.w.Digest()
	}
	if !r.async || random.IntN(2) == 0 {
		r.wait()
	}
}

// write does what needs a write transaction, and ends the readers that stand in its way.
func (r *sameRun) write(do func() error) {
	err := do()
	if _, old := errors.AsType[*storage.ReaderTooOldError](err); old {
		r.seen.refused.Add(1)
		r.endReaders()
		err = do()
	}
	r.must(err)
}

func (r *sameRun) wait() {
	for _, p := range r.pending {
		r.must(p.Wait())
	}
	r.pending = nil
}

// look waits for what was committed, and compares the state with what it is under other options.
func (r *sameRun) look() {
	r.wait()
	if digestOf(r.t, r.env) != r.answer(r.w.Commits()) {
		r.fail("another state than after these commits")
	}
	if r.step%4 == 0 {
		storagetest.Check(r.t, r.env)
	}
}

func (r *sameRun) answer(commits int) uint64 {
	if commits == 0 {
		return storagetest.NewWorkload(r.seed).Digest()
	}
	return r.answers[commits]
}

// beginReader sees a state that may still be on its way to the disk, or none later than that.
func (r *sameRun) beginReader(random *rand.Rand) {
	if len(r.readers) >= 3 {
		r.readers[0].tx.Close()
		r.readers = slices.Delete(r.readers, 0, 1)
	}
	waiting := len(r.pending)
	tx, err := r.env.Read()
	r.must(err)
	digest := r.digestIn(tx)
	for commits := r.w.Commits() - waiting; digest != r.answer(commits); commits++ {
		if commits == r.w.Commits() {
			r.fail("a reader began with a state that never was, or is over")
		}
	}
	if random.IntN(8) == 0 {
		r.wait()
		r.must(tx.Renew())
		digest = r.answer(r.w.Commits())
		r.seen.renewed.Add(1)
	}
	r.readers = append(r.readers, oldReader{tx, digest})
}

// readAgain sees that old states have not changed, and ends a reader now and then.
func (r *sameRun) readAgain(random *rand.Rand) {
	for _, old := range r.readers {
		if r.digestIn(old.tx) != old.digest {
			r.fail("an old state has changed")
		}
		if old.digest != r.answer(r.w.Commits()) {
			r.seen.oldRead.Add(1)
		}
	}
	if len(r.readers) > 0 && random.IntN(2) == 0 {
		i := random.IntN(len(r.readers))
		r.readers[i].tx.Close()
		r.readers = slices.Delete(r.readers, i, i+1)
	}
}

func (r *sameRun) digestIn(tx *storage.ReadTx) uint64 {
	digest, err := storagetest.DigestOf(tx)
	r.must(err)
	tx.Forget()
	return digest
}

func (r *sameRun) endReaders() {
	for _, old := range r.readers {
		old.tx.Close()
	}
	r.readers = nil
}

func (r *sameRun) closeAll() {
	r.wait()
	r.endReaders()
	s := r.env.Stats()
	r.seen.ahead.Add(int64(s.CommitsAhead))
	r.seen.flushed.Add(int64(s.Flushes))
	r.seen.synced.Add(int64(s.Syncs))
	r.seen.recycled.Add(int64(s.Journals.Recycled))
	r.must(r.env.Close())
}

func (r *sameRun) reopen() {
	r.closeAll()
	r.open()
	r.seen.reopened.Add(1)
}

// cut goes on with what a power cut leaves, all of it confirmed. Every other recovery has little memory.
func (r *sameRun) cut(random *rand.Rand) {
	r.wait()
	left := r.disk.AfterCrash(oneOf(random, memfs.CrashModes()...), random.Uint64())
	r.closeAll()
	r.disk = left
	if random.IntN(2) == 0 {
		opts := r.options()
		opts.MaxUnflushedBytes = 64 << 10
		r.openWith(opts)
		r.look()
		r.must(r.env.Close())
	}
	r.open()
	r.seen.cut.Add(1)
}

func (r *sameRun) compact() {
	r.closeAll()
	opts := r.options()
	opts.MaxUnflushedBytes = max(opts.MaxUnflushedBytes, 16<<20)
	_, err := compact(opts, storagetest.Parts())
	r.must(err)
	r.open()
	r.must(r.w.Moved(r.env))
	r.seen.compacted.Add(1)
}

func (r *sameRun) must(err error) {
	r.t.Helper()
	if err != nil {
		r.fail(err.Error())
	}
}

func (r *sameRun) fail(why string) {
	r.t.Helper()
	r.t.Fatalf("ROOKERY_SAME_ANSWER_SEED=%d, step %d, under %v: %s", r.seed, r.step, r.variant, why)
}
