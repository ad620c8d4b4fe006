package storage_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestCommit_SurvivesPowerCutBesideFlushAndSync cuts the power while the goroutines of the environment run: operations of
// commits, flushes and syncs come between each other as they never do in a recorded run.
func TestCommit_SurvivesPowerCutBesideFlushAndSync(t *testing.T) {
	images := 400
	if testing.Short() {
		images = 60
	}
	disk := memfs.New()
	opts := storagetest.Options(disk)
	opts.ManualFlush = false
	opts.FlushAboveBytes, opts.SyncAboveBytes = 32<<10, 64<<10
	opts.FlushEvery, opts.SyncEvery = time.Millisecond, 2*time.Millisecond
	env, err := storage.Open(opts)
	must(t, err)

	w := storagetest.NewWorkload(77)
	digests := []uint64{w.Digest()} // appended before acked is raised, read when nobody commits
	var acked atomic.Int64
	var cuts []cut
	for i := range images {
		stop := make(chan struct{})
		done := make(chan error, 1)
		go func() { done <- commitUntil(stop, env, w, &digests, &acked) }()
		for target := acked.Load() + int64(1+i%3); acked.Load() < target && len(done) == 0; {
			runtime.Gosched()
		}
		c := cut{from: acked.Load(), name: fmt.Sprintf("image %d, %v", i, memfs.CrashModes()[i%4])}
		c.disk = disk.AfterCrash(memfs.CrashModes()[i%4], uint64(i))
		c.to = acked.Load() + 2 // one may have been in flight, and one that ran ahead been written by a flush
		cuts = append(cuts, c)
		close(stop)
		must(t, <-done)
		if len(cuts) == 20 || i == images-1 {
			for _, c := range cuts {
				c.recover(t, digests)
			}
			cuts = nil
		}
	}
	s := env.Stats()
	if s.Flushes < 5 || s.Syncs < 5 || s.Journals.Recycled == 0 {
		t.Errorf("too little went on beside the commits: %+v", s)
	}
	must(t, env.Close())
}

// cut is what a power cut left, and the commits that may be the last one there.
type cut struct {
	name     string
	disk     *memfs.FS
	from, to int64
}

// commitUntil commits until stop is closed, each transaction ahead of the one before.
func commitUntil(stop chan struct{}, env *storage.Env, w *storagetest.Workload, digests *[]uint64, acked *atomic.Int64) error {
	var before *storage.Pending
	for {
		p, err := w.CommitAsync(env)
		if err != nil {
			return err
		}
		*digests = append(*digests, w.Digest())
		if err := before.Wait(); err != nil {
			return err
		}
		acked.Store(int64(len(*digests) - 2)) // all but the last; one without changes has nothing to wait for, and counts too
		select {
		case <-stop:
			err := p.Wait()
			acked.Store(int64(len(*digests) - 1))
			return err
		default:
		}
		before = p
	}
}

func (c cut) recover(t *testing.T, digests []uint64) {
	t.Helper()
	env, err := storage.Open(storagetest.Options(c.disk))
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	defer env.Close()
	if found := digestOf(t, env); !slices.Contains(digests[c.from:min(c.to+1, int64(len(digests)))], found) {
		t.Fatalf("%s: the state after %d commits, not after %d to %d", c.name, slices.Index(digests, found), c.from, c.to)
	}
	storagetest.Check(t, env)
}
