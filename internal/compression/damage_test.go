package compression_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const pageBytes = 8192 // of the data file

// rescues counts how often the service says that it read a dictionary from a copy.
type rescues struct{ count int }

func (r *rescues) Enabled(context.Context, slog.Level) bool { return true }
func (r *rescues) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *rescues) WithGroup(string) slog.Handler            { return r }
func (r *rescues) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "dictionary read from a copy" {
		r.count++
	}
	return nil
}

// onDisk returns a disk whose data file has all: values without dictionary, and with each of two.
func onDisk(t *testing.T) (*memfs.FS, map[string][]byte) {
	t.Helper()
	disk := memfs.New()
	s := openStore(t, disk, compression.Options{})
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)
	orders.Era = 1
	s.retrain(t, orders, all)
	s.close(t)
	return disk, all
}

// Any page may be destroyed. A value whose own bytes can still be had is read: with the registry, or with the copies.
func TestDamage_CopiesStandInForTheRegistry(t *testing.T) {
	disk, all := onDisk(t)
	const data = storagetest.Dir + "/data"
	info, err := disk.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	log := &rescues{}
	readable, lost := 0, 0
	for no := range info.SizeBytes / pageBytes {
		if testing.Short() && no%4 != 0 {
			continue
		}
		left := disk.AfterCrash(memfs.SyncedOnly, 0)
		left.Corrupt(data, func(b []byte) []byte {
			for i := range pageBytes {
				b[int(no)*pageBytes+i] ^= 0x5a
			}
			return b
		})
		env, err := storage.Open(storagetest.Options(left))
		if err != nil {
			continue // the free space or the last pages: storage's own tests speak of it
		}
		svc, err := compression.Open(compression.Options{
			Env: env, FS: left, Dir: storagetest.Dir, Logger: slog.New(log), ManualTraining: true,
			Now: func() time.Time { return time.Unix(0, 0) }, Rand: seeded(),
		})
		if err != nil {
			t.Fatalf("page %d destroyed: %v", no, err)
		}
		r, l := readAllPossible(t, svc, env, all, no)
		readable, lost = readable+r, lost+l
		if err := svc.Close(); err != nil {
			t.Fatal(err)
		}
		_ = env.Close() // it may have failed by what was read
	}
	t.Logf("%d values read, %d lost with their own pages, %d dictionaries read from a copy", readable, lost, log.count)
	if log.count == 0 || readable == 0 {
		t.Error("no copy was needed: nothing was tested")
	}
}

func readAllPossible(t *testing.T, svc *compression.Service, env *storage.Env, all map[string][]byte, no int64) (readable, lost int) {
	t.Helper()
	err := env.View(func(tx *storage.ReadTx) error {
		tree, found := tx.Tree(valuesTree)
		if !found {
			return fmt.Errorf("page %d destroyed: the values are gone without an error", no)
		}
		for key, want := range all {
			stored, found, err := tree.Get([]byte(key))
			if err != nil {
				lost++
				continue
			}
			got, err := svc.Decompress(tx, nil, stored)
			if !found || err != nil || !bytes.Equal(got, want) {
				return fmt.Errorf("page %d destroyed: %q (found: %v): %w", no, key, found, err)
			}
			readable++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return readable, lost
}

// A tool that has no environment reads with one file of copies, and with what is left of the registry.
func TestDamage_EachCopyIsEnough(t *testing.T) {
	disk, all := onDisk(t)
	s := openStore(t, disk, compression.Options{})
	defer s.close(t)
	for _, name := range zdict.CopyNames() {
		file, err := vfs.ReadFile(disk, storagetest.Dir+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		copies, err := zdict.DecodeCopies(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		set, err := zdict.NewSet()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range copies.Dictionaries {
			if err := set.Add(d); err != nil {
				t.Fatal(err)
			}
		}
		s.view(t, func(tx *storage.ReadTx) {
			for key, want := range all {
				got, err := set.Append(nil, storedIn(t, tx, key))
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%s: %q: %v", name, key, err)
				}
			}
			list, err := compression.Dictionaries(tx, disk, storagetest.Dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(list, copies.Dictionaries); diff != "" {
				t.Errorf("registry (-) and %s (+) differ:\n%s", name, diff)
			}
		})
	}
}

// Copies that are missing, damaged or behind are written anew when the environment is opened, and are not needed until then.
func TestOpen_MendsCopies(t *testing.T) {
	disk, all := onDisk(t)
	one, two := storagetest.Dir+"/"+zdict.CopyNames()[0], storagetest.Dir+"/"+zdict.CopyNames()[1]
	f := func(what string, spoil func(disk *memfs.FS)) {
		t.Helper()
		left := disk.AfterCrash(memfs.SyncedOnly, 0)
		spoil(left)
		_, before := compression.ReadCopies(left, storagetest.Dir, nil)
		if fault.Of(before) != fault.Corrupt && !isMissing(before) {
			t.Errorf("%s: reading the copies gave %v", what, before)
		}
		s := openStore(t, left, compression.Options{})
		defer s.close(t)
		s.wantAll(t, all)
		s.check(t)
		if _, err := compression.ReadCopies(left, storagetest.Dir, nil); err != nil {
			t.Errorf("%s: after opening: %v", what, err)
		}
	}
	remove := func(names ...string) func(*memfs.FS) {
		return func(disk *memfs.FS) {
			for _, name := range names {
				if err := disk.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	flip := func(names ...string) func(*memfs.FS) {
		return func(disk *memfs.FS) {
			for _, name := range names {
				disk.Corrupt(name, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
			}
		}
	}
	f("first removed", remove(one))
	f("second removed", remove(two))
	f("both removed", remove(one, two))
	f("first damaged", flip(one))
	f("second damaged", flip(two))
	f("both damaged", flip(one, two))
}

func isMissing(err error) bool { return err != nil && errors.Is(err, fs.ErrNotExist) }
