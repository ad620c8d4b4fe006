package memfs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// workload does a bit of everything and stops at the first error.
func workload(disk vfs.FS) error {
	steps := []func() error{
		func() error { return disk.MkdirAll("db/journals") },
		func() error { return vfs.WriteFileDurable(disk, "db/header", fill('h', 600)) },
		func() error { return growAndSync(disk, "db/data") },
		func() error { return writeBlocks(disk, "db/journals/1", 3) },
		func() error { return disk.SyncDir("db/journals") },
		func() error { return disk.Rename("db/journals/1", "db/spare") },
		func() error { return writeBlocks(disk, "db/journals/2", 2) },
		func() error { return vfs.WriteFileDurable(disk, "db/header", fill('i', 700)) },
		func() error { return disk.RemoveAll("db/journals") },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func growAndSync(disk vfs.FS, name string) error {
	f, err := disk.Open(name, vfs.Write|vfs.Create)
	if err != nil {
		return err
	}
	_, writeErr := f.WriteAt(fill('d', 10_000), 0)
	_, moreErr := f.WriteAt(fill('e', 5_000), 7_000)
	return errors.Join(writeErr, moreErr, f.Truncate(9_000), f.Sync(), f.Close())
}

func writeBlocks(disk vfs.FS, name string, n int) error {
	f, err := disk.Open(name, vfs.Write|vfs.Create|vfs.WriteThrough)
	if err != nil {
		return err
	}
	err = f.Allocate(0, int64(n)*vfs.AlignBytes)
	for i := range n {
		block := vfs.AlignedBytes(vfs.AlignBytes)
		copy(block, fill('1'+byte(i), vfs.AlignBytes))
		_, writeErr := f.WriteAt(block, int64(i)*vfs.AlignBytes)
		err = errors.Join(err, writeErr)
	}
	return errors.Join(err, f.Close())
}

func recorded(t *testing.T) *memfs.FS {
	t.Helper()
	disk := memfs.New(memfs.Record())
	must(t, workload(disk))
	return disk
}

func TestCrashAt_LeavesWhatDieAtOpLeaves(t *testing.T) {
	disk := recorded(t)
	for i := range disk.OpCount() + 1 {
		dying := memfs.New(memfs.DieAtOp(i))
		if err := workload(dying); (err != nil) != (i < disk.OpCount()) || err != nil && !errors.Is(err, memfs.ErrPowerCut) {
			t.Fatalf("power cut at operation %d: got error %v", i, err)
		}
		if got := dying.OpCount(); got != i {
			t.Fatalf("%d operations were done without power, want %d", got, i)
		}
		for _, mode := range memfs.CrashModes() {
			for seed := range uint64(8) {
				got, want := dump(t, disk.CrashAt(i, mode, seed)), dump(t, dying.AfterCrash(mode, seed))
				if got != want {
					t.Fatalf("operation %d (%v, seed %d): CrashAt and DieAtOp differ\n%s", i, mode, seed, cmp.Diff(want, got))
				}
			}
		}
	}
}

func TestCrashAt_GoesBack(t *testing.T) {
	disk := recorded(t)
	var forward []string
	for i := range disk.OpCount() + 1 {
		forward = append(forward, dump(t, disk.CrashAt(i, memfs.Torn, 7)))
	}
	for i := disk.OpCount(); i >= 0; i-- {
		if got := dump(t, disk.CrashAt(i, memfs.Torn, 7)); got != forward[i] {
			t.Fatalf("operation %d: -forward +back\n%s", i, cmp.Diff(forward[i], got))
		}
	}
}

func TestCrashAt_RecordsAgainAfterCrash(t *testing.T) {
	again := recorded(t).CrashAt(9, memfs.AllWritten, 0, memfs.Record())
	before := dump(t, again)
	if got := dump(t, again.CrashAt(0, memfs.SyncedOnly, 0)); got != before {
		t.Fatalf("before the first operation: -want +got\n%s", cmp.Diff(before, got))
	}
	must(t, workload(again))
	if got, want := dump(t, again.CrashAt(again.OpCount(), memfs.AllWritten, 0)), dump(t, again); got != want {
		t.Fatalf("after the last operation: -want +got\n%s", cmp.Diff(want, got))
	}
	if got := dump(t, again.CrashAt(0, memfs.SyncedOnly, 0)); got != before {
		t.Fatalf("back to the first operation: -want +got\n%s", cmp.Diff(before, got))
	}
}

func TestAfterCrash_ImagesAreIndependent(t *testing.T) {
	disk := settled(t, 4096)
	first, second := disk.AfterCrash(memfs.SyncedOnly, 0), disk.AfterCrash(memfs.SyncedOnly, 0)
	f := open(t, first, "f", vfs.Write)
	m, err := f.Map(4096)
	must(t, err)
	write(t, f, fill('1', 100), 0)
	if got := m.Bytes()[0]; got != '1' {
		t.Errorf("the mapping of an image shows %q after a write of '1'", got)
	}
	must(t, f.Sync())
	write(t, open(t, disk, "f", vfs.Write), fill('0', 100), 0)
	write(t, open(t, second, "f", vfs.Write), fill('2', 96), 4000)
	got := []string{dump(t, disk), dump(t, first), dump(t, second)}
	want := []string{
		"f: 100×\"0\" 3996×\"o\"\n",
		"f: 100×\"1\" 3996×\"o\"\n",
		"f: 4000×\"o\" 96×\"2\"\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Every crash point of WriteFileDurable leaves the old bytes or the new ones, and the new ones once it returned. To trust this,
// the same check must catch writers that leave out a step.
func TestWriteFileDurable_SurvivesPowerCut(t *testing.T) {
	if got := brokenAt(t, vfs.WriteFileDurable); got != "" {
		t.Error(got)
	}
	for name, write := range map[string]func(vfs.FS, string, []byte) error{
		"without syncing the file":      sloppy(false, true, true),
		"without syncing the directory": sloppy(true, false, true),
		"in place":                      sloppy(true, true, false),
	} {
		if brokenAt(t, write) == "" {
			t.Errorf("writing %s was not caught", name)
		}
	}
}

func brokenAt(t *testing.T, write func(vfs.FS, string, []byte) error) string {
	t.Helper()
	before, after := string(fill('a', 3000)), string(fill('b', 5000))
	disk := memfs.New(memfs.Record())
	must(t, vfs.WriteFileDurable(disk, "f", []byte(before)))
	begin := disk.OpCount()
	must(t, write(disk, "f", []byte(after)))
	end := disk.OpCount()
	for i := begin; i <= end; i++ {
		for _, mode := range memfs.CrashModes() {
			for seed := range uint64(32) {
				got, err := vfs.ReadFile(disk.CrashAt(i, mode, seed), "f")
				ok := err == nil && (string(got) == after || i < end && string(got) == before)
				if !ok {
					return strings.Join([]string{"operation", opName(disk, i), mode.String(), runs(got)}, " ")
				}
			}
		}
	}
	return ""
}

func opName(disk *memfs.FS, i int) string {
	if ops := disk.Ops(); i < len(ops) {
		return ops[i].String()
	}
	return "end"
}

func sloppy(syncFile, syncDir, rename bool) func(vfs.FS, string, []byte) error {
	return func(disk vfs.FS, name string, data []byte) error {
		temp := name
		if rename {
			temp = name + ".new"
		}
		f, err := disk.Open(temp, vfs.Write|vfs.Create)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(data, 0)
		if syncFile {
			err = errors.Join(err, f.Sync())
		}
		if rename {
			err = errors.Join(err, disk.Rename(temp, name))
		}
		if syncDir {
			err = errors.Join(err, disk.SyncDir("."))
		}
		return errors.Join(err, f.Close())
	}
}

func TestOps_AreInOrder(t *testing.T) {
	disk := memfs.New()
	must(t, workload(disk))
	var got []string
	for i, op := range disk.Ops() {
		if op.Seq != i {
			t.Fatalf("operation %d says it is %d", i, op.Seq)
		}
		got = append(got, op.String())
	}
	want := []string{
		"mkdir db", "mkdir db/journals",
		"create db/header.new", "write db/header.new 0+600", "sync db/header.new",
		"rename db/header.new db/header", "syncdir db",
		"create db/data", "write db/data 0+10000", "write db/data 7000+5000", "truncate db/data 9000", "sync db/data",
		"create db/journals/1", "allocate db/journals/1 0+12288",
		"write db/journals/1 0+4096 through", "write db/journals/1 4096+4096 through", "write db/journals/1 8192+4096 through",
		"syncdir db/journals", "rename db/journals/1 db/spare",
		"create db/journals/2", "allocate db/journals/2 0+8192",
		"write db/journals/2 0+4096 through", "write db/journals/2 4096+4096 through",
		"create db/header.new", "write db/header.new 0+700", "sync db/header.new",
		"rename db/header.new db/header", "syncdir db",
		"remove db/journals/2", "remove db/journals",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
