package database_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/database/recording"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const recordingFile = "db1/recordings/first.rec"

func fileOf(t *testing.T, disk vfs.FS) []byte {
	t.Helper()
	b, err := vfs.ReadFile(disk, recordingFile)
	must(t, err)
	return b
}

// withoutVectors is a state as another database can have it, too.
func (m *model) withoutVectors() *model {
	m = m.clone()
	for _, entries := range []map[string]entry{m.documents, m.tombstones} {
		for key, e := range entries {
			e.vector = ""
			entries[key] = e
		}
	}
	return m
}

// TestReplay_GivesEqualDocuments: whatever was run, alone, together or refused, an empty database with
// another id gets the same by the recording.
func TestReplay_GivesEqualDocuments(t *testing.T) {
	seeds := 6
	if testing.Short() {
		seeds = 2
	}
	for seed := range uint64(seeds) {
		h := &history{disk: memfs.New(), states: []*model{newModel()}}
		h.faults = errorfs.New(h.disk)
		random := rand.New(rand.NewPCG(seed, 8))
		db := open2(t, h.faults)
		must(t, db.StartRecording("first.rec"))
		for range 120 {
			if random.IntN(3) == 0 {
				h.together(t, db, random, 2+random.IntN(6))
			} else {
				h.alone(t, db, random)
			}
		}
		must(t, db.StopRecording())
		want := h.last()
		h.alone(t, db, random) // not recorded

		opts := smallOptions(memfs.New())
		opts.DatabaseID = "abcdefghijklmnopqrstuv"
		other, err := database.Open(opts)
		must(t, err)
		done, err := other.Replay(t.Context(), bytes.NewReader(fileOf(t, h.disk)))
		must(t, err)
		if done.Commands == 0 || done.Transactions == 0 || done.Transactions >= done.Commands || done.Skipped == 0 || done.CutShort {
			t.Errorf("seed %d: %+v: too little to prove anything", seed, done)
		}
		got := read(t, other)
		if !got.withoutVectors().equal(want.withoutVectors()) {
			t.Fatalf("seed %d: the replay led to another state (-replayed +recorded):\n%s", seed,
				clip(cmp.Diff(got.withoutVectors(), want.withoutVectors(), cmp.AllowUnexported(model{}, entry{}))))
		}
		must(t, other.Close())
	}
}

// TestReplay_TakesOverIdsThatWereMade: an id by chance cannot be made again.
func TestReplay_TakesOverIdsThatWereMade(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	must(t, db.StartRecording("first.rec"))
	guid, numbered := put("", `{"v":1}`), put("users/", `{"v":2}`)
	must(t, db.Do(t.Context(), &database.Batch{Commands: []database.Command{guid, numbered}}))
	must(t, db.StopRecording())
	opts := smallOptions(memfs.New())
	opts.Rand = rand.New(rand.NewPCG(3, 4)) // other chance, other ids
	other, err := database.Open(opts)
	must(t, err)
	defer other.Close()
	if _, err := other.Replay(t.Context(), bytes.NewReader(fileOf(t, disk))); err != nil {
		t.Fatal(err)
	}
	if text(t, other, guid.Out.ID) != `{"v":1}` || text(t, other, numbered.Out.ID) != `{"v":2}` {
		t.Errorf("documents %q and %q are not there", guid.Out.ID, numbered.Out.ID)
	}
}

// TestRecording_TellsWhatHappened: every command in the order of transactions, with its outcome.
func TestRecording_TellsWhatHappened(t *testing.T) {
	disk := memfs.New()
	db := open2(t, disk)
	must(t, db.Do(t.Context(), put("before", `{}`)))
	must(t, db.StartRecording("first.rec"))
	must(t, db.Do(t.Context(), put("a", `{"v":1}`)))
	wrong, other := put("a", `{}`), docstore.At(vector(99))
	wrong.In.Expected = other
	if err := db.Do(t.Context(), wrong); err == nil {
		t.Fatal("no conflict")
	}
	must(t, db.Do(t.Context(), &database.Delete{ID: "A"}))
	must(t, db.Do(t.Context(), &counted{Command: put("c", `{}`)})) // a command that recordings do not know
	must(t, db.StopRecording())

	r, err := recording.NewReader(bytes.NewReader(fileOf(t, disk)))
	must(t, err)
	if h := r.Header(); h.DatabaseID != databaseID || h.Started.IsZero() {
		t.Errorf("header %+v", h)
	}
	var got []string
	var last uint64
	for e, err := r.Next(); err == nil; e, err = r.Next() {
		got = append(got, fmt.Sprintf("%d %v %v %q", e.Kind, e.Committed, e.Fault, e.Fields))
		if e.Tx < last || e.Tx == 0 || e.At.IsZero() {
			t.Errorf("transaction %d after %d, at %v", e.Tx, last, e.At)
		}
		last = e.Tx
	}
	want := []string{
		`1 true internal ["a" "a" "any" "\x00" "{\"v\":1}"]`,
		`1 false conflict ["a" "" "` + other.String() + `" "\x00" "{}"]`,
		`2 true internal ["A" "any"]`,
		`0 true internal []`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("entries (-got +want):\n%s", diff)
	}
}

func TestStartRecording_RefusesPathTricks(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	for _, name := range []string{
		"", ".", "..", ".hidden", "../data", "a/b", `a\b`, "/etc/passwd", `C:\x`, "a\x00b", "ä", "a b", strings.Repeat("a", 201),
	} {
		err := db.StartRecording(name)
		if _, ok := errors.AsType[*database.RecordingNameError](err); !ok || fault.Of(err) != fault.Invalid {
			t.Errorf("%q: %v, want *RecordingNameError", name, err)
		}
	}
	if names, err := disk.List("db1/recordings"); err == nil && len(names) > 0 {
		t.Errorf("files were made: %v", names)
	}
}

func TestRecording_OneAtATime(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	state := func(what string, err error) {
		t.Helper()
		if _, ok := errors.AsType[*database.RecordingStateError](err); !ok {
			t.Errorf("%s: %v, want *RecordingStateError", what, err)
		}
	}
	state("stop before start", db.StopRecording())
	must(t, db.StartRecording("first.rec"))
	state("second start", db.StartRecording("second.rec"))
	must(t, db.StopRecording())
	state("the same file", db.StartRecording("first.rec"))
	must(t, db.StartRecording("second.rec"))
	must(t, db.Do(t.Context(), put("a", `{}`)))
	must(t, db.Close()) // ends it
	b, err := vfs.ReadFile(disk, "db1/recordings/second.rec")
	if err != nil || len(b) <= recording.HeaderBytes {
		t.Errorf("%d bytes of a recording that Close ended, %v", len(b), err)
	}
}

// TestRecording_StopsOnAFullDisk, once and with a warning, and commands go on as if there was none.
func TestRecording_StopsOnAFullDisk(t *testing.T) {
	inner := memfs.New(memfs.WithoutCrashes())
	disk := errorfs.New(inner)
	disk.Fail(func(op errorfs.Op) error {
		if op.In(errorfs.WriteAt) && strings.Contains(op.Name, "recordings") && op.Off > 0 {
			return &errorfs.PartialError{Bytes: 100_000, Err: vfs.ErrNoSpace}
		}
		return nil
	})
	var log bytes.Buffer
	opts := smallOptions(disk)
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	db, err := database.Open(opts)
	must(t, err)
	defer db.Close()
	must(t, db.StartRecording("first.rec"))
	const commands = 40
	for i := range commands {
		must(t, db.Do(t.Context(), put(fmt.Sprint("doc/", i), `{"s":"`+strings.Repeat("x", 30_000)+`"}`)))
	}
	err = db.StopRecording()
	if _, ok := errors.AsType[*database.RecordingStoppedError](err); !ok || !errors.Is(err, vfs.ErrNoSpace) {
		t.Errorf("stop gave %v, want *RecordingStoppedError", err)
	}
	if n := strings.Count(log.String(), "recording of commands stopped"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, log.String())
	}
	other := open(t, memfs.New())
	done, err := other.Replay(t.Context(), bytes.NewReader(fileOf(t, inner)))
	if err != nil || !done.CutShort || done.Commands == 0 || done.Commands >= commands {
		t.Errorf("replay of what was written: %+v, %v", done, err)
	}
}

// TestRecording_HoldsAllThatWasAnswered: it is started and stopped while many write.
func TestRecording_HoldsAllThatWasAnswered(t *testing.T) {
	disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
	disk.Fail(func(errorfs.Op) error { runtime.Gosched(); return nil }) // a disk takes its time: others run ahead
	db := open(t, disk)
	must(t, db.StartRecording("first.rec"))
	const writers, each = 8, 60
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if err := db.Do(context.Background(), put(fmt.Sprintf("w/%d/%d", w, i), `{}`)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var more sync.WaitGroup
	more.Go(func() {
		for i := range 100 {
			if err := db.Do(context.Background(), put(fmt.Sprint("more/", i), `{}`)); err != nil {
				t.Error(err)
			}
		}
	})
	must(t, db.StopRecording())
	more.Wait()
	r, err := recording.NewReader(bytes.NewReader(fileOf(t, disk)))
	must(t, err)
	n, last := 0, uint64(0)
	for e, err := r.Next(); err == nil; e, err = r.Next() {
		if e.Tx < last {
			t.Errorf("transaction %d after %d", e.Tx, last)
		}
		if last = e.Tx; strings.HasPrefix(string(e.Fields[0]), "w/") {
			n++
		}
	}
	if n != writers*each {
		t.Errorf("%d of %d commands are in the recording", n, writers*each)
	}
}

// TestStopRecording_WaitsForWhatRuns: a batch that was taken before the end belongs to the recording.
func TestStopRecording_WaitsForWhatRuns(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	must(t, db.StartRecording("first.rec"))
	b := newBlocker()
	held, stopped := make(chan error, 1), make(chan error, 1)
	go func() { held <- db.Do(context.Background(), b) }()
	<-b.started
	go func() { stopped <- db.StopRecording() }()
	for i := 0; db.StartRecording(fmt.Sprint("next", i)) != nil; i++ { // until the first one is on its way to the end
		runtime.Gosched()
	}
	close(b.release)
	must(t, <-held)
	must(t, <-stopped)
	r, err := recording.NewReader(bytes.NewReader(fileOf(t, disk)))
	must(t, err)
	if _, err := r.Next(); err != nil {
		t.Errorf("the command that ran when the recording ended is not in it: %v", err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("more than that command is in it: %v", err)
	}
}

// TestReplay_RefusesWhatIsNoRecording, and says how far it came.
func TestReplay_RefusesWhatIsNoRecording(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	must(t, db.StartRecording("first.rec"))
	must(t, db.Do(t.Context(), put("a", `{"v":1}`)))
	must(t, db.Do(t.Context(), put("b", `{"v":1}`)))
	must(t, db.StopRecording())
	whole := fileOf(t, disk)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1]++
	for name, b := range map[string][]byte{"nothing": nil, "text": []byte("{}"), "a flipped bit": flipped} {
		other := open(t, memfs.New())
		done, err := other.Replay(t.Context(), bytes.NewReader(b))
		if _, ok := errors.AsType[*recording.DecodeError](err); !ok || fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v, want *recording.DecodeError", name, err)
		}
		if name == "a flipped bit" && done.Commands > 1 {
			t.Errorf("%s: %+v were run", name, done)
		}
	}
}

func TestStartRecording_RefusesEncryptedDatabases(t *testing.T) {
	opts := smallOptions(memfs.New())
	opts.Encryption = storagetest.Encryption(0, 1)
	db, err := database.Open(opts)
	must(t, err)
	defer db.Close()
	if _, ok := errors.AsType[*database.RecordingStateError](db.StartRecording("first.rec")); !ok {
		t.Error("documents of an encrypted database are recorded in clear")
	}
}
