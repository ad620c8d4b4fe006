package e2e_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk is a file system of its own with room for sizeBytes, and a ballast file in it beside what is tested.
type smallDisk struct{ dir string }

// mountSmallDisk makes a file system in memory; it is gone when the test ends. Only root may, so others skip the test.
func mountSmallDisk(t *testing.T, sizeBytes string) smallDisk {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	d := smallDisk{t.TempDir()}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_NODEV|syscall.MS_NOSUID, "mode=700,size="+sizeBytes); err != nil {
		t.Skipf("no small file system may be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, 0); err != nil {
			t.Errorf("unmount %s: %v", d.dir, err)
			_ = syscall.Unmount(d.dir, syscall.MNT_DETACH) // or else removing the directory fails too
		}
	})
	return d
}

// data is the directory for the server.
func (d smallDisk) data() string { return filepath.Join(d.dir, "data") }

func (d smallDisk) ballast() string { return filepath.Join(d.dir, "ballast") }

// freeBytes is what the file system has left.
func (d smallDisk) freeBytes(t *testing.T) int64 {
	t.Helper()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &stat); err != nil {
		t.Fatal(err)
	}
	return int64(stat.Bavail) * int64(stat.Bsize) //nolint:unconvert // it is 32 bits wide in 32-bit programs
}

// leave lets the ballast take all but the last bytes.
func (d smallDisk) leave(t *testing.T, bytes int64) {
	t.Helper()
	file, err := os.Create(d.ballast())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for tries := 1; ; tries++ { // what is tested may take room between the look and the taking
		take := d.freeBytes(t) - bytes
		if take <= 0 {
			t.Fatalf("%d bytes are free before the disk is filled, %d were to stay: what is tested keeps too much", take+bytes, bytes)
		}
		err := syscall.Fallocate(int(file.Fd()), 0, 0, take)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.ENOSPC) || tries == 100 {
			t.Fatalf("ballast of %d bytes: %v", take, err)
		}
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
	}
}

// free gives the room of the ballast back.
func (d smallDisk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		t.Fatal(err)
	}
}

// shrinkBallast gives some of the room of the ballast back.
func (d smallDisk) shrinkBallast(t *testing.T, bytes int64) {
	t.Helper()
	info, err := os.Stat(d.ballast())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.ballast(), info.Size()-bytes); err != nil {
		t.Fatal(err)
	}
}
