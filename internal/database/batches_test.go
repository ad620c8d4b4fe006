package database_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestBatches_CountWhatWasMerged: commands that waited together are one batch, refused ones are told apart.
func TestBatches_CountWhatWasMerged(t *testing.T) {
	db := open(t, memfs.New())
	queued(t, db, []database.Command{put("a", `{}`), &writesThen{id: "bad", fail: func() error { return errors.New("guilty") }}, put("b", `{}`)})
	b := db.Batches()
	if len(b.Recent) != 2 { // the blocker's, and that of those who waited behind it
		t.Fatalf("%+v", b)
	}
	last := b.Recent[1]
	if last.Commands != 3 || last.Refused != 1 || last.Bytes <= 10 || last.Start.IsZero() || last.Duration <= 0 {
		t.Errorf("the last batch: %+v", last)
	}
	if b.Count != 2 || b.Commands != 4 || b.Refused != 1 || b.Largest != 3 || b.Bytes != int64(last.Bytes) || b.Longest < last.Duration ||
		b.Time < b.Longest {
		t.Errorf("in all: %+v", b)
	}
}

// TestBatches_KeepsTheNewest: in their order, however many there were.
func TestBatches_KeepsTheNewest(t *testing.T) {
	db := open(t, memfs.New(memfs.WithoutCrashes()))
	const kept, more = 512, 100
	for i := range kept + more {
		if err := db.Do(t.Context(), put(fmt.Sprint(i), `{}`)); err != nil {
			t.Fatal(err)
		}
	}
	b := db.Batches()
	if b.Count != kept+more || len(b.Recent) != kept {
		t.Fatalf("%d batches, %d listed", b.Count, len(b.Recent))
	}
	for i := 1; i < kept; i++ {
		if b.Recent[i].Start.Before(b.Recent[i-1].Start) {
			t.Errorf("batch %d began before batch %d", i, i-1)
		}
	}
}

// TestEnvironments_TellTheirIO: the events of the environment are those of the database's commits.
func TestEnvironments_TellTheirIO(t *testing.T) {
	db := open(t, memfs.New())
	envs := db.Environments()
	if len(envs) != 1 || envs[0].Name != "documents" || envs[0].Type != "Documents" || envs[0].Dir != "db1" {
		t.Fatalf("%+v", envs)
	}
	last := envs[0].IO.Last()
	if err := db.Do(t.Context(), put("a", `{}`)); err != nil {
		t.Fatal(err)
	}
	events, _ := envs[0].IO.Since(last, 10, nil)
	if len(events) == 0 || events[0].Kind != iometrics.JournalWrite {
		t.Errorf("%+v", events)
	}
	if open := envs[0].Transactions(); len(open) != 0 {
		t.Errorf("nobody does anything, but %+v", open)
	}
	select {
	case <-db.Closing():
		t.Error("closing before Close")
	default:
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	<-db.Closing()
}

// TestBatches_TellsOfThoseThatFailed: commands that a broken disk took with it were not committed.
func TestBatches_TellsOfThoseThatFailed(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db, err := database.Open(smallOptions(disk))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	disk.Fail(journalWrites)
	if err := db.Do(t.Context(), put("a", `{}`)); err == nil {
		t.Fatal("a broken disk took a write")
	}
	if b := db.Batches(); b.Commands != 1 || b.Refused != 1 {
		t.Errorf("%d commands, %d refused", b.Commands, b.Refused)
	}
}
