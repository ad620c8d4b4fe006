//go:build unix

package keyring_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/vfs"
)

// TestMasterFile_MustBeItsOwnersAlone: one that others may read is refused, with what to do about it.
func TestMasterFile_MustBeItsOwnersAlone(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	o := options(vfs.OS())
	o.Databases, o.Master.Path = dir+"/Databases", dir+"/master.key"
	if err := open(t, o).Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(o.Master.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("made with %v, %v", info.Mode(), err)
	}
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o644: true, 0o640: true, 0o604: true, 0o660: true} {
		if err := os.Chmod(o.Master.Path, mode); err != nil {
			t.Fatal(err)
		}
		err := open(t, o).Ready(t.Context())
		if refused {
			wantReason(t, err, keyring.Shared, fault.Invalid, "chmod 600", "master.key")
		} else if err != nil {
			t.Errorf("%v: %v", mode, err)
		}
	}
}
