package errorfs_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
	"github.com/rookerydb/rookery/internal/vfs/vfstest"
)

func TestFS_ConformsWithoutErrors(t *testing.T) {
	vfstest.Run(t, func(t testing.TB) (vfs.FS, string) {
		t.Helper()
		disk := memfs.New()
		if err := disk.MkdirAll("dir"); err != nil {
			t.Fatal(err)
		}
		return errorfs.New(disk), "/dir"
	})
}
