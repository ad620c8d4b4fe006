package journal_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const dir = "journals"

func newDisk(t *testing.T, opts ...memfs.Option) *memfs.FS {
	t.Helper()
	disk := memfs.New(opts...)
	if err := disk.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	return disk
}

func options(fs vfs.FS) journal.Options {
	return journal.Options{FS: fs, Dir: dir, Env: journal.EnvID{7}, BytesMin: 8 << 10, BytesMax: 32 << 10, CompressAbove: never}
}

func create(t *testing.T, opts journal.Options) *journal.Log {
	t.Helper()
	log, err := journal.Create(opts, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// write appends a record whose payload is size bytes of text.
func write(t *testing.T, log *journal.Log, tx, size int) journal.Appended {
	t.Helper()
	a, err := log.Append(journal.Header{Tx: uint64(tx), NextPage: 3, State: fmt.Append(nil, "state ", tx)}, payload(tx, size))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func payload(tx, size int) []byte {
	return []byte(strings.Repeat(fmt.Sprint("tx ", tx, ";"), size)[:size])
}

// replay returns what is found of the records, one line for each.
func replay(opts journal.Options, from journal.Start) (lines []string, end journal.End, err error) {
	end, err = journal.Replay(opts, from, func(r journal.Record) error {
		lines = append(lines, fmt.Sprintf("%d %s %d", r.Tx, r.State, len(r.Payload)))
		return nil
	})
	return lines, end, err
}

func TestReplay_FindsWhatWasAppended(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	var want []string
	var last journal.Appended
	for tx := 1; tx <= 30; tx++ {
		size := tx * 997 // up to 30 KB: larger than the first files
		last = write(t, log, tx, size)
		want = append(want, fmt.Sprintf("%d state %d %d", tx, tx, size))
		if err := log.Prepare(); err != nil {
			t.Fatal(err)
		}
	}
	got, end, err := replay(options(disk), journal.Start{Position: journal.Position{Journal: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantStart := journal.Start{Position: last.End, Tx: 30, Hash: last.Hash}
	if diff := cmp.Diff(wantStart, end.Start); diff != "" {
		t.Error(diff)
	}
	if log.Stats().Rotations < 5 {
		t.Errorf("%d rotations: the test is about several files", log.Stats().Rotations)
	}
}

func TestReplay_BeginsWhereItIsTold(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	var middle journal.Appended
	for tx := 1; tx <= 9; tx++ {
		if a := write(t, log, tx, 3000); tx == 5 {
			middle = a
		}
	}
	got, _, err := replay(options(disk), journal.Start{Position: middle.End, Tx: 5, Hash: middle.Hash})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"6 state 6 3000", "7 state 7 3000", "8 state 8 3000", "9 state 9 3000"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReplay_EndsAtATornRecord(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	for tx := 1; tx <= 4; tx++ {
		write(t, log, tx, 3000)
	}
	end := log.End()
	disk.Corrupt(fmt.Sprintf("%s/%019d.journal", dir, end.Journal), func(b []byte) []byte {
		b[end.Off-2000]++ // in the payload of the last record
		return b
	})
	got, _, err := replay(options(disk), journal.Start{Position: journal.Position{Journal: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if want := 3; len(got) != want {
		t.Errorf("%d records, want %d", len(got), want)
	}
}

func TestReplay_RefusesAHoleInTheMiddle(t *testing.T) {
	f := func(name string, damage func(disk *memfs.FS)) {
		t.Helper()
		disk := newDisk(t)
		log := create(t, options(disk))
		for tx := 1; tx <= 9; tx++ { // 2 in the first file, 4 in the second, 3 in the third
			write(t, log, tx, 3000)
		}
		damage(disk)
		start := journal.Start{Position: journal.Position{Journal: 1}}
		got, _, err := replay(options(disk), start)
		if _, ok := errors.AsType[*journal.CorruptError](err); !ok {
			t.Errorf("%s: got %v after %d records, want *CorruptError", name, err, len(got))
		}
		ignoring := options(disk)
		ignoring.IgnoreInvalid = true
		_, end, err := replay(ignoring, start)
		if err != nil || end.Ignored == nil {
			t.Errorf("%s: ignoring it gave %v, ignored %v", name, err, end.Ignored)
		}
		if end.TxSeen != 9 {
			t.Errorf("%s: newest transaction seen is %d, want 9", name, end.TxSeen)
		}
	}
	flip := func(number int, off int64) func(*memfs.FS) {
		return func(disk *memfs.FS) {
			disk.Corrupt(fmt.Sprintf("%s/%019d.journal", dir, number), func(b []byte) []byte {
				b[off] ^= 4
				return b
			})
		}
	}
	f("first record", flip(1, 500))
	f("last record of a file", flip(1, 4500))
	f("header of a record in the middle", flip(2, 8192+20))
	f("first record of the last file", flip(3, 300))
	f("a missing file in the middle", func(disk *memfs.FS) {
		if err := disk.Remove(fmt.Sprintf("%s/%019d.journal", dir, 2)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRetire_RecyclesUsedFiles(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	for tx := 1; tx <= 400; tx++ {
		write(t, log, tx, 3000)
		if tx%10 == 0 {
			if err := log.Retire(log.End().Journal); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := log.Stats()
	if s.Recycled < 10 || s.Spares > journal.SparesMax || s.Files > 8 {
		t.Errorf("%+v: want many recycled, few kept", s)
	}
	if used := disk.UsedBytes(); used > 8*32<<10 {
		t.Errorf("%d bytes on disk", used)
	}
	// What a recycled file holds of its former life is no record.
	got, _, err := replay(options(disk), journal.Start{Position: journal.Position{Journal: s.FirstNumber}, Tx: firstTx(t, disk, s.FirstNumber) - 1, Hash: prevHash(t, disk, s.FirstNumber)})
	if err != nil {
		t.Fatal(err)
	}
	if last := got[len(got)-1]; last != "400 state 400 3000" {
		t.Errorf("the last record is %q", last)
	}
}

func firstRecord(t *testing.T, disk vfs.FS, number uint64) journal.Record {
	t.Helper()
	b, err := vfs.ReadFile(disk, fmt.Sprintf("%s/%019d.journal", dir, number))
	if err != nil {
		t.Fatal(err)
	}
	r, err := journal.DecodeRecord(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func firstTx(t *testing.T, disk vfs.FS, number uint64) uint64 {
	t.Helper()
	return firstRecord(t, disk, number).Tx
}

func prevHash(t *testing.T, disk vfs.FS, number uint64) uint64 {
	t.Helper()
	return firstRecord(t, disk, number).Prev
}

func TestAppend_GoesOnAfterAFullDisk(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	write(t, log, 1, 3000)
	write(t, log, 2, 3000)
	disk.SetSizeBytesMax(disk.UsedBytes() + 4096)
	for range 3 {
		if _, err := log.Append(journal.Header{Tx: 3}, payload(3, 3000)); !errors.Is(err, vfs.ErrNoSpace) {
			t.Fatalf("got %v, want ErrNoSpace", err)
		}
	}
	disk.SetSizeBytesMax(0)
	write(t, log, 3, 3000)
	got, _, err := replay(options(disk), journal.Start{Position: journal.Position{Journal: 1}})
	if err != nil || len(got) != 3 {
		t.Errorf("%q, %v: want 3 records", got, err)
	}
}

func TestAppend_RefusesWhatNoRecordHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 1 GiB of address space")
	}
	log := create(t, options(newDisk(t)))
	var large *journal.TooLargeError
	if _, err := log.Append(journal.Header{Tx: 1}, make([]byte, journal.PayloadBytesMax+1)); !errors.As(err, &large) {
		t.Errorf("got %v, want *TooLargeError", err)
	}
}

// TestReplay_AfterPowerCut: whatever a power cut leaves, the confirmed records are found, and at most the one in flight.
func TestReplay_AfterPowerCut(t *testing.T) {
	workload := func(disk *memfs.FS) (acked int) {
		if disk.MkdirAll(dir) != nil {
			return 0
		}
		log, err := journal.Create(options(disk), 0)
		if err != nil {
			return 0
		}
		for tx := 1; tx <= 20; tx++ {
			if _, err := log.Append(journal.Header{Tx: uint64(tx), State: fmt.Append(nil, "state ", tx)}, payload(tx, tx*400)); err != nil {
				return acked
			}
			acked = tx
			if log.Prepare() != nil {
				return acked
			}
		}
		return acked
	}
	whole := memfs.New()
	workload(whole)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range whole.OpCount() {
		disk := memfs.New(memfs.DieAtOp(i))
		acked := workload(disk)
		for _, mode := range memfs.CrashModes() {
			left := disk.AfterCrash(mode, random.Uint64())
			got, _, err := replay(options(left), journal.Start{Position: journal.Position{Journal: 1}})
			if err != nil {
				if acked == 0 {
					continue // the first file had no name yet
				}
				t.Fatalf("op %d, %v, %d acknowledged: %v", i, mode, acked, err)
			}
			if len(got) != acked && len(got) != acked+1 {
				t.Fatalf("op %d, %v: %d records, %d were acknowledged", i, mode, len(got), acked)
			}
		}
	}
}

// TestRetire_KeepsNoFileOfAHugeRecord: eight of them would hold gigabytes for good.
func TestRetire_KeepsNoFileOfAHugeRecord(t *testing.T) {
	disk := newDisk(t)
	opts := options(disk)
	log := create(t, opts)
	for tx := 1; tx <= 4; tx++ {
		write(t, log, tx, int(8*opts.BytesMax))
	}
	last := write(t, log, 5, 100)
	if err := log.Retire(last.End.Journal); err != nil {
		t.Fatal(err)
	}
	if s := log.Stats(); s.SpareBytes > int64(s.Spares)*opts.BytesMax {
		t.Errorf("%d spare files have %d bytes, want at most %d each", s.Spares, s.SpareBytes, opts.BytesMax)
	}
}

// TestReplay_TakesNoRecordOfAnotherChain: a valid record of the next transaction that does not name the hash of the one before
// it belongs to a log that was begun anew elsewhere, after a header that is not this one.
func TestReplay_TakesNoRecordOfAnotherChain(t *testing.T) {
	disk := newDisk(t)
	log := create(t, options(disk))
	write(t, log, 1, 100)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := journal.Create(options(disk), 4711)
	if err != nil {
		t.Fatal(err)
	}
	write(t, other, 2, 100)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	got, _, err := replay(options(disk), journal.Start{Position: journal.Position{Journal: 1}})
	if _, ok := errors.AsType[*journal.CorruptError](err); !ok {
		t.Errorf("got %v and records %v, want *CorruptError", err, got)
	}
}
