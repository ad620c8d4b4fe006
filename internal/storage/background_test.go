package storage_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestBackground_WritesBackWhatIsIdle: without more commits, what there is reaches the data file and then the disk. The time
// is that of the test, which costs none.
func TestBackground_WritesBackWhatIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
		opts.ManualFlush = false
		env := storagetest.OpenWith(t, opts)
		before := env.Stats()
		must(t, put(env, "key", "value"))
		after := func(d time.Duration, flushes, syncs uint64, unsynced bool) {
			t.Helper()
			time.Sleep(d) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
			synctest.Wait()
			s := env.Stats()
			if s.Flushes-before.Flushes != flushes || s.Syncs-before.Syncs != syncs || (s.UnsyncedBytes > 0) != unsynced {
				t.Errorf("%d flushes, %d syncs, %d bytes unsynced; want %d, %d, %v",
					s.Flushes-before.Flushes, s.Syncs-before.Syncs, s.UnsyncedBytes, flushes, syncs, unsynced)
			}
		}
		after(0, 0, 0, true)
		after(3*time.Second, 1, 0, true)
		after(30*time.Second, 1, 1, false)
		after(time.Hour, 1, 1, false) // nothing to do, nothing done
	})
}

// TestBackground_GoesOnAfterAFullDisk: a flush that found no room is done when there is some, without anybody asking.
func TestBackground_GoesOnAfterAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := memfs.New(memfs.WithoutCrashes())
		opts := storagetest.Options(disk)
		opts.ManualFlush, opts.JournalBytesMin = false, 1<<20
		env := storagetest.OpenWith(t, opts)
		must(t, put(env, "large", string(make([]byte, 400_000)))) // more than the data file has
		disk.SetSizeBytesMax(disk.UsedBytes())
		time.Sleep(10 * time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		synctest.Wait()
		if s := env.Stats(); s.UnflushedBytes == 0 || env.Failed() != nil {
			t.Fatalf("%d bytes unflushed, failed: %v; want some, and no failure", s.UnflushedBytes, env.Failed())
		}
		disk.SetSizeBytesMax(0)
		time.Sleep(5 * time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		synctest.Wait()
		if s := env.Stats(); s.UnflushedBytes != 0 {
			t.Errorf("%d bytes unflushed 5 s after space came back", s.UnflushedBytes)
		}
		must(t, env.View(func(tx *storage.ReadTx) error {
			if got := len(get(t, tx, "large")); got != 400_000 {
				t.Errorf("%d bytes came back", got)
			}
			return nil
		}))
	})
}
