package storage_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

var errDisk = errors.New("input/output error")

// script runs a workload with flushes, syncs and one reopening until the first error. The environment is nil when it is not
// open any more; digests are the states up to the last one confirmed.
func script(opts storage.Options, seed uint64, commits int, w *storagetest.Workload, digests *[]uint64) (*storage.Env, error) {
	random := rand.New(rand.NewPCG(seed, 3))
	*digests = []uint64{w.Digest()}
	env, err := storage.Open(opts)
	if err != nil {
		return nil, err
	}
	var ahead confirmation
	for i := range commits {
		p, err := w.CommitAsync(env)
		if failed := ahead.wait(digests); failed != nil {
			return env, sameError(failed, err)
		}
		if err != nil {
			return env, err
		}
		ahead = confirmation{p, w.Digest()}
		if random.IntN(3) == 0 { // else the next one runs ahead
			err = ahead.wait(digests)
		}
		if err == nil && random.IntN(6) == 0 {
			err = env.Flush()
		}
		if err == nil && random.IntN(8) == 0 {
			err = env.Sync()
		}
		if err != nil {
			_ = ahead.wait(digests) // a flush that failed may have written it
			return env, err
		}
		if ahead.p.Done() { // a flush wrote it: when that failed, the next commit does not build on it
			if err := ahead.wait(digests); err != nil {
				return env, err
			}
		}
		if i == commits/2 {
			err := env.Close()
			if failed := ahead.wait(digests); failed != nil || err != nil {
				return nil, errors.Join(failed, err)
			}
			if env, err = storage.Open(opts); err != nil {
				return nil, err
			}
		}
	}
	if err := ahead.wait(digests); err != nil {
		return env, err
	}
	return nil, env.Close()
}

// confirmation is a commit to wait for, and the state after it.
type confirmation struct {
	p      *storage.Pending
	digest uint64
}

// wait adds the state to those confirmed.
func (c *confirmation) wait(digests *[]uint64) error {
	err := c.p.Wait()
	if err == nil && c.p != nil {
		*digests = append(*digests, c.digest)
	}
	c.p = nil
	return err
}

// sameError is the error of a commit, given that the one that built on it has the same.
func sameError(failed, next error) error {
	if next == nil || !errors.Is(next, failed) {
		return fmt.Errorf("a commit failed (%w), and the one that built on it gave %v", failed, next) //nolint:errorlint // printed
	}
	return failed
}

// TestFault_AnySingleOperationMayFail fails each operation of some scripts once, with an error and with a full disk. The
// environment says so in a typed error, goes on reading, never retries, and has everything confirmed when opened anew.
func TestFault_AnySingleOperationMayFail(t *testing.T) {
	scripts, step := 3, 1
	if testing.Short() {
		scripts, step = 2, 7
	}
	if n, err := strconv.Atoi(os.Getenv("ROOKERY_FAULT_SCRIPTS")); err == nil {
		scripts = n
	}
	seen := map[string]int{}
	for seed := range uint64(scripts) {
		var digests []uint64
		counting := errorfs.New(memfs.New(memfs.WithoutCrashes()))
		_, err := script(storagetest.Options(counting), seed, 30, storagetest.NewWorkload(seed), &digests)
		must(t, err)
		for n := 0; n < counting.OpCount(); n += step {
			for _, cause := range []error{errDisk, vfs.ErrNoSpace, &errorfs.PartialError{Bytes: 4096, Err: errDisk}} {
				failOnce(t, seed, n, cause, digests, seen)
			}
		}
	}
	for _, kind := range []string{"failed", "disk full", "open refused"} {
		if seen[kind] == 0 {
			t.Errorf("%s never happened: %v", kind, seen)
		}
	}
}

func failOnce(t *testing.T, seed uint64, n int, cause error, want []uint64, seen map[string]int) {
	t.Helper()
	inner := memfs.New(memfs.WithoutCrashes())
	disk := errorfs.New(inner)
	disk.Fail(errorfs.Nth(n, cause))
	w := storagetest.NewWorkload(seed)
	var digests []uint64
	name := fmt.Sprintf("seed %d, operation %d: %v", seed, n, cause)
	env, err := script(storagetest.Options(disk), seed, 30, w, &digests)
	var full *storage.DiskFullError
	var failed *storage.FailedError
	switch {
	case err == nil:
		seen["no effect"]++
	case env == nil:
		seen["open refused"]++
	case errors.As(err, &full):
		seen["disk full"]++
		wantUsable(t, name, env, digests)
	case errors.As(err, &failed):
		seen["failed"]++
		wantFailed(t, name, env, digests)
	default:
		seen["other: "+err.Error()]++
		if fault.Of(err) == fault.Internal && env.Failed() == nil && !errors.Is(err, errDisk) {
			t.Errorf("%s: untyped error %v", name, err)
		}
	}
	if env != nil {
		_ = env.Close()
	}
	wantAfterReopen(t, name, inner, want, len(digests)-1)
}

// wantUsable: a full disk is a passing trouble.
func wantUsable(t *testing.T, name string, env *storage.Env, digests []uint64) {
	t.Helper()
	if env.Failed() != nil {
		t.Errorf("%s: a full disk failed the environment: %v", name, env.Failed())
		return
	}
	if got := digestOf(t, env); got != digests[len(digests)-1] {
		t.Errorf("%s: reads another state than was confirmed last", name)
	}
	err := env.Update(func(tx *storage.WriteTx) error {
		_, err := tx.WriteTree("after a full disk")
		return err
	})
	if err != nil {
		t.Errorf("%s: write after space came back: %v", name, err)
	}
}

// wantFailed: reads go on, writes are refused, and nothing is retried.
func wantFailed(t *testing.T, name string, env *storage.Env, digests []uint64) {
	t.Helper()
	if got := digestOf(t, env); got != digests[len(digests)-1] {
		t.Errorf("%s: reads another state than was confirmed last", name)
	}
	for what, err := range map[string]error{
		"update": env.Update(func(*storage.WriteTx) error { return nil }), "flush": env.Flush(), "sync": env.Sync(),
	} {
		if _, ok := errors.AsType[*storage.FailedError](err); !ok {
			t.Errorf("%s: %s after a failure gave %v", name, what, err)
		}
	}
}

func wantAfterReopen(t *testing.T, name string, disk vfs.FS, digests []uint64, acked int) {
	t.Helper()
	env, err := storage.Open(storagetest.Options(disk))
	if err != nil {
		t.Fatalf("%s: open anew: %v", name, err)
	}
	defer env.Close()
	got := digestOf(t, env)
	if got != digests[acked] && (acked+1 >= len(digests) || got != digests[acked+1]) {
		t.Fatalf("%s: opened anew it is not what was confirmed", name)
	}
	storagetest.Check(t, env)
	if t.Failed() {
		t.Fatal(name)
	}
}

func TestOpen_RefusesASecondOne(t *testing.T) {
	disk := memfs.New()
	storagetest.Open(t, disk)
	_, err := storage.Open(storagetest.Options(disk))
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || fault.Of(err) != fault.Unavailable {
		t.Errorf("got %v, want *vfs.LockedError", err)
	}
}

func TestClose_RefusesWhatComesAfter(t *testing.T) {
	env := storagetest.Open(t, memfs.New())
	reader, err := env.Read()
	must(t, err)
	must(t, env.Close())
	must(t, env.Close())
	_, readErr := env.Read()
	for what, err := range map[string]error{
		"read": readErr, "flush": env.Flush(), "sync": env.Sync(), "update": env.Update(func(*storage.WriteTx) error { return nil }),
	} {
		if _, ok := errors.AsType[*storage.ClosedError](err); !ok {
			t.Errorf("%s after Close gave %v", what, err)
		}
	}
	if _, err := storagetest.DigestOf(reader); err != nil {
		t.Errorf("a reader that was open: %v", err)
	}
	reader.Close()
}

func TestOpen_ReadOnlyChangesNothing(t *testing.T) {
	disk, w := memfs.New(), storagetest.NewWorkload(1)
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	for range 30 {
		must(t, w.Commit(env))
	}
	left := disk.AfterCrash(memfs.SyncedOnly, 0) // nothing was flushed: all is in the journals
	ops := left.OpCount()
	opts := storagetest.Options(left)
	opts.ReadOnly = true
	readOnly := storagetest.OpenWith(t, opts)
	if got := digestOf(t, readOnly); got != w.Digest() {
		t.Error("it shows another state")
	}
	for what, err := range map[string]error{
		"update": readOnly.Update(func(*storage.WriteTx) error { return nil }), "flush": readOnly.Flush(), "sync": readOnly.Sync(),
	} {
		if _, ok := errors.AsType[*storage.ReadOnlyError](err); !ok {
			t.Errorf("%s gave %v", what, err)
		}
	}
	must(t, readOnly.Close())
	for _, op := range left.Ops()[min(ops, len(left.Ops())):] {
		if op.Kind != memfs.Lock && op.Kind != memfs.Create {
			t.Errorf("it did: %v", op)
		}
	}
	must(t, env.Close())
}

// fill commits until the disk is full, and returns the error.
func fill(env *storage.Env, w *storagetest.Workload) (last error) {
	for range 3000 {
		if err := w.Commit(env); err != nil {
			return err
		}
	}
	return nil
}

func TestCommit_GoesOnWhenSpaceIsBack(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	env := storagetest.Open(t, disk)
	must(t, put(env, "before", "1"))
	disk.SetSizeBytesMax(disk.UsedBytes() + 1<<10)
	for range 3 { // again and again: nothing wears out
		err := error(nil)
		for i := 0; err == nil && i < 100; i++ {
			err = put(env, fmt.Sprint("full ", i), string(make([]byte, 1000)))
		}
		var full *storage.DiskFullError
		if !errors.As(err, &full) || fault.Of(err) != fault.Unavailable {
			t.Fatalf("got %v, want *DiskFullError", err)
		}
		must(t, env.View(func(tx *storage.ReadTx) error {
			if got := get(t, tx, "before"); got != "1" {
				t.Errorf("reads %q, want 1", got)
			}
			return nil
		}))
	}
	disk.SetSizeBytesMax(0)
	must(t, put(env, "after", string(make([]byte, 100_000))))
}

// TestCommit_LivesOnUsedJournalsWhenTheDiskIsFull: a sync gives back journals, so a full disk stops changes of what is there
// no longer than that.
func TestCommit_LivesOnUsedJournalsWhenTheDiskIsFull(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	env := storagetest.Open(t, disk)
	for range 3 { // until every file is there that flushing makes
		must(t, put(env, "key", "value"))
		must(t, env.Flush())
	}
	must(t, env.Sync())
	disk.SetSizeBytesMax(disk.UsedBytes() + 20<<10)
	refused := 0
	for i := range 200 {
		err := put(env, "key", fmt.Sprint(i))
		if _, ok := errors.AsType[*storage.DiskFullError](err); ok {
			refused++
			must(t, env.Flush())
			must(t, env.Sync())
			must(t, put(env, "key", fmt.Sprint("once more ", i)))
			continue
		}
		must(t, err)
	}
	if refused == 0 || env.Stats().Journals.Recycled < 10 {
		t.Errorf("%d commits refused, %+v: the disk was never full", refused, env.Stats().Journals)
	}
}

func TestFlush_GoesOnWhenSpaceIsBack(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	opts := storagetest.Options(disk)
	opts.JournalBytesMin, opts.MaxUnflushedBytes = 64<<20, 512<<10
	opts.JournalBytesMax = opts.JournalBytesMin
	env := storagetest.OpenWith(t, opts)
	disk.SetSizeBytesMax(disk.UsedBytes() + 10<<10)
	w := storagetest.NewWorkload(6)
	err := fill(env, w)
	if _, ok := errors.AsType[*storage.DiskFullError](err); !ok {
		t.Fatalf("got %v, want *DiskFullError", err)
	}
	if held := env.Stats().HeldBytes; held > 2*opts.MaxUnflushedBytes {
		t.Errorf("%d bytes in memory, the bound is %d", held, opts.MaxUnflushedBytes)
	}
	if got := digestOf(t, env); got != w.Digest() {
		t.Error("reads another state than was confirmed last")
	}
	disk.SetSizeBytesMax(0)
	must(t, w.Commit(env))
	must(t, env.Flush())
}
