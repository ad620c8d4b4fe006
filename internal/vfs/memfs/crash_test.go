package memfs_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const seeds = 64 // enough that each outcome of a fair choice is seen

// failer is *testing.T or *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t failer, disk vfs.FS, name string, mode vfs.Mode) vfs.File {
	t.Helper()
	f, err := disk.Open(name, mode)
	must(t, err)
	return f
}

func create(t failer, disk vfs.FS, name string) vfs.File {
	t.Helper()
	return open(t, disk, name, vfs.Write|vfs.Create)
}

func write(t failer, f vfs.File, data []byte, off int64) {
	t.Helper()
	_, err := f.WriteAt(data, off)
	must(t, err)
}

// dump is every file with its bytes, long runs of one byte in short.
func dump(t failer, disk *memfs.FS) string {
	t.Helper()
	var b strings.Builder
	for _, name := range disk.Files() {
		data, err := vfs.ReadFile(disk, name)
		must(t, err)
		fmt.Fprintf(&b, "%s:%s\n", name, runs(data))
	}
	return b.String()
}

func runs(data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		n := 1
		for n < len(data) && data[n] == data[0] {
			n++
		}
		fmt.Fprintf(&b, " %d×%q", n, data[:1])
		data = data[n:]
	}
	return b.String()
}

// outcomes is the set of dumps that a mode leaves over many seeds.
func outcomes(t failer, disk *memfs.FS, mode memfs.CrashMode) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for seed := range uint64(seeds) {
		seen[dump(t, disk.AfterCrash(mode, seed))] = true
	}
	return seen
}

func wantOutcomes(t failer, disk *memfs.FS, mode memfs.CrashMode, want ...string) {
	t.Helper()
	wantSet := map[string]bool{}
	for _, w := range want {
		wantSet[w] = true
	}
	if diff := cmp.Diff(wantSet, outcomes(t, disk, mode)); diff != "" {
		t.Fatalf("%v: outcomes -want +got\n%s", mode, diff)
	}
}

func fill(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

// settled returns a disk with the file "f" of size bytes 'o', all durable.
func settled(t failer, size int, opts ...memfs.Option) *memfs.FS {
	disk := memfs.New(opts...)
	f := create(t, disk, "f")
	write(t, f, fill('o', size), 0)
	must(t, f.Sync())
	must(t, disk.SyncDir("."))
	must(t, f.Close())
	return disk
}

func TestAfterCrash_SyncedStays(t *testing.T) {
	disk := settled(t, 5000)
	for _, mode := range memfs.CrashModes() {
		wantOutcomes(t, disk, mode, "f: 5000×\"o\"\n")
	}
}

func TestAfterCrash_UnsyncedBlocksAreLostOrKeptEachForItself(t *testing.T) {
	disk := settled(t, 8192)
	f := open(t, disk, "f", vfs.Write)
	write(t, f, fill('a', 4096), 0)
	write(t, f, fill('b', 4096), 4096)
	old, both := "f: 8192×\"o\"\n", "f: 4096×\"a\" 4096×\"b\"\n"
	wantOutcomes(t, disk, memfs.SyncedOnly, old)
	wantOutcomes(t, disk, memfs.AllWritten, both)
	wantOutcomes(t, disk, memfs.RandomSubset, old, both,
		"f: 4096×\"a\" 4096×\"o\"\n", "f: 4096×\"o\" 4096×\"b\"\n") // the later one without the earlier one
}

func TestAfterCrash_TornTearsAtSectors(t *testing.T) {
	disk := settled(t, 1024)
	write(t, open(t, disk, "f", vfs.Write), fill('n', 1024), 0)
	wantOutcomes(t, disk, memfs.RandomSubset, "f: 1024×\"o\"\n", "f: 1024×\"n\"\n")
	wantOutcomes(t, disk, memfs.Torn, "f: 1024×\"o\"\n", "f: 1024×\"n\"\n",
		"f: 512×\"n\" 512×\"o\"\n", "f: 512×\"o\" 512×\"n\"\n")
}

func TestAfterCrash_BlockMayBeAtAnyStateSinceSync(t *testing.T) {
	disk := settled(t, 512)
	f := open(t, disk, "f", vfs.Write)
	write(t, f, fill('1', 512), 0)
	write(t, f, fill('2', 512), 0)
	wantOutcomes(t, disk, memfs.Torn, "f: 512×\"o\"\n", "f: 512×\"1\"\n", "f: 512×\"2\"\n")
	must(t, f.Sync())
	wantOutcomes(t, disk, memfs.Torn, "f: 512×\"2\"\n")
}

func TestAfterCrash_UnsyncedGrowthMayBeMissing(t *testing.T) {
	disk := settled(t, 512)
	f := open(t, disk, "f", vfs.Write)
	must(t, f.Truncate(1024))
	write(t, f, fill('n', 512), 512)
	wantOutcomes(t, disk, memfs.Torn, "f: 512×\"o\"\n", "f: 512×\"o\" 512×\"\\x00\"\n", "f: 512×\"o\" 512×\"n\"\n")
}

func TestAfterCrash_CuttingHappensWholeOrNot(t *testing.T) {
	disk := settled(t, 2048)
	f := open(t, disk, "f", vfs.Write)
	must(t, f.Truncate(512))
	must(t, f.Truncate(1024))
	wantOutcomes(t, disk, memfs.Torn, "f: 2048×\"o\"\n", "f: 512×\"o\"\n", "f: 512×\"o\" 512×\"\\x00\"\n")
}

func TestAfterCrash_WriteThroughIsDurable(t *testing.T) {
	disk := settled(t, 4096)
	through := open(t, disk, "f", vfs.Write|vfs.WriteThrough)
	block := vfs.AlignedBytes(4096)
	copy(block, fill('t', 4096))

	must(t, through.Allocate(0, 3*4096)) // not synced, so that the write has something unsynced beneath it
	write(t, through, block, 4096)
	wantOutcomes(t, disk, memfs.SyncedOnly, "f: 4096×\"o\" 4096×\"t\"\n")
	wantOutcomes(t, disk, memfs.Torn, "f: 4096×\"o\" 4096×\"t\"\n", "f: 4096×\"o\" 4096×\"t\" 4096×\"\\x00\"\n")

	must(t, through.Sync())
	write(t, through, block, 0)
	for _, mode := range memfs.CrashModes() {
		wantOutcomes(t, disk, mode, "f: 8192×\"t\" 4096×\"\\x00\"\n")
	}
}

func TestAfterCrash_WriteThroughInFlightMayBeTorn(t *testing.T) {
	writeOne := func(disk *memfs.FS) error {
		block := vfs.AlignedBytes(4096)
		copy(block, fill('t', 4096))
		_, err := open(t, disk, "f", vfs.Write|vfs.WriteThrough).WriteAt(block, 0)
		return err
	}
	disk := settled(t, 4096, memfs.DieAtOp(4))
	if err := writeOne(disk); err == nil {
		t.Fatal("the write went through without power")
	}
	wantOutcomes(t, disk, memfs.SyncedOnly, "f: 4096×\"o\"\n")
	wantOutcomes(t, disk, memfs.AllWritten, "f: 4096×\"t\"\n")
	wantOutcomes(t, disk, memfs.RandomSubset, "f: 4096×\"o\"\n", "f: 4096×\"t\"\n")
	if n := len(outcomes(t, disk, memfs.Torn)); n < 10 {
		t.Errorf("%d different tears of 8 sectors, want many", n)
	}
}

func TestAfterCrash_CutBeforeWriteThroughIsDurable(t *testing.T) {
	disk := settled(t, 8192)
	through := open(t, disk, "f", vfs.Write|vfs.WriteThrough)
	must(t, through.Truncate(4096))
	block := vfs.AlignedBytes(4096)
	copy(block, fill('t', 4096))
	write(t, through, block, 0)
	for _, mode := range memfs.CrashModes() {
		wantOutcomes(t, disk, mode, "f: 4096×\"t\"\n")
	}
}

func TestAfterCrash_CallersMayReuseTheirBytes(t *testing.T) {
	for name, opts := range map[string][]memfs.Option{"plain": nil, "recording": {memfs.Record()}, "dying": {memfs.DieAtOp(4)}} {
		for _, mode := range []vfs.Mode{vfs.Write, vfs.Write | vfs.WriteThrough} {
			disk := settled(t, 4096, opts...)
			data := vfs.AlignedBytes(4096)
			copy(data, fill('n', 4096))
			_, err := open(t, disk, "f", mode).WriteAt(data, 0)
			if (err != nil) != (name == "dying") {
				t.Fatal(err)
			}
			clear(data)
			if got, want := dump(t, disk.AfterCrash(memfs.AllWritten, 0)), "f: 4096×\"n\"\n"; got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
	}
}

func TestAfterCrash_NamesAreDurableInOrder(t *testing.T) {
	disk := memfs.New()
	for _, name := range []string{"a", "b"} {
		f := create(t, disk, name)
		write(t, f, []byte(name), 0)
		must(t, f.Sync()) // says nothing of the name
	}
	wantOutcomes(t, disk, memfs.SyncedOnly, "")
	wantOutcomes(t, disk, memfs.Torn, "", "a: 1×\"a\"\n", "a: 1×\"a\"\nb: 1×\"b\"\n")
	must(t, disk.SyncDir("/"))
	must(t, disk.Rename("a", "b"))
	wantOutcomes(t, disk, memfs.Torn, "a: 1×\"a\"\nb: 1×\"b\"\n", "b: 1×\"a\"\n")
	must(t, disk.Remove("b"))
	wantOutcomes(t, disk, memfs.Torn, "a: 1×\"a\"\nb: 1×\"b\"\n", "b: 1×\"a\"\n", "")
}

func TestAfterCrash_RenameBetweenDirectoriesIsWholeOrNot(t *testing.T) {
	disk := memfs.New()
	must(t, disk.MkdirAll("from"))
	must(t, disk.MkdirAll("to"))
	must(t, create(t, disk, "from/x").Close())
	must(t, disk.SyncDir("from"))
	must(t, disk.Rename("from/x", "to/y"))
	wantOutcomes(t, disk, memfs.Torn, "from/x:\n", "to/y:\n")
	must(t, create(t, disk, "from/z").Close()) // after the rename in "from"
	wantOutcomes(t, disk, memfs.Torn, "from/x:\n", "to/y:\n", "from/z:\nto/y:\n")
	must(t, disk.SyncDir("to"))
	wantOutcomes(t, disk, memfs.Torn, "to/y:\n", "from/z:\nto/y:\n")
}

func TestAfterCrash_DirectoriesAreDurableAtOnce(t *testing.T) {
	disk := memfs.New()
	must(t, disk.MkdirAll("a/b"))
	must(t, create(t, disk, "a/b/file").Close())
	must(t, disk.SyncDir("a/b"))
	wantOutcomes(t, disk, memfs.SyncedOnly, "a/b/file:\n")
}

// TestAfterCrash_EachSectorIsOneOfItsPast compares with an oracle that remembers the whole file after each operation: a
// length must be one that the file had since it was synced, and so must each sector.
func TestAfterCrash_EachSectorIsOneOfItsPast(t *testing.T) {
	const sizeMax = 8 * 1024
	rapid.Check(t, func(t *rapid.T) {
		disk := settled(t, rapid.IntRange(0, sizeMax).Draw(t, "size"), memfs.Record())
		f := open(t, disk, "f", vfs.Write)
		now := func() []byte {
			data, err := vfs.ReadFile(disk, "f")
			must(t, err)
			return data
		}
		past := [][]byte{now()} // since the last sync
		for i := range rapid.IntRange(0, 8).Draw(t, "ops") {
			off := int64(rapid.IntRange(0, sizeMax-1).Draw(t, "off"))
			switch rapid.SampledFrom([]string{"write", "write", "write", "truncate", "allocate", "sync"}).Draw(t, "op") {
			case "write":
				write(t, f, fill('A'+byte(i), rapid.IntRange(1, sizeMax-int(off)).Draw(t, "n")), off)
			case "truncate":
				must(t, f.Truncate(off))
			case "allocate":
				must(t, f.Allocate(0, off+1))
			case "sync":
				must(t, f.Sync())
				past = nil
			}
			past = append(past, now())
		}
		seed := rapid.Uint64().Draw(t, "seed")
		for _, mode := range memfs.CrashModes() {
			left, err := vfs.ReadFile(disk.AfterCrash(mode, seed), "f")
			must(t, err)
			wantOfPast(t, mode, left, past)
		}
	})
}

func wantOfPast(t *rapid.T, mode memfs.CrashMode, left []byte, past [][]byte) {
	switch mode {
	case memfs.SyncedOnly:
		past = past[:1]
	case memfs.AllWritten:
		past = past[len(past)-1:]
	}
	sizes := map[int]bool{}
	for _, p := range past {
		sizes[len(p)] = true
	}
	if !sizes[len(left)] {
		t.Fatalf("%v: %d bytes are left, which the file never had", mode, len(left))
	}
	for at := 0; at < len(left); at += 512 {
		sector := left[at:min(at+512, len(left))]
		if !anySector(past, sector, at) {
			t.Fatalf("%v: bytes from %d on were never so: %s", mode, at, runs(sector))
		}
	}
}

// anySector says whether one of past had sector at off, when all end in zeros for ever. A file that was cut later loses its end
// even where the disk never heard of what was written before the cut.
func anySector(past [][]byte, sector []byte, off int) bool {
	for i, p := range past {
		for _, later := range past[i:] {
			p = p[:min(len(p), len(later))]
			padded := make([]byte, len(sector))
			if off < len(p) {
				copy(padded, p[off:])
			}
			if bytes.Equal(padded, sector) {
				return true
			}
		}
	}
	return false
}
