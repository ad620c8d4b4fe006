package database_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func open(t testing.TB, fsys vfs.FS) *database.DB {
	t.Helper()
	db, err := database.Open(database.Options{
		Name: "db1", Dir: "db1", FS: fsys, NodeTag: "A", DatabaseID: "0123456789012345678901",
		Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2)), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func put(id, text string) *database.Put {
	doc, err := jsondoc.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return &database.Put{In: docstore.Put{ID: id, Expected: docstore.Any(), Data: doc}}
}

// text returns a document's JSON as stored, or "" when there is none.
func text(t testing.TB, db *database.DB, id string) (out string) {
	t.Helper()
	err := db.View(func(tx *storage.ReadTx) error {
		doc, ok, err := db.Store().Get(tx, id)
		if ok {
			out = string(doc.Data.Text())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDo_StoresAndSurvivesRestart(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	if err := db.Do(t.Context(), put("a", `{"v":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Do(t.Context(), put("b", `{}`)); !isClosed(err) {
		t.Errorf("put after close: %v, want *ClosedError", err)
	}
	again := open(t, disk)
	if got := text(t, again, "a"); got != `{"v":1}` {
		t.Errorf("after restart: %q", got)
	}
}

func isClosed(err error) bool {
	var closed *database.ClosedError
	return errors.As(err, &closed)
}

// blocker is a command that stops in the middle of its batch until it is let go, so that a test can fill the queue.
type blocker struct {
	once             sync.Once
	started, release chan struct{}
}

func newBlocker() *blocker {
	return &blocker{started: make(chan struct{}), release: make(chan struct{})}
}

func (b *blocker) Run(*storage.WriteTx, *docstore.Store) error {
	b.once.Do(func() { close(b.started) })
	<-b.release
	return nil
}

func (b *blocker) SizeBytes() int { return 0 }

// writesThen changes something and then fails, as a command with a defect in its middle would.
type writesThen struct {
	id   string
	fail func() error
	runs int
}

func (w *writesThen) Run(tx *storage.WriteTx, store *docstore.Store) error {
	w.runs++
	if err := put(w.id, `{"bad":true}`).Run(tx, store); err != nil {
		return err
	}
	return w.fail()
}

func (w *writesThen) SizeBytes() int { return 10 }

// queued starts all commands while the committer is held, so that they share one batch, and returns their errors.
func queued(t *testing.T, db *database.DB, cmds []database.Command) []error {
	t.Helper()
	b := newBlocker()
	held := make(chan error, 1)
	go func() { held <- db.Do(context.Background(), b) }()
	<-b.started
	errs := make([]error, len(cmds))
	var wg sync.WaitGroup
	for i, cmd := range cmds {
		wg.Go(func() { errs[i] = db.Do(context.Background(), cmd) })
	}
	waitQueued(t, db, len(cmds))
	close(b.release)
	wg.Wait()
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	return errs
}

// waitQueued spins until n commands wait.
func waitQueued(t *testing.T, db *database.DB, n int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		s, err := db.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if s.WritesQueued == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d commands wait, want %d", s.WritesQueued, n)
		}
	}
}

func TestDo_MergesWaitingCommandsIntoOneTransaction(t *testing.T) {
	db := open(t, memfs.New())
	before, err := db.Stats()
	if err != nil {
		t.Fatal(err)
	}
	var cmds []database.Command
	for i := range 64 {
		cmds = append(cmds, put(fmt.Sprintf("doc/%d", i), `{}`))
	}
	for i, err := range queued(t, db, cmds) {
		if err != nil {
			t.Errorf("put %d: %v", i, err)
		}
	}
	after, err := db.Stats()
	if err != nil {
		t.Fatal(err)
	}
	// The blocker's transaction, which changes nothing, may or may not count as one.
	if n := after.Storage.Tx - before.Storage.Tx; n < 1 || n > 2 {
		t.Errorf("64 puts took %d transactions, want one (and the one that held them up)", n)
	}
	if after.Documents.Documents != 64 {
		t.Errorf("%d documents, want 64", after.Documents.Documents)
	}
}

func TestDo_FailsTheGuiltyCommandAlone(t *testing.T) {
	guilty := errors.New("guilty")
	f := func(name string, fail func() error, check func(error) bool) {
		t.Run(name, func(t *testing.T) {
			db := open(t, memfs.New())
			var cmds []database.Command
			for i := range 20 {
				cmds = append(cmds, put(fmt.Sprintf("doc/%d", i), `{}`))
			}
			bad := map[int]bool{0: true, 7: true, 19: true}
			for i := range bad {
				cmds[i] = &writesThen{id: fmt.Sprintf("bad/%d", i), fail: fail}
			}
			for i, err := range queued(t, db, cmds) {
				if bad[i] != check(err) || (!bad[i] && err != nil) {
					t.Errorf("command %d: %v", i, err)
				}
			}
			for i := range 20 {
				if bad[i] {
					if got := text(t, db, fmt.Sprintf("bad/%d", i)); got != "" {
						t.Errorf("command %d failed and left %s", i, got)
					}
				} else if text(t, db, fmt.Sprintf("doc/%d", i)) == "" {
					t.Errorf("doc/%d is lost", i)
				}
			}
		})
	}
	f("error after a change", func() error { return guilty }, func(err error) bool { return errors.Is(err, guilty) })
	f("panic", func() error { panic("defect") }, func(err error) bool {
		var p *database.PanicError
		return errors.As(err, &p)
	})
}

// More guilty commands than the batch is tried again for: the rest run one by one, still each with its own outcome.
func TestDo_ManyGuiltyCommands(t *testing.T) {
	db := open(t, memfs.New())
	guilty := errors.New("guilty")
	var cmds []database.Command
	for i := range 40 {
		if i%2 == 0 {
			cmds = append(cmds, &writesThen{id: "bad", fail: func() error { return guilty }})
		} else {
			cmds = append(cmds, put(fmt.Sprintf("doc/%d", i), `{}`))
		}
	}
	for i, err := range queued(t, db, cmds) {
		if (i%2 == 0) != errors.Is(err, guilty) {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if got := text(t, db, "bad"); got != "" {
		t.Errorf("a failed command left %s", got)
	}
	s, err := db.Stats()
	if err != nil || s.Documents.Documents != 20 {
		t.Errorf("%d documents, %v; want 20", s.Documents.Documents, err)
	}
}

func TestDo_RefusedCommandDoesNotDropItsBatch(t *testing.T) {
	db := open(t, memfs.New())
	refused := put("x", `{}`)
	refused.In.Expected = docstore.At("A:1-0123456789012345678901")
	first := &counted{Command: put("a", `{}`)}
	errs := queued(t, db, []database.Command{first, refused})
	var conflict *docstore.ConflictError
	if errs[0] != nil || !errors.As(errs[1], &conflict) {
		t.Fatalf("errors %v", errs)
	}
	if first.runs != 1 {
		t.Errorf("the good command ran %d times, want once: a refusal before any change leaves the batch alone", first.runs)
	}
}

// counted counts how often its command runs.
type counted struct {
	database.Command
	runs int
}

func (c *counted) Run(tx *storage.WriteTx, store *docstore.Store) error {
	c.runs++
	return c.Command.Run(tx, store)
}

func TestDo_WithdrawsAWaitingCommandWhenItsContextEnds(t *testing.T) {
	db := open(t, memfs.New())
	b := newBlocker()
	held := make(chan error, 1)
	go func() { held <- db.Do(context.Background(), b) }()
	<-b.started
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() { waiting <- db.Do(ctx, put("a", `{}`)) }()
	waitQueued(t, db, 1)
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("withdrawn command: %v", err)
	}
	close(b.release)
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	if got := text(t, db, "a"); got != "" {
		t.Errorf("a withdrawn command was run: %s", got)
	}
	if err := db.Do(t.Context(), put("b", `{}`)); err != nil {
		t.Errorf("the queue does not go on: %v", err)
	}
}

func TestClose_AnswersWhatWaits(t *testing.T) {
	db := open(t, memfs.New())
	b := newBlocker()
	held := make(chan error, 1)
	go func() { held <- db.Do(context.Background(), b) }()
	<-b.started
	waiting := make(chan error, 1)
	go func() { waiting <- db.Do(context.Background(), put("a", `{}`)) }()
	waitQueued(t, db, 1)
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	close(b.release)
	for _, c := range []chan error{held, waiting, closed} {
		if err := <-c; err != nil {
			t.Error(err)
		}
	}
}

// Many writers at once on few documents: each sees its own write, and the counters add up.
func TestDo_ConcurrentWritersLoseNothing(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	const writers, each = 16, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("w/%d/%d", w, i)
				if err := db.Do(context.Background(), put(id, `{"v":1}`)); err != nil {
					t.Error(err)
					return
				}
				if text(t, db, id) == "" {
					t.Errorf("%s is not there after its write was confirmed", id)
				}
			}
		})
	}
	wg.Wait()
	s, err := db.Stats()
	if err != nil || s.Documents.Documents != writers*each || s.Documents.LastEtag != writers*each {
		t.Errorf("%+v, %v", s.Documents, err)
	}
}

// TestDo_KeepsBatchesWithinTheirBytes: what waits is cut into transactions of the size that the options give.
func TestDo_KeepsBatchesWithinTheirBytes(t *testing.T) {
	o := smallOptions(memfs.New())
	o.BatchBytesMax = 2500
	db, err := database.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var cmds []database.Command
	for i := range 6 {
		cmds = append(cmds, put(fmt.Sprint("a", i), `{"s":"`+strings.Repeat("x", 1000)+`"}`))
	}
	for _, err := range queued(t, db, cmds) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, b := range db.Batches().Recent {
		if b.Bytes > o.BatchBytesMax {
			t.Errorf("a batch has %d bytes of documents, bound is %d", b.Bytes, o.BatchBytesMax)
		}
	}
}
