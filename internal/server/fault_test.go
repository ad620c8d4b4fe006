package server_test

import (
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

var errDisk = errors.New("disk on fire")

// failing lets operations of the kinds fail on names with part in them, while the switch is on.
func failing(on *atomic.Bool, part string, kinds ...errorfs.Kind) errorfs.Rule {
	return func(op errorfs.Op) error {
		if on.Load() && op.In(kinds...) && strings.Contains(op.Name, part) {
			return errDisk
		}
		return nil
	}
}

func TestServer_FilesThatCannotBeErasedGoAtTheNextStart(t *testing.T) {
	for _, kind := range []errorfs.Kind{errorfs.RemoveAll, errorfs.SyncDir} {
		disk := errorfs.New(memfs.New())
		var on atomic.Bool
		s := open(t, options(disk))
		create(t, s, "a")
		disk.Fail(failing(&on, "Databases", kind))
		on.Store(true)
		_, pending, err := s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: []string{"a"}, HardDelete: true}, 0)
		wantError[*server.DatabaseEraseError](t, err, fault.Unavailable)
		if len(pending) != 1 || pending[0] != "A" || !errors.Is(err, errDisk) {
			t.Errorf("%v: pending %v, %v", kind, pending, err)
		}
		_, err = s.Database(t.Context(), "a")
		wantError[*server.DatabaseEraseError](t, err, fault.Unavailable)
		on.Store(false)
		mustClose(t, s)
		s = open(t, options(disk))
		waitGone(t, s)
		if exists(t, disk, "data/Databases/a") {
			t.Errorf("%v: files are left", kind)
		}
		mustClose(t, s)
	}
}

func TestOpen_ReportsDiskErrors(t *testing.T) {
	for _, kind := range []errorfs.Kind{errorfs.MkdirAll, errorfs.Lock, errorfs.WriteAt} {
		disk := errorfs.New(memfs.New())
		disk.Fail(errorfs.From(0, errDisk, kind))
		s, err := server.Open(options(disk))
		if err == nil || !errors.Is(err, errDisk) {
			t.Errorf("%v: err = %v, want one that wraps the disk's", kind, err)
		}
		if s != nil {
			t.Errorf("%v: a server came with the error", kind)
		}
		disk.Fail(nil)
		open(t, options(disk)) // nothing is held any more
	}
}

// A cluster log that has failed decides nothing more; databases that are open go on.
func TestServer_FailedLogLeavesDatabasesAlone(t *testing.T) {
	disk := errorfs.New(memfs.New())
	var on atomic.Bool
	s, err := server.Open(options(disk))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // reports the failed log
	create(t, s, "a")
	disk.Fail(failing(&on, "System", errorfs.WriteAt, errorfs.Sync))
	on.Store(true)
	for range 2 { // the first finds out, the second is told
		_, err = s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "b"})
		wantError[*cluster.FailedError](t, err, fault.Unavailable)
	}
	if !errors.Is(s.Cluster().Failed(), errDisk) {
		t.Errorf("Failed = %v", s.Cluster().Failed())
	}
	if db := mustFind(t, s, "a"); db.Failed() != nil {
		t.Errorf("database: %v", db.Failed())
	}
	_, err = s.Database(t.Context(), "b")
	wantError[*cluster.DatabaseMissingError](t, err, fault.NotFound)
}

func TestOpen_FailsOnADamagedLog(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	s := open(t, options(disk))
	create(t, s, "a")
	mustClose(t, s)
	for _, name := range disk.Files() {
		if strings.Contains(name, "/System/") {
			disk.Corrupt(name, func(b []byte) []byte { return make([]byte, len(b)) })
		}
	}
	_, err := server.Open(options(disk))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v: a server whose log is gone must not begin a new one", err)
	}
}
