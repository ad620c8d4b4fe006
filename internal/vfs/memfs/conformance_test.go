package memfs_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
	"github.com/rookerydb/rookery/internal/vfs/vfstest"
)

func TestFS_Conforms(t *testing.T) {
	for name, opts := range map[string][]memfs.Option{
		"plain":     nil,
		"recording": {memfs.Record()},
		"crashless": {memfs.WithoutCrashes()},
	} {
		t.Run(name, func(t *testing.T) {
			vfstest.Run(t, func(t testing.TB) (vfs.FS, string) {
				t.Helper()
				disk := memfs.New(opts...)
				if err := disk.MkdirAll("some/dir"); err != nil {
					t.Fatal(err)
				}
				return disk, "some/dir"
			})
		})
	}
}
