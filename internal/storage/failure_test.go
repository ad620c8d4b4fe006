package storage_test

import (
	"errors"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestCommit_IsRefusedWhenASyncFailedMeanwhile: a transaction that began before the failure must not be confirmed after it.
func TestCommit_IsRefusedWhenASyncFailedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
		opts := storagetest.Options(disk)
		opts.ManualFlush = false
		env := storagetest.OpenWith(t, opts)
		must(t, put(env, "key", "before"))
		must(t, env.Flush())
		err := env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			must(t, err)
			must(t, tree.Put([]byte("key"), []byte("after")))
			disk.Fail(errorfs.Nth(0, errDisk, errorfs.Sync))
			time.Sleep(time.Minute) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
			synctest.Wait()
			if env.Failed() == nil {
				t.Error("the sync did not fail")
			}
			return nil
		})
		if _, ok := errors.AsType[*storage.FailedError](err); !ok {
			t.Errorf("commit gave %v, want *FailedError", err)
		}
		must(t, env.View(func(tx *storage.ReadTx) error {
			if got := get(t, tx, "key"); got != "before" {
				t.Errorf("reads %q, which was not confirmed", got)
			}
			return nil
		}))
	})
}

// TestPrepare_FailureIsForGood: a directory sync that failed beside the commits may have lost the name of a journal, and
// one that succeeds later does not prove the contrary.
func TestPrepare_FailureIsForGood(t *testing.T) {
	for _, cause := range []error{errDisk, vfs.ErrNoSpace} {
		synctest.Test(t, func(t *testing.T) {
			disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
			opts := storagetest.Options(disk)
			opts.ManualFlush = false
			env := storagetest.OpenWith(t, opts)
			disk.Fail(errorfs.Nth(0, cause, errorfs.SyncDir))
			must(t, put(env, "key", "value")) // rings for the next journal
			synctest.Wait()
			if _, ok := errors.AsType[*storage.FailedError](put(env, "key", "other")); !ok {
				t.Errorf("%v: commits go on after a failed sync of the journals' directory", cause)
			}
		})
	}
}

// TestCommit_TriesAgainWithASpareThatAFullDiskRefused: a journal that could not be renamed is not lost.
func TestCommit_TriesAgainWithASpareThatAFullDiskRefused(t *testing.T) {
	disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
	env := storagetest.Open(t, disk)
	spares := env.Stats().Journals.Spares
	disk.Fail(errorfs.Nth(0, vfs.ErrNoSpace, errorfs.Rename))
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = put(env, "key", strconv.Itoa(i))
	}
	if _, ok := errors.AsType[*storage.DiskFullError](err); !ok {
		t.Fatalf("got %v, want *DiskFullError", err)
	}
	if got := env.Stats().Journals.Spares; got != spares || spares == 0 {
		t.Errorf("%d spare journals, want %d", got, spares)
	}
	must(t, put(env, "key", "value"))
}

// TestSync_GoesOnWhenAFullDiskKeepsAJournal: a used journal that cannot be renamed waits; nothing depends on it.
func TestSync_GoesOnWhenAFullDiskKeepsAJournal(t *testing.T) {
	disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
	env := storagetest.Open(t, disk)
	for i := range 5 {
		must(t, put(env, "key", strconv.Itoa(i)))
	}
	must(t, env.Flush())
	before := env.Stats().Journals
	disk.Fail(errorfs.Nth(0, vfs.ErrNoSpace, errorfs.Rename, errorfs.Remove))
	if _, ok := errors.AsType[*storage.DiskFullError](env.Sync()); !ok || env.Failed() != nil {
		t.Fatalf("a full disk failed the environment: %v", env.Failed())
	}
	if got := env.Stats().Journals; got.Files+got.Spares != before.Files+before.Spares {
		t.Errorf("%d journals are known, %d before", got.Files+got.Spares, before.Files+before.Spares)
	}
	must(t, put(env, "key", "other"))
	must(t, env.Flush())
	must(t, env.Sync())
	if got := env.Stats().Journals; got.Files > 1 {
		t.Errorf("%d journals are in use after a sync, want 1", got.Files)
	}
}

// TestClose_KeepsTheDirectoryUntilTheLastReader: pages that a reader takes from the file must not be written by the next
// environment.
func TestClose_KeepsTheDirectoryUntilTheLastReader(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	must(t, put(env, "key", "first"))
	must(t, env.Flush())
	reader, err := env.Read()
	must(t, err)
	must(t, put(env, "key", "second"))
	must(t, env.Close())
	next, err := storage.Open(storagetest.Options(disk))
	if err == nil {
		defer next.Close()
		if got := get(t, reader, "key"); got != "first" {
			t.Errorf("a reader that was open sees %q of the next environment, want first", got)
		}
	} else if _, ok := errors.AsType[*vfs.LockedError](err); !ok {
		t.Errorf("got %v, want *LockedError", err)
	}
	reader.Close()
	storagetest.Open(t, disk)
}

// TestOpen_NoticesThatADataFileNeverSyncedIsGone: what was committed is only in the journals, and headers still tell of
// the first transaction.
func TestOpen_NoticesThatADataFileNeverSyncedIsGone(t *testing.T) {
	disk := memfs.New()
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	must(t, put(env, "key", "value"))
	left := disk.AfterCrash(memfs.SyncedOnly, 0)
	must(t, env.Close())
	must(t, left.Remove(dataFile))
	_, err = storage.Open(storagetest.Options(left))
	if _, ok := errors.AsType[*storage.CorruptError](err); !ok {
		t.Errorf("got %v, want *CorruptError", err)
	}
}

func journalsOf(t *testing.T, disk vfs.FS) (names []string) {
	t.Helper()
	all, err := disk.List(path.Join(storagetest.Dir, "journals"))
	must(t, err)
	for _, name := range all {
		if !strings.HasPrefix(name, "spare-") {
			names = append(names, path.Join(storagetest.Dir, "journals", name))
		}
	}
	return names
}

// flushedBehindTheHeader returns a disk whose data file has pages that are newer than the header, and than some journals.
func flushedBehindTheHeader(t *testing.T) *memfs.FS {
	t.Helper()
	disk := memfs.New()
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	for i := range 12 {
		must(t, put(env, "key "+strconv.Itoa(i), strings.Repeat("value ", 100)))
		if i == 1 {
			must(t, env.Flush())
			must(t, env.Sync())
		}
	}
	must(t, env.Flush())
	left := disk.AfterCrash(memfs.AllWritten, 0)
	must(t, env.Close())
	return left
}

// TestOpen_IgnoresJournalsWhenPagesAreNewer: the data file has what transactions behind the damage wrote, so that pages agree
// with no record and come from later transactions; the last resort opens and reads all the same.
func TestOpen_IgnoresJournalsWhenPagesAreNewer(t *testing.T) {
	for name, damage := range map[string]func(disk *memfs.FS, journals []string){
		"missing": func(disk *memfs.FS, journals []string) { must(t, disk.Remove(journals[0])) },
		"damaged": func(disk *memfs.FS, journals []string) {
			disk.Corrupt(journals[2], func(b []byte) []byte { b[300]++; return b })
		},
	} {
		t.Run(name, func(t *testing.T) {
			disk := flushedBehindTheHeader(t)
			damage(disk, journalsOf(t, disk))
			opts := storagetest.Options(disk)
			if _, err := storage.Open(opts); err == nil {
				t.Fatal("the damage is not seen")
			}
			opts.IgnoreInvalidJournal = true
			env, err := storage.Open(opts)
			must(t, err)
			must(t, env.View(func(tx *storage.ReadTx) error {
				if got := get(t, tx, "key 1"); got != strings.Repeat("value ", 100) {
					t.Errorf("reads %q of what the header tells of", got)
				}
				return nil
			}))
			must(t, env.Close())
		})
	}
}

// TestFail_VerifiesPagesAnew: after a failure nothing that the disk shows is taken on trust, also not pages that were
// verified before.
func TestFail_VerifiesPagesAnew(t *testing.T) {
	inner := memfs.New(memfs.WithoutCrashes())
	disk := errorfs.New(inner)
	opts := storagetest.Options(disk)
	env := storagetest.OpenWith(t, opts)
	must(t, put(env, "key", "value"))
	must(t, env.Flush())
	must(t, env.View(func(tx *storage.ReadTx) error {
		if got := get(t, tx, "key"); got != "value" {
			t.Errorf("reads %q before the failure", got)
		}
		return nil
	}))
	inner.Corrupt(opts.Dir+"/"+storage.DataFileName, damageEachPage)
	disk.Fail(errorfs.Nth(0, errDisk, errorfs.Sync))
	if err := env.Sync(); err == nil {
		t.Fatal("the sync did not fail")
	}
	must(t, env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		value, _, err := tree.Get([]byte("key"))
		if _, ok := errors.AsType[*storage.CorruptError](err); !ok {
			t.Errorf("reads %q with the error %v after the failure, want *CorruptError", value, err)
		}
		return nil
	}))
}
