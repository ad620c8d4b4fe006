package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestEnv_OnARealDisk: what holds in memory holds on the file system of this machine, with the goroutines running.
func TestEnv_OnARealDisk(t *testing.T) {
	opts := storagetest.Options(vfs.OS())
	opts.Dir, opts.ManualFlush = t.TempDir(), false
	opts.FlushAboveBytes, opts.SyncAboveBytes = 256<<10, 512<<10
	w := storagetest.NewWorkload(9)
	for range 3 {
		env, err := storage.Open(opts)
		must(t, err)
		if got := digestOf(t, env); got != w.Digest() {
			t.Fatalf("opened anew after %d commits it is another state", w.Commits())
		}
		for range 100 {
			must(t, w.Commit(env))
		}
		if got := digestOf(t, env); got != w.Digest() {
			t.Fatalf("after %d commits it is another state", w.Commits())
		}
		storagetest.Check(t, env)
		must(t, env.Close())
	}
}

// TestDump_IsStable: the same commits make the same bytes, and Dump shows them in the same order.
func TestDump_IsStable(t *testing.T) {
	dump := func() string {
		opts := storagetest.Options(memfs.New())
		env := storagetest.OpenWith(t, opts)
		w := storagetest.NewWorkload(10)
		for range 20 {
			must(t, w.Commit(env))
		}
		var text strings.Builder
		must(t, env.Dump(&text))
		return text.String()
	}
	first, format := dump(), 1
	if storagetest.Encrypted {
		format = 2
	}
	for _, want := range []string{fmt.Sprintf("environment: format %d, transaction 21", format), "free:", "catalog tree:", `"rows" sections`} {
		if !strings.Contains(first, want) {
			t.Errorf("%q is missing in:\n%.500s", want, first)
		}
	}
	if dump() != first {
		t.Error("two runs differ")
	}
}
