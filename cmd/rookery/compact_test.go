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

func TestBar(t *testing.T) {
	f := func(done, total uint64, want string) {
		t.Helper()
		if got := barLine("copying", done, total); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(0, 10, "[..............................]   0 % copying")
	f(5, 10, "[###############...............]  50 % copying")
	f(10, 10, "[##############################] 100 % copying")
	f(11, 10, "[##############################] 100 % copying")
	f(0, 0, "[##############################] 100 % copying")
}
