package storage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestOrder_OfOperations: the story of a commit, a flush and a sync as the disk sees it.
func TestOrder_OfOperations(t *testing.T) {
	disk := memfs.New(memfs.Record())
	env := storagetest.Open(t, disk)
	var story []string
	note := func(what string, act func() error) {
		t.Helper()
		before := disk.OpCount()
		must(t, act())
		story = append(story, what)
		for _, op := range disk.Ops()[before:] {
			story = append(story, "  "+op.String())
		}
	}
	note("commit", func() error { return put(env, "key", "value") })
	note("commit again", func() error { return put(env, "other key", "other value") })
	note("commit with the journal full", func() error { return put(env, "last key", "last value") })
	note("flush", env.Flush)
	note("sync", env.Sync)
	note("sync again", env.Sync)
	imagesAtFlush := ""
	if storagetest.Encrypted { // only of the bitmap: the other pages are new
		imagesAtFlush = `  create env/images.one
  syncdir env
  allocate env/images.one 0+16384
  write env/images.one 0+16384
  sync env/images.one
`
	}
	want := `commit
  write env/journals/0000000000000000002.journal 0+4096 through
commit again
  write env/journals/0000000000000000002.journal 4096+4096 through
commit with the journal full
  rename env/journals/spare-1.journal env/journals/0000000000000000003.journal
  syncdir env/journals
  write env/journals/0000000000000000003.journal 0+4096 through
flush
` + imagesAtFlush + `  write env/data 16384+24576
sync
  sync env/data
  write env/header.one 0+4096
  sync env/header.one
  write env/header.two 0+4096
  sync env/header.two
  rename env/journals/0000000000000000002.journal env/journals/spare-2.journal
sync again`
	if diff := cmp.Diff(want, strings.Join(story, "\n")); diff != "" {
		t.Error(diff)
	}
}
