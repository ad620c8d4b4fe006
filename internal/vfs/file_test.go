package vfs_test

import (
	"errors"
	"syscall"
	"testing"
	"unsafe"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func TestAlignedBytes_AreAligned(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 1 << 20} {
		for range 20 {
			p := vfs.AlignedBytes(n)
			if len(p) != n || cap(p) != n {
				t.Fatalf("got %d of %d bytes, want %d", len(p), cap(p), n)
			}
			if n > 0 && uintptr(unsafe.Pointer(&p[0]))%vfs.AlignBytes != 0 {
				t.Fatalf("%d bytes at %p", n, p)
			}
		}
	}
}

func TestWriteThrough_PanicsWhenNotAligned(t *testing.T) {
	f, err := memfs.New().Open("f", vfs.Write|vfs.Create|vfs.WriteThrough)
	if err != nil {
		t.Fatal(err)
	}
	aligned := vfs.AlignedBytes(3 * vfs.AlignBytes)
	panics := func(p []byte, off int64) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%d bytes at %d were taken", len(p), off)
			}
		}()
		_, _ = f.WriteAt(p, off)
	}
	panics(aligned[:vfs.AlignBytes], 512)
	panics(aligned[:100], 0)
	panics(aligned[8:8+vfs.AlignBytes], 0)
}

// Whatever step of WriteFileDurable fails, the error comes back, the old bytes are there or the new ones, and once the
// disk works again so does WriteFileDurable.
func TestWriteFileDurable_AnyStepMayFail(t *testing.T) {
	for n := 0; ; n++ {
		disk := errorfs.New(memfs.New())
		if err := vfs.WriteFileDurable(disk, "f", []byte("old and long")); err != nil {
			t.Fatal(err)
		}
		steps := disk.OpCount()
		disk.Fail(errorfs.Nth(n, syscall.EIO))
		err := vfs.WriteFileDurable(disk, "f", []byte("new"))
		if disk.OpCount()-steps <= n { // the whole of it was done before the n-th operation
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if !errors.Is(err, syscall.EIO) {
			t.Fatalf("operation %d: got %v, want EIO", n, err)
		}
		disk.Fail(nil)
		got, err := vfs.ReadFile(disk, "f")
		if err != nil || string(got) != "old and long" && string(got) != "new" {
			t.Fatalf("operation %d: got %q, %v", n, got, err)
		}
		if err := vfs.WriteFileDurable(disk, "f", []byte("newer")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadFile_ReportsErrors(t *testing.T) {
	disk := errorfs.New(memfs.New())
	if err := vfs.WriteFileDurable(disk, "f", []byte("bytes")); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []errorfs.Kind{errorfs.Open, errorfs.Size, errorfs.ReadAt, errorfs.Close} {
		disk.Fail(errorfs.Nth(0, syscall.EIO, kind))
		if _, err := vfs.ReadFile(disk, "f"); !errors.Is(err, syscall.EIO) {
			t.Errorf("%v: got %v, want EIO", kind, err)
		}
	}
}
