package database_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// gate holds the next write to a journal until it is opened, and lets it fail with the error that it is opened with.
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

// signalling tells when its command has been run.
type signalling struct {
	database.Command
	ran  chan struct{}
	once sync.Once // a command that runs again, because another one in its batch was dropped, has told already
}

func (s *signalling) Run(tx *storage.WriteTx, store *docstore.Store) error {
	err := s.Command.Run(tx, store)
	s.once.Do(func() { s.ran <- struct{}{} })
	return err
}

// ahead holds the journal write of the first command, and runs the others one after the other while it is held. open lets
// the write go on with an error or nil, and returns the answers: of the first command, then of the others.
func ahead(t *testing.T, db *database.DB, disk *errorfs.FS, first database.Command, others ...database.Command) (open func(error) []error) {
	t.Helper()
	g := holdJournal(disk)
	errs := make([]error, 1+len(others))
	var all sync.WaitGroup
	all.Go(func() { errs[0] = db.Do(context.Background(), first) })
	<-g.reached
	ran := make(chan struct{})
	for i, cmd := range others {
		all.Go(func() { errs[i+1] = db.Do(context.Background(), &signalling{Command: cmd, ran: ran}) })
		<-ran
	}
	return func(err error) []error {
		g.open <- err
		all.Wait()
		return errs
	}
}

// TestDo_RunsTheNextBatchWhileOneIsWritten: what comes during a journal write is run at once, all of it in one batch, and
// seen by nobody before both writes.
func TestDo_RunsTheNextBatchWhileOneIsWritten(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db := open(t, disk)
	must(t, db.Do(t.Context(), put("a", `{"v":0}`)))
	before := db.Env().Stats()
	var others []database.Command
	for i := range 5 {
		others = append(others, put(fmt.Sprint("b", i), `{}`))
	}
	open := ahead(t, db, disk, put("a", `{"v":1}`), others...)
	if got := text(t, db, "a"); got != `{"v":0}` || text(t, db, "b0") != "" {
		t.Errorf("a reader sees %s, which is not durable", got)
	}
	for i, err := range open(nil) {
		if err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if got := text(t, db, "a"); got != `{"v":1}` || text(t, db, "b4") == "" {
		t.Errorf("a reader sees %s after the answers", got)
	}
	if s := db.Env().Stats(); s.Commits != before.Commits+2 || s.CommitsAhead != 1 {
		t.Errorf("%d commits, %d of them ahead of another; want 2 and 1", s.Commits-before.Commits, s.CommitsAhead)
	}
}

// TestDo_AFailedWriteTakesTheNextBatchWithIt: nobody is told anything that follows from a state that never was.
func TestDo_AFailedWriteTakesTheNextBatchWithIt(t *testing.T) {
	for _, cause := range []error{errDisk, vfs.ErrNoSpace} {
		t.Run(cause.Error(), func(t *testing.T) {
			inner := memfs.New()
			disk := errorfs.New(inner)
			db, err := database.Open(smallOptions(disk))
			must(t, err)
			must(t, db.Do(t.Context(), put("a", `{"v":0}`)))
			conflict := put("a", `{}`)
			conflict.In.Expected = docstore.At(vector(1)) // true before the first command, and again after its failure
			others := []database.Command{
				put("b", `{}`), conflict, &database.Delete{ID: "a"},
				&writesThen{id: "c", fail: func() error { return errors.New("guilty") }}, // drops the batch
			}
			open := ahead(t, db, disk, put("a", `{"v":1}`), others...)
			for i, err := range open(cause) {
				if !errors.Is(err, cause) {
					t.Errorf("command %d was answered %v, want %v", i, err, cause)
				}
			}
			if got := text(t, db, "a"); got != `{"v":0}` || text(t, db, "b") != "" || text(t, db, "c") != "" {
				t.Errorf("reads find a=%s, want what was answered", got)
			}
			_ = db.Close() // reports the failure
			again := open2(t, inner)
			if got := text(t, again, "a"); got != `{"v":0}` || text(t, again, "b") != "" {
				t.Errorf("opened anew: a=%s, want what was answered", got)
			}
		})
	}
}

func open2(t *testing.T, disk vfs.FS) *database.DB {
	t.Helper()
	db, err := database.Open(smallOptions(disk))
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// TestDo_FullDiskTakesTheNextBatchWithIt: a journal that cannot be made drops both batches, and the database works on.
func TestDo_FullDiskTakesTheNextBatchWithIt(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db := open2(t, disk)
	must(t, db.Do(t.Context(), put("a", `{"v":0}`)))
	g := gate{reached: make(chan struct{}), open: make(chan error)}
	held := false
	disk.Fail(func(op errorfs.Op) error {
		if held || !op.In(errorfs.Allocate, errorfs.Rename) {
			return nil
		}
		held = true
		close(g.reached)
		return &errorfs.WaitError{Until: g.open}
	})
	var first, second, third error
	var all sync.WaitGroup
	all.Go(func() { first = db.Do(context.Background(), put("a", `{"s":"`+noise(60_000)+`"}`)) }) // needs a new journal
	<-g.reached
	ran := make(chan struct{}, 1)
	all.Go(func() { second = db.Do(context.Background(), &signalling{Command: put("b", `{}`), ran: ran}) })
	<-ran
	all.Go(func() { third = db.Do(context.Background(), &waitsThenFails{put("b2", `{}`), g.open}) })
	all.Wait()
	for i, err := range []error{first, second, third} {
		if _, ok := errors.AsType[*storage.DiskFullError](err); !ok {
			t.Errorf("command %d was answered %v, want *storage.DiskFullError", i, err)
		}
	}
	must(t, db.Failed())
	must(t, db.Do(t.Context(), put("c", `{}`)))
	if a, b, c := text(t, db, "a"), text(t, db, "b")+text(t, db, "b2"), text(t, db, "c"); a != `{"v":0}` || b != "" || c != "{}" {
		t.Errorf("a=%s b=%s c=%s", a, b, c)
	}
}

// waitsThenFails lets the commit fail that its transaction builds on, and fails itself, so that its batch is dropped: the
// others in it must not run again.
type waitsThenFails struct {
	database.Command
	open chan error
}

func (w *waitsThenFails) Run(tx *storage.WriteTx, store *docstore.Store) error {
	if tx.Base() == nil {
		return errors.New("it runs on top of no other commit")
	}
	w.open <- vfs.ErrNoSpace
	_ = tx.Base().Wait()
	if err := w.Command.Run(tx, store); err != nil {
		return err
	}
	return errors.New("guilty")
}

// noise does not compress.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(random.IntN(10))
		if random.IntN(2) == 0 {
			b[i] = 'a' + byte(random.IntN(26))
		}
	}
	return string(b)
}
