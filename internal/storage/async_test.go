package storage_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// putAsync is put without waiting until it is durable.
func putAsync(t testing.TB, env *storage.Env, key, value string) *storage.Pending {
	t.Helper()
	tx, err := env.Write()
	must(t, err)
	putIn(t, tx, key, value)
	p, err := tx.CommitAsync()
	must(t, err)
	return p
}

func putIn(t testing.TB, tx *storage.WriteTx, key, value string) {
	t.Helper()
	tree, err := tx.WriteTree("tree")
	must(t, err)
	must(t, tree.Put([]byte(key), []byte(value)))
}

func getNow(t testing.TB, env *storage.Env, key string) (value string) {
	t.Helper()
	must(t, env.View(func(tx *storage.ReadTx) error {
		value = get(t, tx, key)
		return nil
	}))
	return value
}

// gate holds the next journal write until it is opened, and lets it fail with the error that it is opened with.
type gate struct {
	reached chan struct{}
	open    chan error
}

func holdJournal(disk *errorfs.FS) gate {
	g := gate{reached: make(chan struct{}), open: make(chan error)}
	held := false
	disk.Fail(func(op errorfs.Op) error {
		if held || !op.In(errorfs.WriteAt) || !strings.HasSuffix(op.Name, ".journal") {
			return nil
		}
		held = true
		close(g.reached)
		return &errorfs.WaitError{Until: g.open}
	})
	return g
}

func TestCommitAsync_OnlyTheNextTransactionRunsAhead(t *testing.T) {
	disk := errorfs.New(memfs.New())
	env := storagetest.Open(t, disk)
	must(t, put(env, "a", "0"))
	g := holdJournal(disk)
	first := putAsync(t, env, "a", "1")
	done := make(chan error)
	go func() { done <- first.Wait() }()
	<-g.reached

	tx, err := env.Write() // does not wait for the journal
	must(t, err)
	if got := get(t, tx, "a"); got != "1" || tx.Base() != first || first.Done() {
		t.Errorf("the next transaction reads %q, its base is done: %v", got, first.Done())
	}
	putIn(t, tx, "a", "2")
	old, err := env.Read()
	must(t, err)
	defer old.Close()
	if got := get(t, old, "a"); got != "0" {
		t.Errorf("a reader sees %q, which is not durable", got)
	}
	g.open <- nil
	must(t, <-done)
	if got := getNow(t, env, "a"); got != "1" {
		t.Errorf("after the first commit a reader sees %q, want 1", got)
	}
	must(t, tx.Commit())
	if got, before := getNow(t, env, "a"), get(t, old, "a"); got != "2" || before != "0" {
		t.Errorf("readers see %q and, before, %q, want 2 and 0", got, before)
	}
	if s := env.Stats(); s.CommitsAhead != 1 {
		t.Errorf("%d commits ahead of another, want 1", s.CommitsAhead)
	}
}

// TestCommitAsync_IsWrittenByWhoeverNeedsIt: a committer that does not come holds nobody up.
func TestCommitAsync_IsWrittenByWhoeverNeedsIt(t *testing.T) {
	for name, need := range map[string]func(*storage.Env) error{
		"commit":       func(env *storage.Env) error { return put(env, "b", "1") },
		"empty commit": func(env *storage.Env) error { return env.Update(func(*storage.WriteTx) error { return nil }) },
		"refusal": func(env *storage.Env) error {
			refused := errors.New("refused")
			if err := env.Update(func(*storage.WriteTx) error { return refused }); !errors.Is(err, refused) {
				return fmt.Errorf("update gave %w", err)
			}
			return nil
		},
		"flush": func(env *storage.Env) error { return env.Flush() },
		"close": func(env *storage.Env) error { return env.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			disk := memfs.New()
			env := storagetest.Open(t, disk)
			if name == "flush" {
				must(t, put(env, "b", "1"))
			}
			p := putAsync(t, env, "a", "1")
			must(t, need(env))
			if !p.Done() {
				t.Error("the commit before is not durable")
			}
			must(t, p.Wait())
			must(t, env.Close())
			if got := getNow(t, storagetest.Open(t, disk), "a"); got != "1" {
				t.Errorf("opened anew it is %q, want 1", got)
			}
		})
	}
}

// TestCommitAsync_AFailureTakesTheNextOneWithIt, whatever the next one does, and however far it is.
func TestCommitAsync_AFailureTakesTheNextOneWithIt(t *testing.T) {
	next := map[string]func(tx *storage.WriteTx) error{
		"changes": func(tx *storage.WriteTx) error { putIn(t, tx, "a", "2"); return nil },
		"many changes": func(tx *storage.WriteTx) error {
			for i := range 300 {
				putIn(t, tx, fmt.Sprint("b", i), string(make([]byte, 500)))
			}
			return tx.Drop("other")
		},
		"nothing": func(*storage.WriteTx) error { return nil },
		"refuses": func(tx *storage.WriteTx) error { putIn(t, tx, "b", "2"); return errors.New("refused") },
	}
	for name, change := range next {
		for _, cause := range []error{errDisk, vfs.ErrNoSpace} {
			for _, before := range []bool{false, true} { // whether it fails before the next transaction begins
				t.Run(fmt.Sprintf("%s/%v/early=%v", name, cause, before), func(t *testing.T) {
					failNext(t, change, cause, before)
				})
			}
		}
	}
}

func failNext(t *testing.T, change func(*storage.WriteTx) error, cause error, early bool) {
	t.Helper()
	inner := memfs.New(memfs.WithoutCrashes())
	disk := errorfs.New(inner)
	env := storagetest.OpenWith(t, storagetest.Options(disk))
	must(t, put(env, "a", "0"))
	tx, err := env.Write()
	must(t, err)
	putIn(t, tx, "a", "1")
	if _, err := tx.WriteTree("other"); err != nil {
		t.Fatal(err)
	}
	putIn(t, tx, "long", noise(80_000)) // needs a new journal file
	p, err := tx.CommitAsync()
	must(t, err)
	if errors.Is(cause, vfs.ErrNoSpace) {
		disk.Fail(errorfs.From(0, cause, errorfs.Allocate, errorfs.Rename))
	} else {
		disk.Fail(errorfs.From(0, cause, errorfs.WriteAt))
	}
	if early {
		_ = p.Wait()
	}
	failed := env.Update(func(tx *storage.WriteTx) error {
		if tx.Base() != p && !early {
			t.Error("the next transaction does not build on the pending commit")
		}
		return change(tx)
	})
	err = p.Wait()
	if err == nil || !errors.Is(err, cause) {
		t.Fatalf("the first commit gave %v, want %v", err, cause)
	}
	if !early && !errors.Is(failed, err) {
		t.Errorf("the next commit gave %v, want the same as the one before: %v", failed, err)
	}
	if got := getNow(t, env, "a"); got != "0" && (!early || got != "2") {
		t.Errorf("a reader sees %q", got)
	}
	disk.Fail(nil)
	if errors.Is(cause, errDisk) {
		if _, ok := errors.AsType[*storage.FailedError](put(env, "c", "1")); !ok {
			t.Error("writing goes on after a failed journal")
		}
		return
	}
	if _, ok := errors.AsType[*storage.DiskFullError](err); !ok || env.Failed() != nil {
		t.Fatalf("got %v, failed %v", err, env.Failed())
	}
	if held, unflushed := env.Stats().HeldBytes, env.Stats().UnflushedBytes; held != unflushed {
		t.Errorf("%d bytes of versions are held, %d are in use", held, unflushed)
	}
	must(t, put(env, "c", "1"))
	if a, c := getNow(t, env, "a"), getNow(t, env, "c"); c != "1" || a == "1" {
		t.Errorf("when there is room again a is %q, c is %q", a, c)
	}
}

// TestCommitAsync_IsRefusedWhenTheDiskFailedMeanwhile: what ended before a failure and was not written by then never is.
func TestCommitAsync_IsRefusedWhenTheDiskFailedMeanwhile(t *testing.T) {
	inner := memfs.New(memfs.WithoutCrashes())
	disk := errorfs.New(inner)
	env := storagetest.Open(t, disk)
	must(t, put(env, "a", "0"))
	must(t, env.Flush())
	p := putAsync(t, env, "a", "1")
	disk.Fail(errorfs.Nth(0, errDisk, errorfs.Sync))
	if err := env.Sync(); err == nil {
		t.Fatal("the sync did not fail")
	}
	if _, ok := errors.AsType[*storage.FailedError](p.Wait()); !ok {
		t.Errorf("the commit gave %v, want *FailedError", p.Wait())
	}
	if got := getNow(t, env, "a"); got != "0" {
		t.Errorf("a reader sees %q, which was refused", got)
	}
	_ = env.Close() // reports the failure
	if got := getNow(t, storagetest.Open(t, inner), "a"); got != "0" {
		t.Errorf("opened anew it is %q, which was refused", got)
	}
}

// noise does not compress.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

// TestCommitAsync_ConcurrentWritersLoseNothing: many goroutines commit, roll back and read beside flush and sync; each
// transaction adds one to a counter, so the counter tells how many there were in the order of the answers.
func TestCommitAsync_ConcurrentWritersLoseNothing(t *testing.T) {
	const writers, each = 8, 200
	disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
	disk.Fail(func(errorfs.Op) error { runtime.Gosched(); return nil }) // a disk takes its time: others run ahead
	opts := storagetest.Options(disk)
	opts.ManualFlush = false
	opts.FlushAboveBytes, opts.SyncAboveBytes = 64<<10, 256<<10
	opts.FlushEvery, opts.SyncEvery = time.Millisecond, 3*time.Millisecond
	env := storagetest.OpenWith(t, opts)
	var answered atomic.Int64
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 5))
			for range each {
				n, err := addOne(env, random)
				if err != nil {
					t.Error(err)
					return
				}
				before := answered.Load()
				answered.CompareAndSwap(before, max(before, n))
				must(t, env.View(func(tx *storage.ReadTx) error {
					if got := counter(t, tx); got < max(n, before) {
						t.Errorf("a reader sees %d, after %d and %d were confirmed", got, n, before)
					}
					return nil
				}))
			}
		})
	}
	all.Wait()
	must(t, env.View(func(tx *storage.ReadTx) error {
		if got := counter(t, tx); got != writers*each {
			t.Errorf("counted %d, want %d", got, writers*each)
		}
		return nil
	}))
	if s := env.Stats(); s.CommitsAhead < writers || s.Flushes < 3 {
		t.Errorf("%d commits ahead of others, %d flushes: too few to prove anything", s.CommitsAhead, s.Flushes)
	}
}

var errRefused = errors.New("refused")

// addOne commits the counter and one; now and then a transaction is rolled back before.
func addOne(env *storage.Env, random *rand.Rand) (n int64, err error) {
	for refuse := random.IntN(4) == 0; ; refuse = false {
		err := env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			if err != nil {
				return err
			}
			value, _, err := tree.Get([]byte("counter"))
			if err != nil {
				return err
			}
			n = int64(len(value)) + 1 // a growing value, so that pages come and go
			if err := tree.Put([]byte("counter"), make([]byte, n)); err != nil {
				return err
			}
			if refuse {
				return errRefused
			}
			return tree.Put(fmt.Append(nil, "key ", random.IntN(300)), make([]byte, random.IntN(400)))
		})
		if !errors.Is(err, errRefused) {
			return n, err
		}
	}
}

func counter(t *testing.T, tx storage.Tx) int64 {
	t.Helper()
	tree, _ := tx.Tree("tree")
	value, _, err := tree.Get([]byte("counter"))
	must(t, err)
	return int64(len(value))
}
