package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// put stores a document: that of a range of ids.
func put(t *testing.T, db *database.DB, tag string) {
	t.Helper()
	cmd := &database.NextHiLo{}
	cmd.In.Tag = tag
	if err := db.Do(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, s *server.Server, name string) int64 {
	t.Helper()
	stats, err := mustFind(t, s, name).Stats()
	if err != nil {
		t.Fatal(err)
	}
	return stats.Documents.Documents
}

// compaction is one that stops at its first step until it is told to go on.
type compaction struct {
	begun, goOn chan struct{}
	once        sync.Once
	err         error
	result      storage.CompactionResult
	ended       chan struct{}
}

// beginCompaction returns when the compaction of name is at its first step, or has ended.
func beginCompaction(ctx context.Context, s *server.Server, name string) *compaction {
	c := &compaction{begun: make(chan struct{}), goOn: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		c.result, c.err = s.Compact(ctx, name, func(database.CompactionProgress) {
			c.once.Do(func() { close(c.begun); <-c.goOn })
		})
	}()
	select {
	case <-c.begun:
	case <-c.ended:
	}
	return c
}

// end lets it go on, and waits for it.
func (c *compaction) end() error {
	close(c.goOn)
	<-c.ended
	return c.err
}

func TestCompact_ClosesOneDatabaseAndBringsItBack(t *testing.T) {
	s := open(t, options(memfs.New()))
	db, other := create(t, s, "Shop"), create(t, s, "Other")
	for i := range 100 {
		put(t, db, fmt.Sprint("users", i))
	}
	c := beginCompaction(t.Context(), s, "SHOP")
	_, err := s.Database(t.Context(), "Shop")
	wantError[*server.DatabaseCompactingError](t, err, fault.Unavailable)
	_, err = s.Compact(t.Context(), "Shop", nil)
	wantError[*server.DatabaseCompactingError](t, err, fault.Unavailable)
	put(t, other, "users")
	create(t, s, "New")
	if got, want := status(s), "New+ Other+ Shop!"; got != want {
		t.Errorf("while it is compacted: %s, want %s", got, want)
	}
	if err := c.end(); err != nil {
		t.Fatal(err)
	}
	if c.result.BytesAfter == 0 || c.result.BytesAfter >= c.result.BytesBefore {
		t.Errorf("got %+v", c.result)
	}
	if n := count(t, s, "Shop"); n != 100 {
		t.Errorf("%d documents", n)
	}
	put(t, mustFind(t, s, "Shop"), "users")
	if got, want := status(s), "New+ Other+ Shop+"; got != want {
		t.Errorf("afterwards: %s, want %s", got, want)
	}
}

func TestCompact_CancelledBringsTheDatabaseBack(t *testing.T) {
	s := open(t, options(memfs.New()))
	put(t, create(t, s, "Shop"), "users")
	ctx, cancel := context.WithCancel(t.Context())
	c := beginCompaction(ctx, s, "Shop")
	cancel()
	if err := c.end(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := count(t, s, "Shop"); n != 1 {
		t.Errorf("%d documents", n)
	}
}

// A decision of the cluster, and closing the server, end a compaction instead of waiting for it.
func TestCompact_GivesWayToADecision(t *testing.T) {
	f := func(name string, decide func(s *server.Server) error, after string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s := open(t, options(memfs.New()))
			create(t, s, "Shop") // nothing is put: the write queue keeps channels, which must not leave the bubble
			c := beginCompaction(t.Context(), s, "Shop")
			decided := make(chan error, 1)
			go func() { decided <- decide(s) }()
			synctest.Wait() // until the decision waits for the compaction, which waits for us
			if err := c.end(); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: the compaction ended with %v", name, err)
			}
			if err := <-decided; err != nil {
				t.Errorf("%s: %v", name, err)
			}
			synctest.Wait()
			if got := status(s); got != after {
				t.Errorf("%s: %q, want %q", name, got, after)
			}
		})
	}
	f("deleted", func(s *server.Server) error {
		_, _, err := s.DeleteDatabases(context.Background(), "", cluster.DeleteDatabases{Names: []string{"Shop"}, HardDelete: true}, 0)
		return err
	}, "")
	f("disabled", func(s *server.Server) error {
		_, err := s.SetDisabled(context.Background(), "", cluster.SetDisabled{Names: []string{"Shop"}, Disabled: true})
		return err
	}, "Shop-")
	f("closed", func(s *server.Server) error { return s.Close() }, "")
}

// A database that is disabled can be compacted, and stays so.
func TestCompact_DisabledDatabase(t *testing.T) {
	s := open(t, options(memfs.New()))
	put(t, create(t, s, "Shop"), "users")
	if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"Shop"}, Disabled: true}); err != nil {
		t.Fatal(err)
	}
	if err := beginCompaction(t.Context(), s, "Shop").end(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Database(t.Context(), "Shop")
	wantError[*server.DatabaseDisabledError](t, err, fault.Unavailable)
}

// A compaction waits for those who still read.
func TestCompact_WaitsForTheLastReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, options(memfs.New()))
		db := create(t, s, "Shop")
		reading, finish, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- db.View(func(*storage.ReadTx) error {
				close(reading)
				<-finish
				return nil
			})
		}()
		<-reading
		compacted := make(chan error, 1)
		go func() {
			_, err := s.Compact(t.Context(), "Shop", nil)
			compacted <- err
		}()
		synctest.Wait()
		if len(compacted) > 0 {
			t.Error("did not wait for a reader")
		}
		close(finish)
		if err := errors.Join(<-ended, <-compacted); err != nil {
			t.Error(err)
		}
	})
}

func TestCompact_Refuses(t *testing.T) {
	s := open(t, options(memfs.New()))
	_, err := s.Compact(t.Context(), "None", nil)
	wantError[*cluster.DatabaseMissingError](t, err, fault.NotFound)
	mustClose(t, s)
	_, err = s.Compact(t.Context(), "None", nil)
	wantError[*server.ClosedError](t, err, fault.Unavailable)
	inMemory := open(t, options(nil, "--RunInMemory=true"))
	create(t, inMemory, "Shop")
	_, err = inMemory.Compact(t.Context(), "Shop", nil)
	wantError[*server.InMemoryError](t, err, fault.Invalid)
}

// An encrypted database is compacted with its key, opened with it again, and shows no text afterwards.
func TestCompact_EncryptedDatabase(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, "--Security.UnsecuredEncryption.Allowed=true"))
	_, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "Shop", Record: []byte(`{"Encrypted":true}`)})
	if err != nil {
		t.Fatal(err)
	}
	const text = "onlyinclear"
	put(t, mustFind(t, s, "Shop"), text)
	if _, err := s.Compact(t.Context(), "Shop", nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "Shop"); n != 1 {
		t.Errorf("%d documents", n)
	}
	for _, name := range disk.Files() {
		content, err := vfs.ReadFile(disk, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(content)), text) {
			t.Errorf("%s has a text in clear", name)
		}
	}
}
