package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// eventsOf renders what was recorded after a sequence, a line an event.
func eventsOf(env *storage.Env, after uint64) string {
	events, lost := env.IO().Since(after, iometrics.EventsMax, nil)
	var b strings.Builder
	if lost > 0 {
		fmt.Fprintf(&b, "%d lost\n", lost)
	}
	for _, e := range events {
		fmt.Fprintf(&b, "%s %s %d", e.Kind, e.File, e.Bytes)
		if e.Failed {
			b.WriteString(" failed")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestIO_OfAKnownLoad: creating, committing, flushing and syncing leave these events, and no others.
func TestIO_OfAKnownLoad(t *testing.T) {
	storagetest.PlainOnly(t, "images of encrypted pages are written besides")
	opts := storagetest.Options(memfs.New())
	env := storagetest.OpenWith(t, opts)
	f := func(what string, act func() error, want string) {
		t.Helper()
		last := env.IO().Last()
		must(t, act())
		if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), eventsOf(env, last)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if diff := cmp.Diff(`JournalFill journals/making.new 0
JournalFill journals/making.new 8192
Sync journals/making.new 0
Sync journals 0
HeaderWrite header.one.new 4096
Sync header.one.new 0
Sync . 0
HeaderWrite header.two.new 4096
Sync header.two.new 0
Sync . 0
DataWrite data.new 262144
Sync data.new 0
Sync . 0
Recovery journals 0
JournalFill journals/making.new 0
JournalFill journals/making.new 8192
Sync journals/making.new 0
Sync journals 0
Sync data 0
HeaderWrite header.one 4096
Sync header.one 0
HeaderWrite header.two 4096
Sync header.two 0
`, eventsOf(env, 0)); diff != "" {
		t.Errorf("create: %s", diff)
	}
	f("commit", func() error { return put(env, "key", "value") }, `
JournalWrite journals/0000000000000000002.journal 4096
`)
	f("flush", env.Flush, `
DataWrite data 24576
Flush data 24576
`)
	f("sync", env.Sync, `
Sync data 0
HeaderWrite header.one 4096
Sync header.one 0
HeaderWrite header.two 4096
Sync header.two 0
`)
	f("nothing to do", func() error { must(t, env.Flush()); return env.Sync() }, "")
}

// TestIO_SumsAreThoseOfStats: the bytes of the events are those that the environment counted itself, and the events are what
// the disk saw.
func TestIO_SumsAreThoseOfStats(t *testing.T) {
	disk := memfs.New(memfs.Record())
	opts := storagetest.Options(disk)
	w := storagetest.NewWorkload(3)
	env := storagetest.OpenWith(t, opts)
	for i := range 200 {
		must(t, w.Commit(env))
		if i%40 == 39 {
			must(t, env.Flush())
		}
		if i%80 == 79 {
			must(t, env.Sync())
		}
	}
	must(t, env.Close())
	s := env.Stats()
	sums := map[iometrics.Kind]iometrics.Totals{}
	for _, total := range env.IO().Totals() {
		sums[total.Kind] = total
	}
	created := int64(262144) // data.new, written before there was an environment
	f := func(what string, got, want int64) {
		t.Helper()
		if got != want || want == 0 {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	f("journal writes", int64(sums[iometrics.JournalWrite].Count), int64(s.Commits))
	f("journal bytes", sums[iometrics.JournalWrite].Bytes, s.JournaledBytes)
	f("flushes", int64(sums[iometrics.Flush].Count), int64(s.Flushes))
	f("flushed bytes", sums[iometrics.Flush].Bytes, s.FlushedBytes)
	f("bytes of runs", sums[iometrics.DataWrite].Bytes, s.FlushedBytes+created)
	f("zeros", sums[iometrics.JournalFill].Bytes, s.Journals.MadeBytes+opts.JournalBytesMin) // one was made while creating

	var writes, syncs, written int64
	for _, op := range disk.Ops() {
		switch fields := strings.Fields(op.String()); fields[0] {
		case "write":
			writes++
			var off, n int64
			if _, err := fmt.Sscanf(fields[2], "%d+%d", &off, &n); err != nil {
				t.Fatal(err)
			}
			written += n
		case "sync", "syncdir":
			syncs++
		}
	}
	var recordedBytes int64
	for kind, total := range sums {
		if kind != iometrics.Flush && kind != iometrics.Recovery && kind != iometrics.DataGrow {
			recordedBytes += total.Bytes
		}
	}
	f("bytes on the disk", recordedBytes, written)
	f("syncs on the disk", int64(sums[iometrics.Sync].Count), syncs)
}

// TestIO_RecordsFailures: what failed is there, and says so.
func TestIO_RecordsFailures(t *testing.T) {
	disk := errorfs.New(memfs.New())
	env := storagetest.OpenWith(t, storagetest.Options(disk))
	last := env.IO().Last()
	disk.Fail(func(op errorfs.Op) error { // reads go on: where files are not mapped, a commit reads first
		if op.In(errorfs.ReadAt) {
			return nil
		}
		return errDisk
	})
	if err := put(env, "key", "value"); err == nil {
		t.Fatal("a broken disk took a commit")
	}
	if got, want := eventsOf(env, last), "JournalWrite journals/0000000000000000002.journal 4096 failed\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestIO_RecordsRecovery: opening what was not closed tells how much of the journals was applied.
func TestIO_RecordsRecovery(t *testing.T) {
	disk := memfs.New()
	opts := storagetest.Options(disk)
	env, err := storage.Open(opts)
	must(t, err)
	for i := range 5 {
		must(t, put(env, fmt.Sprintf("key %d", i), "value"))
	}
	opts.FS = disk.AfterCrash(memfs.SyncedOnly, 0)
	again := storagetest.OpenWith(t, opts)
	if got := eventsOf(again, 0); !strings.Contains(got, fmt.Sprintf("Recovery journals %d\n", again.Stats().RecoveredBytes)) ||
		again.Stats().RecoveredBytes == 0 {
		t.Errorf("%d bytes recovered; events are\n%s", again.Stats().RecoveredBytes, got)
	}
}
