package vfs_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/vfstest"
)

func TestOS_Conforms(t *testing.T) {
	vfstest.Run(t, func(t testing.TB) (vfs.FS, string) {
		t.Helper()
		return vfs.OS(), t.TempDir()
	})
}
