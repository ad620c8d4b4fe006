package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// filled returns a disk with a database of some documents in dir.
func filled(t *testing.T, dir string) *memfs.FS {
	t.Helper()
	disk := memfs.New(memfs.WithoutCrashes())
	db, err := database.Open(database.Options{
		Name: "Shop", Dir: dir, FS: disk, NodeTag: "A", DatabaseID: noDatabaseID, Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		cmd := &database.NextHiLo{}
		cmd.In.Tag = fmt.Sprint("users", i)
		if err := db.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return disk
}

func TestCompact_PrintsSizes(t *testing.T) {
	disk := filled(t, "data/Databases/shop")
	var out, errOut strings.Builder
	if err := compact(t.Context(), &out, &errOut, disk, "data/Databases/shop"); err != nil {
		t.Fatal(err)
	}
	var before, after int64
	if _, err := fmt.Sscanf(out.String(), "data/Databases/shop: %d bytes before, %d bytes after", &before, &after); err != nil || after >= before {
		t.Errorf("printed %q, %v", out.String(), err)
	}
	if errOut.Len() > 0 {
		t.Errorf("printed %q where no terminal is", errOut.String())
	}
	if err := check(&out, disk, "data"); err != nil {
		t.Error(err)
	}
}

func TestCompact_SaysWhyItDidNot(t *testing.T) {
	disk := filled(t, "shop")
	var out strings.Builder
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := compact(stopped, &out, &out, disk, "shop"); err == nil || !strings.Contains(err.Error(), "as it was") {
		t.Errorf("stopped: %v", err)
	}
	if err := check(&out, disk, "shop"); err != nil {
		t.Error(err)
	}
	if err := compact(t.Context(), &out, &out, disk, "nowhere"); !errors.As(err, new(*notDatabaseError)) || !isUsage(err) {
		t.Errorf("no database: %v", err)
	}
}

func TestProgress_ShowsABarOrALine(t *testing.T) {
	f := func(bar bool, done, total int64, want string) {
		t.Helper()
		var out strings.Builder
		p := progress{w: &out, name: "copy", now: time.Now, bar: bar}
		p.update(done, total)
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(true, 5, 10, "\r\x1b[Kcopy [###############---------------]  50 %")
	f(true, 11, 10, "\r\x1b[Kcopy [##############################] 100 %")
	f(true, 0, 0, "\r\x1b[Kcopy [------------------------------]   0 %")
	f(false, 5, 10, "copy: 50 %\n")
}
