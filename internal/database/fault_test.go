package database_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

var errDisk = errors.New("input/output error")

// journalWrites lets every write to a journal fail.
func journalWrites(op errorfs.Op) error {
	if op.In(errorfs.WriteAt) && strings.Contains(op.Name, "journal") {
		return errDisk
	}
	return nil
}

// A journal that cannot be written ends writing for good: what it holds now is not known. Reads go on, and opening anew
// finds all that was answered.
func TestDo_FailedJournalEndsWritesAlone(t *testing.T) {
	disk := memfs.New()
	failing := errorfs.New(disk)
	db, err := database.Open(smallOptions(failing))
	must(t, err)
	must(t, db.Do(t.Context(), put("a", `{"v":1}`)))
	failing.Fail(journalWrites)
	cmds := []database.Command{put("a", `{"v":2}`), put("b", `{}`), &database.Delete{ID: "a"}}
	for i, err := range queued(t, db, cmds) {
		wantFailed(t, fmt.Sprint("queued command ", i), err)
	}
	failing.Fail(nil) // too late: nothing is tried again
	wantFailed(t, "a later put", db.Do(t.Context(), put("c", `{}`)))
	wantFailed(t, "Failed", db.Failed())
	if got := text(t, db, "a"); got != `{"v":1}` || text(t, db, "b") != "" {
		t.Errorf("reads find %q, want what was answered", got)
	}
	if s, err := db.Stats(); err != nil || s.Documents.LastEtag != 1 || s.WritesQueued != 0 {
		t.Errorf("stats %+v, %v", s.Documents, err)
	}
	_ = db.Close() // reports the failure

	again, err := database.Open(smallOptions(disk))
	must(t, err)
	if got := text(t, again, "a"); got != `{"v":1}` {
		t.Errorf("opened anew: %q", got)
	}
	must(t, again.Do(t.Context(), put("c", `{}`)))
	must(t, again.Close())
}

func wantFailed(t *testing.T, what string, err error) {
	t.Helper()
	if _, ok := errors.AsType[*storage.FailedError](err); !ok || !errors.Is(err, errDisk) {
		t.Errorf("%s: %v, want a *storage.FailedError that holds the disk's error", what, err)
	}
}

// A full disk refuses writes and nothing else; when there is room again they go on, again and again.
func TestDo_FullDiskIsAPassingTrouble(t *testing.T) {
	disk := memfs.New()
	db, err := database.Open(smallOptions(disk))
	must(t, err)
	stored := 0
	for round := range 3 {
		disk.SetSizeBytesMax(disk.UsedBytes() + 16<<10)
		for err = nil; err == nil && stored < 1000; stored++ {
			err = db.Do(t.Context(), put(fmt.Sprint("doc/", stored), `{"s":"`+strings.Repeat("x", 2000)+`"}`))
		}
		stored--
		if _, ok := errors.AsType[*storage.DiskFullError](err); !ok {
			t.Fatalf("round %d: %v, want *storage.DiskFullError", round, err)
		}
		if db.Failed() != nil || text(t, db, fmt.Sprint("doc/", stored)) != "" || text(t, db, "doc/0") == "" {
			t.Errorf("round %d: failed %v, or the refused document is there, or the first one is not", round, db.Failed())
		}
		// what is refused for other reasons is told as such, full disk or not
		wrong := put("doc/0", `{}`)
		wrong.In.Expected = docstore.Missing()
		if _, ok := errors.AsType[*docstore.ConflictError](db.Do(t.Context(), wrong)); !ok {
			t.Errorf("round %d: no conflict", round)
		}
		disk.SetSizeBytesMax(0)
		must(t, db.Do(t.Context(), put(fmt.Sprint("doc/", stored), `{}`)))
		stored++
	}
	s, err := db.Stats()
	if err != nil || s.Documents.Documents != int64(stored) || s.Documents.LastEtag != int64(stored) {
		t.Errorf("%d documents were answered, there are %+v, %v", stored, s.Documents, err)
	}
	must(t, db.Close())
}
