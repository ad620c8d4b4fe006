package errorfs_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func open(t *testing.T, disk vfs.FS, name string) vfs.File {
	t.Helper()
	f, err := disk.Open(name, vfs.Write|vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// everything does each operation once and collects the errors.
func everything(disk vfs.FS) []error {
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	add(disk.MkdirAll("d/e"))
	f, err := disk.Open("d/f", vfs.Write|vfs.Create)
	add(err)
	if err != nil {
		f, _ = disk.Open("d/f", vfs.Write|vfs.Create) // the rule has had its turn
	}
	_, err = f.WriteAt([]byte("bytes"), 0)
	add(err)
	_, err = f.ReadAt(make([]byte, 1), 0)
	add(err)
	_, err = f.Size()
	add(err)
	add(f.Truncate(3))
	add(f.Allocate(0, 10))
	add(f.Sync())
	_, err = f.Map(1)
	add(err)
	add(f.Close())
	add(disk.Rename("d/f", "d/g"))
	add(disk.SyncDir("d"))
	_, err = disk.List("d")
	add(err)
	_, err = disk.Stat("d")
	add(err)
	lock, err := disk.Lock("lock")
	add(err)
	if err == nil {
		err = lock.Close()
	}
	add(err)
	add(disk.Remove("lock"))
	add(disk.RemoveAll("d"))
	return errs
}

func withDirectory(t *testing.T) vfs.FS {
	t.Helper()
	disk := memfs.New()
	if err := disk.MkdirAll("d"); err != nil {
		t.Fatal(err)
	}
	return disk
}

func TestFail_EachOperationInTurn(t *testing.T) {
	clean := errorfs.New(withDirectory(t))
	if err := errors.Join(everything(clean)...); err != nil {
		t.Fatal(err)
	}
	for n := range clean.OpCount() {
		disk := errorfs.New(withDirectory(t))
		var failed errorfs.Op
		nth := errorfs.Nth(n, syscall.EIO)
		disk.Fail(func(op errorfs.Op) error {
			err := nth(op)
			if err != nil {
				failed = op
			}
			return err
		})
		if !errors.Is(errors.Join(everything(disk)...), syscall.EIO) {
			t.Errorf("operation %d (%v) did not fail", n, failed.Kind)
		}
		if failed.Seq != n {
			t.Errorf("operation %d says that it is %d", n, failed.Seq)
		}
	}
}

func TestFail_SyncLeavesDataUnsynced(t *testing.T) {
	mem := memfs.New()
	disk := errorfs.New(mem)
	f := open(t, disk, "f")
	if err := disk.SyncDir("."); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("bytes"), 0); err != nil {
		t.Fatal(err)
	}
	disk.Fail(errorfs.From(0, syscall.EIO, errorfs.Sync))
	for range 2 {
		if err := f.Sync(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("got %v, want EIO", err)
		}
	}
	got, err := vfs.ReadFile(mem.AfterCrash(memfs.SyncedOnly, 0), "f")
	if err != nil || len(got) != 0 {
		t.Errorf("after the power cut the file holds %q (%v), want nothing", got, err)
	}
	disk.Fail(nil)
	if err := f.Sync(); err != nil {
		t.Error(err)
	}
}

func TestFail_PartialWrite(t *testing.T) {
	disk := errorfs.New(memfs.New())
	f := open(t, disk, "f")
	step := func(rule error, wantN int, wantErr error, want string) {
		t.Helper()
		disk.Fail(errorfs.Nth(0, rule, errorfs.WriteAt))
		n, err := f.WriteAt([]byte("bytes"), 0)
		if n != wantN || !errors.Is(err, wantErr) {
			t.Errorf("got %d, %v, want %d, %v", n, err, wantN, wantErr)
		}
		got, err := vfs.ReadFile(disk, "f")
		if err != nil || string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	step(vfs.ErrNoSpace, 0, vfs.ErrNoSpace, "")
	step(&errorfs.PartialError{Bytes: 3, Err: vfs.ErrNoSpace}, 3, vfs.ErrNoSpace, "byt")
	step(&errorfs.PartialError{Bytes: 4}, 4, nil, "byte")
	step(&errorfs.PartialError{Bytes: 99, Err: syscall.EIO}, 5, syscall.EIO, "bytes")
}

func TestFail_OneOperationWaitsWhileOthersGoOn(t *testing.T) {
	disk := errorfs.New(memfs.New())
	f := open(t, disk, "f")
	for _, want := range []error{nil, vfs.ErrNoSpace} {
		until, done := make(chan error), make(chan error, 1)
		disk.Fail(errorfs.Nth(0, &errorfs.WaitError{Until: until}, errorfs.WriteAt))
		go func() {
			_, err := f.WriteAt([]byte("late"), 0)
			done <- err
		}()
		if _, err := f.ReadAt(make([]byte, 1), 9); err == nil { // there is nothing; it only must not wait
			t.Error("read behind the end")
		}
		select {
		case err := <-done:
			t.Fatalf("the write did not wait: %v", err)
		case until <- want:
		}
		if err := <-done; !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestOpCount_ByKind(t *testing.T) {
	disk := errorfs.New(memfs.New())
	f := open(t, disk, "f")
	for range 3 {
		if _, err := f.WriteAt([]byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	_ = f.Sync()
	got := []int{disk.OpCount(), disk.OpCount(errorfs.WriteAt), disk.OpCount(errorfs.Sync, errorfs.Open), disk.OpCount(errorfs.Changing()...)}
	if diff := cmp.Diff([]int{5, 3, 2, 4}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
