package memfs_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func TestSizeBytesMax_RefusesWhatDoesNotFit(t *testing.T) {
	disk := settled(t, 8192, memfs.SizeBytesMax(12*1024))
	f := open(t, disk, "f", vfs.Write)
	full := func(err error) {
		t.Helper()
		if !errors.Is(err, vfs.ErrNoSpace) || fault.Of(err) != fault.Unavailable {
			t.Fatalf("got %v, want vfs.ErrNoSpace", err)
		}
	}
	n, err := f.WriteAt(fill('n', 8192), 8192)
	full(err)
	if n != 4096 { // a full disk takes what fits, in whole blocks
		t.Errorf("wrote %d bytes, want 4096", n)
	}
	full(f.Truncate(20_000))
	full(f.Allocate(0, 20_000))
	write(t, f, fill('x', 8192), 0) // overwriting needs no room
	other := create(t, disk, "g")   // nor does a name
	n, err = other.WriteAt([]byte("x"), 0)
	full(err)
	if n != 0 {
		t.Errorf("wrote %d bytes, want 0", n)
	}
	disk.SetSizeBytesMax(0)
	write(t, f, fill('n', 8192), 8192)
	disk.SetSizeBytesMax(1) // what is there stays
	must(t, f.Truncate(4096))
	must(t, disk.Remove("g"))
	disk.SetSizeBytesMax(0)
	write(t, other, fill('g', 4096), 0) // a removed file is nobody's
	if got := disk.UsedBytes(); got != 4096 {
		t.Errorf("got %d bytes used, want 4096", got)
	}
}

func TestCorrupt_ChangesBytesDurably(t *testing.T) {
	disk := settled(t, 100)
	f := open(t, disk, "f", vfs.Write)
	m, err := f.Map(100)
	must(t, err)
	before := disk.OpCount()
	disk.Corrupt("f", func(data []byte) []byte { data[7] ^= 1; return data })
	if m.Bytes()[7] != 'o'^1 {
		t.Error("the mapping does not show the damage")
	}
	disk.Corrupt("f", func(data []byte) []byte { return data[:50] })
	for _, mode := range memfs.CrashModes() {
		wantOutcomes(t, disk, mode, "f: 7×\"o\" 1×\"n\" 42×\"o\"\n")
	}
	if got := []any{disk.OpCount(), disk.UsedBytes(), disk.Files()}; !cmp.Equal(got, []any{before, int64(50), []string{"f"}}) {
		t.Errorf("got %v", got)
	}
}

func TestDieAtOp_LeavesReading(t *testing.T) {
	disk := settled(t, 100, memfs.DieAtOp(5))
	f := open(t, disk, "f", vfs.Write)
	write(t, f, fill('n', 10), 0)
	for _, err := range []error{
		f.Sync(), f.Truncate(0), f.Allocate(0, 1), disk.Rename("f", "g"), disk.Remove("f"), disk.RemoveAll("f"),
		disk.SyncDir("."), disk.MkdirAll("d"),
	} {
		if !errors.Is(err, memfs.ErrPowerCut) {
			t.Errorf("got %v, want ErrPowerCut", err)
		}
	}
	if _, err := disk.Lock("f"); !errors.Is(err, memfs.ErrPowerCut) {
		t.Errorf("got %v, want ErrPowerCut", err)
	}
	if got, want := dump(t, disk), "f: 10×\"n\" 90×\"o\"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFS_GrowsWithoutCopyingEachTime(t *testing.T) {
	f := create(t, memfs.New(memfs.WithoutCrashes()), "f")
	page := fill('x', 8192)
	off := int64(0)
	allocs := testing.AllocsPerRun(1000, func() {
		write(t, f, page, off)
		off += int64(len(page))
	})
	if allocs > 1 {
		t.Errorf("%v allocations an appended page, want at most 1 on average", allocs)
	}
}
