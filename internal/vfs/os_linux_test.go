package vfs_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/vfstest"
)

// sharedMemory is where Linux mounts a tmpfs for everybody: a file system that knows less than a disk's.
const sharedMemory = "/dev/shm"

func TestOS_ConformsOnTmpfs(t *testing.T) {
	vfstest.Run(t, func(t testing.TB) (vfs.FS, string) {
		t.Helper()
		return vfs.OS(), tmpfs(t)
	})
}

func tmpfs(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(sharedMemory, "vfs")
	if err != nil {
		t.Skip("no tmpfs here: ", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// A full disk is the same error whoever says so, with the one of the system in it.
func TestOS_FullDiskIsErrNoSpace(t *testing.T) {
	f, err := vfs.OS().Open("/dev/full", vfs.Write)
	if err != nil {
		t.Skip("no full device here: ", err)
	}
	defer f.Close()
	_, err = f.WriteAt([]byte("x"), 0)
	if !errors.Is(err, vfs.ErrNoSpace) || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v, want vfs.ErrNoSpace over ENOSPC", err)
	}
}

// The lock of another process is respected, and ends with it.
func TestOS_LockOfAnotherProcess(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	flock, err := exec.LookPath("flock")
	if err != nil {
		t.Skip("no flock program here: ", err)
	}
	other := exec.Command(flock, "--exclusive", name, "sh", "-c", "echo held; read _")
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil { // it holds the lock now
		t.Fatal(err)
	}
	var locked *vfs.LockedError
	if _, err := vfs.OS().Lock(name); !errors.As(err, &locked) {
		t.Errorf("got %v, want *LockedError", err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // its read ends with an error, as we closed the pipe
	held, err := vfs.OS().Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Close(); err != nil {
		t.Error(err)
	}
}
