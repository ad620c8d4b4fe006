package storage_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// journalsMax is what the journals of one writer may take on the disk, as DESIGN.md says.
func journalsMax(opts storage.Options) int64 {
	const sparesAndThree = 8 + 3
	return 4*opts.SyncAboveBytes + sparesAndThree*opts.JournalBytesMax
}

// hotSet rewrites the same hundred keys, a few in each transaction, as an index does that keeps totals.
type hotSet struct {
	env     *storage.Env
	bound   int64
	most    int64
	commits int
	before  *storage.Pending
}

// commit runs one transaction ahead of the one before, and checks the journals.
func (h *hotSet) commit(t *testing.T, keys int) {
	t.Helper()
	tx, err := h.env.Write()
	must(t, err)
	tree, err := tx.WriteTree("tree")
	must(t, err)
	for i := range keys {
		key := (h.commits*7 + i*13) % 100
		must(t, tree.Put(fmt.Append(nil, key), fmt.Append(nil, "total ", h.commits)))
	}
	p, err := tx.CommitAsync()
	must(t, err)
	must(t, h.before.Wait())
	h.before = p
	h.commits++
	h.look(t)
}

func (h *hotSet) look(t *testing.T) {
	t.Helper()
	j := h.env.Stats().Journals
	h.most = max(h.most, j.Bytes+j.SpareBytes)
	if h.most > h.bound {
		t.Fatalf("after %d commits the journals take %d bytes, want at most %d: %+v", h.commits, h.most, h.bound, j)
	}
}

// want says whether the run was long enough to prove anything.
func (h *hotSet) want(t *testing.T) {
	t.Helper()
	must(t, h.before.Wait())
	s := h.env.Stats()
	t.Logf("%d commits, %d bytes journaled; at most %d bytes of journals, bound %d", h.commits, s.JournaledBytes, h.most, h.bound)
	if s.JournaledBytes < 2*h.bound || s.Journals.Recycled == 0 {
		t.Errorf("%d bytes journaled, %d journals recycled: too little to prove anything", s.JournaledBytes, s.Journals.Recycled)
	}
}

// hotSetOptions let flush and sync be triggered by volume alone.
func hotSetOptions(fs vfs.FS) storage.Options {
	opts := storagetest.Options(fs)
	opts.ManualFlush = false
	opts.JournalBytesMin, opts.JournalBytesMax, opts.SyncAboveBytes = 16<<10, 64<<10, 256<<10
	opts.FlushEvery, opts.SyncEvery = time.Hour, time.Hour
	return opts
}

// TestJournals_StayBoundedUnderAHotSet: rewriting the same keys for long must not pile up journals, though few pages wait
// to be flushed. The bound holds after every single commit.
func TestJournals_StayBoundedUnderAHotSet(t *testing.T) {
	commits := 60_000
	if testing.Short() {
		commits = 3000
	}
	opts := hotSetOptions(memfs.New(memfs.WithoutCrashes()))
	h := &hotSet{env: storagetest.OpenWith(t, opts), bound: journalsMax(opts)}
	for range commits {
		h.commit(t, 3)
	}
	h.want(t)
}

// TestJournals_StayBoundedOnARealDisk is the same where syncs cost what they cost.
func TestJournals_StayBoundedOnARealDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the disk")
	}
	opts := hotSetOptions(vfs.OS())
	opts.Dir = t.TempDir()
	h := &hotSet{env: storagetest.OpenWith(t, opts), bound: journalsMax(opts)}
	for range 3000 {
		h.commit(t, 3)
	}
	h.want(t)
}

// TestJournals_GrowWithALongReaderByWhatIsCommitted, and fall back when it is gone: nothing that the reader may take from the
// data file is written meanwhile.
func TestJournals_GrowWithALongReaderByWhatIsCommitted(t *testing.T) {
	commits := 10_000
	if testing.Short() {
		commits = 1500
	}
	opts := hotSetOptions(memfs.New(memfs.WithoutCrashes()))
	h := &hotSet{env: storagetest.OpenWith(t, opts), bound: journalsMax(opts)}
	for range 2 {
		h.bound, h.most = journalsMax(opts), 0
		for range commits {
			h.commit(t, 3)
		}
		old, err := h.env.Read()
		must(t, err)
		value, start := get(t, old, "1"), h.env.Stats().JournaledBytes
		for range commits {
			h.bound = journalsMax(opts) + h.env.Stats().JournaledBytes - start + 4096
			h.commit(t, 3)
		}
		if h.most < journalsMax(opts) {
			t.Errorf("at most %d bytes of journals: the reader held nothing back", h.most)
		}
		if got := get(t, old, "1"); got != value {
			t.Errorf("the reader sees %q, want %q", got, value)
		}
		old.Close()
		for range commits {
			h.commit(t, 3) // the first ones flush and sync all that has piled up
		}
		h.bound, h.most = journalsMax(opts), 0
		for range commits {
			h.commit(t, 3)
		}
	}
	h.want(t)
}

// TestJournals_StayBoundedUnderASteadyTrickle: a hundred updates a second on the same pages for half an hour, never so many
// that memory has to be given back, and never a pause in which everything would be flushed.
func TestJournals_StayBoundedUnderASteadyTrickle(t *testing.T) {
	span := 30 * time.Minute
	if testing.Short() {
		span = 2 * time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		opts := hotSetOptions(memfs.New(memfs.WithoutCrashes()))
		opts.FlushEvery, opts.SyncEvery, opts.Now = 0, 0, time.Now // the defaults
		h := &hotSet{env: storagetest.OpenWith(t, opts), bound: journalsMax(opts)}
		for began := time.Now(); time.Since(began) < span; {
			h.commit(t, 8)
			time.Sleep(10 * time.Millisecond) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		}
		h.want(t)
		must(t, h.env.Close())
	})
}
