package storage_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func TestRenew_MovesToTheNewestState(t *testing.T) {
	env := storagetest.Open(t, memfs.New())
	must(t, put(env, "a", "1"))
	must(t, env.Flush()) // what is read comes from the file
	tx, err := env.Read()
	must(t, err)
	defer tx.Close()
	must(t, put(env, "a", "2"))
	must(t, env.Flush())
	if got := get(t, tx, "a"); got != "1" {
		t.Errorf("before: %q, want 1", got)
	}
	must(t, tx.Renew())
	if got := get(t, tx, "a"); got != "2" {
		t.Errorf("after: %q, want 2", got)
	}
	must(t, env.Flush())
	must(t, tx.Renew())
	if got := get(t, tx, "a"); got != "2" {
		t.Errorf("from the file: %q, want 2", got)
	}
	must(t, put(env, "c", "1"))
	if s := env.Stats(); s.Readers != 1 || s.HeldBytes != s.UnflushedBytes {
		t.Errorf("%d readers, %d bytes held, %d in use: the old state is still there", s.Readers, s.HeldBytes, s.UnflushedBytes)
	}
	must(t, env.Close())
	if _, ok := errors.AsType[*storage.ClosedError](tx.Renew()); !ok {
		t.Error("renewed after Close")
	}
	if got := get(t, tx, "a"); got != "2" {
		t.Errorf("after Close: %q, want 2", got)
	}
}

// TestRenew_IsSafeBesideWriters: many readers move on while pages come, go and are flushed; each state is whole.
func TestRenew_IsSafeBesideWriters(t *testing.T) {
	opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
	opts.ManualFlush = false
	opts.FlushAboveBytes, opts.SyncAboveBytes = 64<<10, 256<<10
	opts.FlushEvery, opts.SyncEvery = time.Millisecond, 3*time.Millisecond
	env := storagetest.OpenWith(t, opts)
	random := rand.New(rand.NewPCG(3, 4))
	if _, err := addOne(env, random); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			tx, err := env.Read()
			must(t, err)
			defer tx.Close()
			for last := int64(0); ; {
				now := counter(t, tx)
				if now < last {
					t.Errorf("a reader moved from %d back to %d", last, now)
				}
				last = now
				select {
				case <-stop:
					return
				default:
					must(t, tx.Renew())
				}
			}
		})
	}
	for range 1500 {
		if _, err := addOne(env, random); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
}

// TestLongReaders_HoldOneVersionOfAPageEach: beside so many readers of different age, memory is at most one version of each
// page for each of them and one for the newest state, and the data file takes no more pages than without readers.
func TestLongReaders_HoldOneVersionOfAPageEach(t *testing.T) {
	commits := 4000
	if testing.Short() {
		commits = 800
	}
	used := map[int]uint64{}
	for _, readers := range []int{0, 1, 5} {
		env := storagetest.Open(t, memfs.New(memfs.WithoutCrashes()))
		random := rand.New(rand.NewPCG(7, 8))
		write := func(n int) {
			t.Helper()
			for range n {
				must(t, put(env, fmt.Sprintf("key %04d", random.IntN(2000)), string(make([]byte, 50+random.IntN(100)))))
				s := env.Stats()
				// Versions that go are released when a snapshot is published, so one commit may come on top.
				const slack = 16 * 8192
				if bound := int64(readers+1)*int64(s.UsedPages)*8192 + slack; s.HeldBytes > bound {
					t.Fatalf("%d bytes held beside %d readers, want at most %d", s.HeldBytes, readers, bound)
				}
			}
		}
		write(commits)
		must(t, env.Flush())
		var old []*storage.ReadTx
		for range readers {
			tx, err := env.Read()
			must(t, err)
			old = append(old, tx)
			write(commits / 5)
			must(t, env.Flush())
		}
		write(commits / 5 * (5 - readers))
		if s := env.Stats(); readers > 0 && s.HeldBytes < int64(s.UsedPages)*8192/2 {
			t.Errorf("%d bytes held of %d pages: too few to prove anything", s.HeldBytes, s.UsedPages)
		}
		used[readers] = env.Stats().UsedPages
		for _, tx := range old {
			tx.Close()
		}
		must(t, env.Flush())
		if s := env.Stats(); s.HeldBytes != s.UnflushedBytes || s.UnflushedBytes != 0 {
			t.Errorf("%d bytes held when all readers are gone, %d not flushed", s.HeldBytes, s.UnflushedBytes)
		}
	}
	if used[1] != used[0] || used[5] != used[0] {
		t.Errorf("pages in use by number of readers: %v, want the same", used)
	}
}

// TestOldReader_IsLoggedOnce, and memory that runs short as well, with who holds it.
func TestOldReader_IsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logText
		opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		opts.ManualFlush, opts.Now, opts.MaxUnflushedBytes = false, time.Now, 1<<20
		env := storagetest.OpenWith(t, opts)
		wait := func(d time.Duration) {
			time.Sleep(d) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
			synctest.Wait()
		}
		count := func(message string) int { return strings.Count(log.String(), message) }
		const oldReader, half = "old reader holds page versions", "page versions fill half"

		must(t, put(env, "a", "1"))
		tx, err := env.Read()
		must(t, err)
		wait(time.Hour) // it reads the newest state, which holds nothing
		if count(oldReader) != 0 {
			t.Errorf("logged a reader of the newest state:\n%s", log.String())
		}
		must(t, put(env, "a", "2"))
		wait(29 * time.Second)
		if count(oldReader) != 0 {
			t.Errorf("logged too early:\n%s", log.String())
		}
		wait(10 * time.Minute)
		if count(oldReader) != 1 || !strings.Contains(log.String(), "readers=1 age=30s pages_held=") {
			t.Errorf("an old reader was logged %d times, want once with its age:\n%s", count(oldReader), log.String())
		}
		for i := 0; env.Stats().HeldBytes < 600<<10; i++ {
			must(t, put(env, fmt.Sprint("key ", i), string(make([]byte, 1900))))
		}
		wait(10 * time.Minute)
		if count(half) != 1 || !strings.Contains(log.String(), "bound_bytes=1048576") {
			t.Errorf("short memory was logged %d times, want once:\n%s", count(half), log.String())
		}
		must(t, tx.Renew())
		must(t, put(env, "a", "3"))
		wait(time.Minute)
		if count(oldReader) != 2 {
			t.Errorf("after it moved on the reader was logged %d times in all, want twice:\n%s", count(oldReader), log.String())
		}
		tx.Close()
		must(t, env.Close())
	})
}
