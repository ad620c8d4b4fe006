//go:build !windows

package vfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
)

func TestStat_TellsWhoElseMayReadAFile(t *testing.T) {
	name := filepath.ToSlash(filepath.Join(t.TempDir(), "f"))
	want := func(shared bool) {
		t.Helper()
		info, err := vfs.OS().Stat(name)
		if err != nil || info.Shared != shared {
			t.Errorf("got %v, %v, want %v", info.Shared, err, shared)
		}
	}
	if err := vfs.WriteFileDurable(vfs.OS(), name, []byte("x")); err != nil {
		t.Fatal(err)
	}
	want(false)
	for mode, shared := range map[os.FileMode]bool{0o400: false, 0o644: true, 0o640: true, 0o602: true, 0o700: false, 0o601: true} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		want(shared)
	}
}
