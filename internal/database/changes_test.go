package database_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// watchAll joins db with a watch of all documents.
func watchAll(t testing.TB, db *database.DB) *changes.Subscription {
	t.Helper()
	s := changes.NewSubscription()
	must(t, s.Do(changes.Command{ID: 1, Watch: changes.Watch{Kind: changes.AllDocuments}}))
	db.Changes().Join(s)
	t.Cleanup(func() { db.Changes().Leave(s) })
	return s
}

// told takes what waits for s: "Put id", with the etag where it is asked for.
func told(t testing.TB, s *changes.Subscription, etags bool) (out []string) {
	t.Helper()
	list, err := s.Take(nil)
	must(t, err)
	for _, c := range list {
		if d, ok := c.(changes.Document); ok {
			line := string(d.Act) + " " + d.ID
			if etags {
				etag, _, _ := strings.Cut(d.ChangeVector, "-")
				line += " " + etag
			}
			out = append(out, line)
		}
	}
	return out
}

func wantTold(t testing.TB, s *changes.Subscription, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, told(t, s, false)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestChanges_WhatWasRefusedIsNotTold: a command that failed after it wrote something takes the batch with it; the others run again and
// are told once.
func TestChanges_WhatWasRefusedIsNotTold(t *testing.T) {
	for _, guilty := range []int{1, 12} { // twelve are too many for starting over: then commands run one by one
		db := open(t, memfs.New())
		s := watchAll(t, db)
		cmds := []database.Command{put("a", `{}`)}
		for i := range guilty {
			cmds = append(cmds, &writesThen{id: fmt.Sprint("bad", i), fail: func() error { return errors.New("guilty") }})
		}
		cmds = append(cmds, &writesThen{id: "defect", fail: func() error { panic("defect") }}, put("b", `{}`))
		queued(t, db, cmds)
		got := map[string]int{}
		for _, line := range told(t, s, false) {
			got[line]++
		}
		if diff := cmp.Diff(map[string]int{"Put a": 1, "Put b": 1}, got); diff != "" {
			t.Errorf("%d guilty: told (-want +got):\n%s", guilty, diff)
		}
	}
}

// TestChanges_AreToldWhenDurable: what waits for its journal write is told nobody; then all in the order of commits, before the answers.
func TestChanges_AreToldWhenDurable(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db := open(t, disk)
	s := watchAll(t, db)
	open := ahead(t, db, disk, put("a", `{}`), put("b", `{}`), put("c", `{}`))
	wantTold(t, s)
	for _, err := range open(nil) {
		must(t, err)
	}
	wantTold(t, s, "Put a", "Put b", "Put c")
}

// TestChanges_OfAFailedCommitAreNotTold, nor those of the batch that ran on top of it.
func TestChanges_OfAFailedCommitAreNotTold(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db, err := database.Open(smallOptions(disk))
	must(t, err)
	defer db.Close()
	s := watchAll(t, db)
	open := ahead(t, db, disk, put("a", `{}`), put("b", `{}`))
	for i, err := range open(vfs.ErrNoSpace) {
		if err == nil {
			t.Errorf("command %d was answered well", i)
		}
	}
	wantTold(t, s)
}

// TestChanges_InTheOrderOfCommits: many writers of one document, each of whom finds its own change told when it is answered, and the
// document as new as that. Run it with the race detector.
func TestChanges_InTheOrderOfCommits(t *testing.T) {
	db := open(t, memfs.New(memfs.WithoutCrashes()))
	s := watchAll(t, db)
	const writers, each = 16, 50
	var mu sync.Mutex // guards seen, and the order of takes
	var seen []string
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				cmd := put("a", `{}`)
				must(t, db.Do(context.Background(), cmd))
				mu.Lock()
				seen = append(seen, told(t, s, true)...)
				if n := int64(len(seen)); n < cmd.Out.Etag {
					t.Errorf("etag %d was answered when %d changes were told", cmd.Out.Etag, n)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(seen) != writers*each {
		t.Errorf("%d changes, want %d", len(seen), writers*each)
	}
	for i, line := range seen {
		if want := fmt.Sprintf("Put a A:%d", i+1); line != want {
			t.Fatalf("change %d is %s, want %s", i, line, want)
		}
	}
}

// TestChanges_AWatchInTheMiddleOfABatch: whoever joins while a batch runs hears of the commands that came afterwards.
func TestChanges_AWatchInTheMiddleOfABatch(t *testing.T) {
	disk := errorfs.New(memfs.New())
	db := open(t, disk)
	open := ahead(t, db, disk, put("a", `{}`), put("b", `{}`)) // b is in a batch that grows
	s := watchAll(t, db)
	late := make(chan error, 1)
	ran := make(chan struct{})
	go func() { late <- db.Do(context.Background(), &signalling{Command: put("c", `{}`), ran: ran}) }()
	<-ran
	for _, err := range open(nil) {
		must(t, err)
	}
	must(t, <-late)
	wantTold(t, s, "Put c")
}

// TestChanges_OfAReplay are those of the commands that were recorded.
func TestChanges_OfAReplay(t *testing.T) {
	disk := memfs.New()
	db := open(t, disk)
	must(t, db.StartRecording("r"))
	must(t, db.Do(t.Context(), put("a/1", `{}`)))
	must(t, db.Do(t.Context(), &database.Batch{Commands: []database.Command{put("a/2", `{}`), &database.Delete{ID: "A/1"}, &database.Delete{ID: "none"}}}))
	must(t, db.Do(t.Context(), &database.DeletePrefix{Prefix: "A"}))
	must(t, db.StopRecording())
	text, err := vfs.ReadFile(disk, "db1/recordings/r")
	must(t, err)
	other, err := database.Open(smallOptions(memfs.New()))
	must(t, err)
	defer other.Close()
	s := watchAll(t, other)
	_, err = other.Replay(t.Context(), bytes.NewReader(text))
	must(t, err)
	wantTold(t, s, "Put a/1", "Put a/2", "Delete a/1", "Delete a/2")
}

// BenchmarkDo_Watched is puts by one caller in memory, with so many who watch.
func BenchmarkDo_Watched(b *testing.B) {
	for _, watchers := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			db := open(b, memfs.New(memfs.WithoutCrashes()))
			for i := range watchers {
				s := changes.NewSubscription()
				must(b, s.Do(changes.Command{Watch: changes.Watch{Kind: changes.ADocument, Name: fmt.Sprint("a", i)}}))
				db.Changes().Join(s)
			}
			cmd := put("a", `{"name":"Ada"}`)
			b.ReportAllocs()
			for b.Loop() {
				must(b, db.Do(context.Background(), cmd))
			}
		})
	}
}
