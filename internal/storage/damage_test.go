package storage_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
	"github.com/zeebo/xxh3"
)

const (
	dataFile  = storagetest.Dir + "/data"
	headerOne = storagetest.Dir + "/header.one"
	headerTwo = storagetest.Dir + "/header.two"
)

// written returns a disk with an environment, some of whose commits are only in the journals, and all its states.
func written(t *testing.T, seed uint64) (*memfs.FS, []uint64) {
	t.Helper()
	disk := memfs.New()
	return writtenWith(t, storagetest.Options(disk), disk, seed)
}

// writtenWith is written with these options, which are for disk.
func writtenWith(t *testing.T, opts storage.Options, disk *memfs.FS, seed uint64) (*memfs.FS, []uint64) {
	t.Helper()
	w := storagetest.NewWorkload(seed)
	env, err := storage.Open(opts)
	must(t, err)
	digests := []uint64{w.Digest()}
	for i := range 60 {
		must(t, w.Commit(env))
		digests = append(digests, w.Digest())
		if i == 25 || i == 40 {
			must(t, env.Flush())
			must(t, env.Sync())
		}
	}
	left := disk.AfterCrash(memfs.SyncedOnly, 0)
	must(t, env.Close())
	return left, digests
}

func TestOpen_UsesTheOtherHeader(t *testing.T) {
	flip := func(b []byte) []byte { b[50]++; return b }
	for _, file := range []string{headerOne, headerTwo} {
		for how, change := range map[string]func([]byte) []byte{
			"flip": flip, "cut": func(b []byte) []byte { return b[:100] }, "empty": func([]byte) []byte { return nil },
		} {
			disk, digests := written(t, 3)
			disk.Corrupt(file, change)
			env := storagetest.Open(t, disk)
			if got := digestOf(t, env); got != digests[len(digests)-1] {
				t.Errorf("%s of %s: another state", how, file)
			}
			must(t, env.Close())
		}
	}
	disk, _ := written(t, 3)
	disk.Corrupt(headerOne, flip)
	disk.Corrupt(headerTwo, flip)
	var corrupt *storage.CorruptError
	if _, err := storage.Open(storagetest.Options(disk)); !errors.As(err, &corrupt) {
		t.Errorf("both damaged: got %v, want *CorruptError", err)
	}
}

func TestOpen_LeavesANewerFormatAlone(t *testing.T) {
	disk, _ := written(t, 4)
	disk.Corrupt(headerTwo, func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b[8:], storage.FormatVersion+1)
		binary.LittleEndian.PutUint64(b[len(b)-8:], xxh3.Hash(b[:len(b)-8]))
		return b
	})
	before := contents(t, disk)
	var newer *storage.NewerFormatError
	_, err := storage.Open(storagetest.Options(disk))
	if !errors.As(err, &newer) || newer.Found != storage.FormatVersion+1 {
		t.Fatalf("got %v, want *NewerFormatError", err)
	}
	if contents(t, disk) != before {
		t.Error("files were changed")
	}
}

// contents are all files of the environment but the lock.
func contents(t *testing.T, disk *memfs.FS) string {
	t.Helper()
	var all strings.Builder
	for _, name := range disk.Files() {
		if strings.HasSuffix(name, "/lock") {
			continue
		}
		b, err := vfs.ReadFile(disk, name)
		must(t, err)
		fmt.Fprintf(&all, "%s %d %x\n", name, len(b), xxh3.Hash(b))
	}
	return all.String()
}

func TestOpen_NoticesThatTheDataFileIsGone(t *testing.T) {
	disk, _ := written(t, 5)
	must(t, disk.Remove(dataFile))
	var corrupt *storage.CorruptError
	if _, err := storage.Open(storagetest.Options(disk)); !errors.As(err, &corrupt) {
		t.Errorf("got %v, want *CorruptError", err)
	}
}

func TestOpen_IgnoresAnInvalidJournalWhenTold(t *testing.T) {
	disk, digests := written(t, 6)
	journals, err := disk.List(storagetest.Dir + "/journals")
	must(t, err)
	second := journals[1] // the first goes on where the header says; names of spares come last
	disk.Corrupt(storagetest.Dir+"/journals/"+second, func(b []byte) []byte { b[300]++; return b })
	var corrupt *storage.CorruptError
	if _, err := storage.Open(storagetest.Options(disk)); !errors.As(err, &corrupt) {
		t.Fatalf("got %v, want *CorruptError", err)
	}
	opts := storagetest.Options(disk)
	opts.IgnoreInvalidJournal = true
	env, err := storage.Open(opts)
	must(t, err)
	if got := digestOf(t, env); got == digests[len(digests)-1] {
		t.Error("nothing was lost: the test damaged the wrong place")
	}
	must(t, env.Update(func(tx *storage.WriteTx) error { _, err := tx.WriteTree("new"); return err }))
	must(t, env.Close())
	storagetest.Open(t, disk) // without the option: the loss is behind us
}

func TestRead_OfADamagedPageRefusesWritesFromThenOn(t *testing.T) {
	disk, w := memfs.New(), storagetest.NewWorkload(8)
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	for range 30 {
		must(t, w.Commit(env))
	}
	must(t, env.Close())
	disk.Corrupt(dataFile, func(b []byte) []byte {
		for i := 3 * 8192; i < len(b); i += 8192 {
			b[i+5000]++
		}
		return b
	})
	env, err = storage.Open(storagetest.Options(disk))
	must(t, err)
	defer env.Close()
	var corrupt *storage.CorruptError
	err = env.View(func(tx *storage.ReadTx) error { _, err := storagetest.DigestOf(tx); return err })
	if !errors.As(err, &corrupt) || corrupt.Page == 0 {
		t.Fatalf("got %v, want *CorruptError with a page", err)
	}
	err = env.Update(func(*storage.WriteTx) error { return nil })
	var failed *storage.FailedError
	if !errors.As(err, &failed) || fault.Of(err) != fault.Corrupt {
		t.Errorf("got %v, want *FailedError of kind corrupt", err)
	}
}

// damageEachPage changes one byte in each page.
func damageEachPage(b []byte) []byte {
	b = bytes.Clone(b)
	for off := 100; off < len(b); off += page.SizeBytes {
		b[off] ^= 1
	}
	return b
}

// TestRead_VerifiesAPageAgainAfterItWasWritten: that a page was sound once says nothing of its next version.
func TestRead_VerifiesAPageAgainAfterItWasWritten(t *testing.T) {
	disk := memfs.New()
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	defer env.Close()
	for _, value := range []string{"first", "other"} {
		must(t, put(env, "key", value))
		must(t, env.Flush())
		if value == "first" {
			must(t, env.View(func(tx *storage.ReadTx) error { get(t, tx, "key"); return nil }))
		}
	}
	disk.Corrupt(dataFile, damageEachPage)
	err = env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		_, _, err := tree.Get([]byte("key"))
		return err
	})
	if _, ok := errors.AsType[*storage.CorruptError](err); !ok {
		t.Errorf("got %v, want *CorruptError", err)
	}
}
