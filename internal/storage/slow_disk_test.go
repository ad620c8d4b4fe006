package storage_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// slowDisk is an environment on a disk that takes its time, in a bubble of time that belongs to the test.
type slowDisk struct {
	t   *testing.T
	env *storage.Env
	log *logText

	mu    sync.Mutex
	delay func(name string, bytes int) (time.Duration, error) // nil: quick
}

// onSlowDisk runs a scenario. Background flushes and syncs keep out of it: the test calls them.
func onSlowDisk(t *testing.T, scenario func(d *slowDisk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &slowDisk{t: t, log: &logText{}}
		opts := storagetest.Options(&storagetest.SlowFS{FS: memfs.New(memfs.WithoutCrashes()), Delay: d.wait})
		opts.Now, opts.ManualFlush, opts.FlushEvery, opts.SyncEvery = time.Now, false, 24*time.Hour, 24*time.Hour
		opts.Logger = slog.New(slog.NewTextHandler(d.log, nil))
		d.env = storagetest.OpenWith(t, opts)
		must(t, put(d.env, "cached", "value"))
		scenario(d)
	})
}

func (d *slowDisk) wait(name string, bytes int) error {
	d.mu.Lock()
	delay := d.delay
	d.mu.Unlock()
	if delay == nil {
		return nil
	}
	takes, err := delay(path.Base(name), bytes)
	time.Sleep(takes) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
	return err
}

// takes makes writes, or syncs when bytes are 0, of files whose names hold part take so long and end with err.
func (d *slowDisk) takes(part string, syncs bool, takes time.Duration, err error) {
	d.become(func(name string, bytes int) (time.Duration, error) {
		if strings.Contains(name, part) && syncs == (bytes == 0) {
			return takes, err
		}
		return 0, nil
	})
}

func (d *slowDisk) become(delay func(name string, bytes int) (time.Duration, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = delay
}

// begin runs act beside the test; the channel gives its outcome.
func (d *slowDisk) begin(act func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- act() }()
	synctest.Wait()
	select {
	case err := <-done:
		d.t.Fatalf("it did not wait for the disk: %v", err)
	default:
	}
	return done
}

// pass lets time pass, and what is due happen.
func (d *slowDisk) pass(t time.Duration) {
	time.Sleep(t) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
	synctest.Wait()
}

// wantReads fails unless cached pages are read in no time at all.
func (d *slowDisk) wantReads() {
	d.t.Helper()
	before := time.Now()
	must(d.t, d.env.View(func(tx *storage.ReadTx) error {
		if got := get(d.t, tx, "cached"); got != "value" {
			d.t.Errorf("read %q", got)
		}
		return nil
	}))
	if waited := time.Since(before); waited != 0 {
		d.t.Errorf("a read waited for %v", waited)
	}
}

// wantLogged fails unless the log holds so many lines with all parts.
func (d *slowDisk) wantLogged(count int, parts ...string) {
	d.t.Helper()
	found := 0
	for line := range strings.Lines(d.log.String()) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			found++
		}
	}
	if found != count {
		d.t.Errorf("%d lines of the log have %q, want %d:\n%s", found, parts, count, d.log)
	}
}

// wantSlow fails unless so many operations were counted as slow.
func (d *slowDisk) wantSlow(count uint64) {
	d.t.Helper()
	if got := d.env.Stats().SlowIO; got != count {
		d.t.Errorf("%d slow operations, want %d", got, count)
	}
}

// logText collects a log.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestSlowDisk_HangingJournalWrite: it is reported within five seconds, reads go on, and so do writes when it comes back.
func TestSlowDisk_HangingJournalWrite(t *testing.T) {
	onSlowDisk(t, func(d *slowDisk) {
		d.takes(".journal", false, 30*time.Second, nil)
		commit := d.begin(func() error { return put(d.env, "key", "late") })
		d.wantReads()
		d.wantSlow(0)
		d.pass(5 * time.Second)
		d.wantLogged(1, "disk operation hangs", "kind=JournalWrite", "file=journals/0000000000000000002.journal", "bytes=4096", "duration=")
		d.wantSlow(1)
		if running := d.env.IO().Running(); len(running) != 1 || !running[0].Slow || running[0].Kind != iometrics.JournalWrite {
			t.Errorf("running: %+v", running)
		}
		d.wantReads()
		d.pass(26 * time.Second)
		must(t, <-commit)
		d.wantSlow(1)
		d.wantLogged(1, "slow disk operation", "kind=JournalWrite", "duration=30s", "count=1")
		d.become(nil)
		must(t, put(d.env, "key", "quick"))
		d.pass(time.Hour)
		d.wantLogged(2, "disk operation")
		d.wantSlow(1)
	})
}

// TestSlowDisk_SlowSync: a sync of the data file holds up neither reads nor commits.
func TestSlowDisk_SlowSync(t *testing.T) {
	onSlowDisk(t, func(d *slowDisk) {
		must(t, d.env.Flush())
		d.takes("data", true, 10*time.Second, nil)
		sync := d.begin(d.env.Sync)
		d.pass(5 * time.Second)
		d.wantLogged(1, "disk operation hangs", "kind=Sync", "file=data")
		d.wantReads()
		before := time.Now()
		must(t, put(d.env, "key", "beside the sync"))
		if waited := time.Since(before); waited != 0 {
			t.Errorf("a commit waited for %v", waited)
		}
		d.pass(6 * time.Second)
		must(t, <-sync)
		d.wantSlow(1)
	})
}

// TestSlowDisk_SlowFlush: commits and reads go on beside a flush whose writes are slow, and what it wrote is then read.
func TestSlowDisk_SlowFlush(t *testing.T) {
	storagetest.PlainOnly(t, "images of encrypted pages are written besides")
	onSlowDisk(t, func(d *slowDisk) {
		must(t, put(d.env, "large", strings.Repeat("x", 3<<20)))
		d.takes("data", false, 4*time.Second, nil)
		flush := d.begin(d.env.Flush)
		d.pass(3 * time.Second)
		d.wantLogged(1, "disk operation hangs", "kind=DataWrite", "file=data")
		d.wantReads()
		must(t, put(d.env, "key", "beside the flush"))
		d.pass(time.Minute)
		must(t, <-flush)
		d.wantReads()
		d.pass(2 * time.Minute)
		slow := d.env.Stats().SlowIO
		if slow < 2 {
			t.Errorf("%d slow operations", slow)
		}
		d.wantLogged(int(slow), "disk operation hangs")
		d.wantLogged(0, "kind=Flush")
	})
}

// TestSlowDisk_OneMegabyteASecond: all is slow and nothing breaks; single small writes do not count as slow.
func TestSlowDisk_OneMegabyteASecond(t *testing.T) {
	onSlowDisk(t, func(d *slowDisk) {
		d.become(func(_ string, bytes int) (time.Duration, error) {
			return 20*time.Millisecond + time.Duration(bytes)*time.Second/1_000_000, nil
		})
		began := time.Now()
		for i := range 20 {
			must(t, put(d.env, fmt.Sprintf("small %d", i), "value"))
			d.wantReads()
		}
		d.wantSlow(0)
		for i := range 4 {
			must(t, put(d.env, fmt.Sprintf("large %d", i), incompressible(1<<20)))
		}
		d.pass(2 * time.Second)
		if d.env.Stats().SlowIO == 0 {
			t.Error("a megabyte took longer than a second, and was not counted")
		}
		must(t, d.env.Flush())
		must(t, d.env.Sync())
		s := d.env.Stats()
		if took := time.Since(began); took < time.Duration(s.JournaledBytes+s.FlushedBytes-1<<20)*time.Second/1_000_000 {
			t.Errorf("%d bytes in %v: the disk was not slow", s.JournaledBytes+s.FlushedBytes, took)
		}
		d.wantLogged(1, "slow disk operation", "kind=JournalWrite")
		d.become(nil)
		must(t, put(d.env, "key", "value"))
	})
}

// TestSlowDisk_HangsThenFails: a sync that hangs and then fails ends writing; it is reported before, while nobody knows.
func TestSlowDisk_HangsThenFails(t *testing.T) {
	onSlowDisk(t, func(d *slowDisk) {
		must(t, d.env.Flush())
		d.takes("data", true, 20*time.Second, errDisk)
		sync := d.begin(d.env.Sync)
		d.pass(5 * time.Second)
		d.wantLogged(1, "disk operation hangs", "kind=Sync", "file=data")
		d.pass(16 * time.Second)
		var failed *storage.FailedError
		if err := <-sync; !errors.As(err, &failed) {
			t.Errorf("sync: %v", err)
		}
		d.wantReads()
		if slow := d.env.IO().Slow(); len(slow) != 1 || !slow[0].Failed || slow[0].Duration != 20*time.Second {
			t.Errorf("slow: %+v", slow)
		}
	})
}

// TestSlowDisk_WhileOpening: the watchdog is there before the environment is.
func TestSlowDisk_WhileOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &slowDisk{t: t, log: &logText{}}
		d.takes("making.new", false, 10*time.Second, nil)
		opts := storagetest.Options(&storagetest.SlowFS{FS: memfs.New(memfs.WithoutCrashes()), Delay: d.wait})
		opts.Now, opts.ManualFlush = time.Now, false
		opts.Logger = slog.New(slog.NewTextHandler(d.log, nil))
		opened := d.begin(func() error {
			env, err := storage.Open(opts)
			if err != nil {
				return err
			}
			return env.Close()
		})
		d.pass(3 * time.Second)
		d.wantLogged(1, "disk operation hangs", "kind=JournalFill", "file=journals/making.new", "bytes=8192")
		d.pass(time.Hour)
		must(t, <-opened)
	})
}

// incompressible is text that compression cannot shorten, so that the disk gets it all.
func incompressible(n int) string {
	texts := newRows()
	return string(texts[:n])
}
