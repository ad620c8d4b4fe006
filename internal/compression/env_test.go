package compression_test

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// valuesTree has what the tests store: keys to stored values.
const valuesTree = "test.values"

// tester is the part of testing.TB that rapid has too.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

// store is an environment whose values are compressed, as the owner of documents would do it.
type store struct {
	disk vfs.FS
	env  *storage.Env
	svc  *compression.Service
	opts compression.Options // what a test wants different

	writing *write // the transaction that a test which fails leaves open; Close would wait for it
}

func openStore(t tester, disk vfs.FS, opts compression.Options) *store {
	t.Helper()
	s := &store{disk: disk, opts: opts}
	s.open(t)
	return s
}

func newStore(t testing.TB) *store {
	t.Helper()
	s := openStore(t, memfs.New(memfs.WithoutCrashes()), compression.Options{})
	t.Cleanup(func() { s.check(t); s.close(t) })
	return s
}

func (s *store) open(t tester) {
	t.Helper()
	env, err := storage.Open(storagetest.Options(s.disk))
	if err != nil {
		t.Fatal(err)
	}
	opts := s.opts
	opts.Env, opts.FS, opts.Dir = env, s.disk, storagetest.Dir
	opts.Now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	opts.Rand = rand.New(rand.NewPCG(7, 8))
	opts.ManualTraining = true
	if opts.TrainAfterValues == 0 {
		opts.TrainAfterValues = 256
	}
	svc, err := compression.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.env, s.svc = env, svc
}

func (s *store) close(t tester) {
	t.Helper()
	if s.writing != nil {
		s.writing.rollback()
	}
	if err := errors.Join(s.svc.Close(), s.env.Close()); err != nil {
		t.Fatal(err)
	}
}

func (s *store) reopen(t tester) {
	t.Helper()
	s.close(t)
	s.open(t)
}

// write is one write transaction of a store.
type write struct {
	*store
	tx      *storage.WriteTx
	session *compression.Session
}

func (s *store) begin(t tester) *write {
	t.Helper()
	tx, err := s.env.Write()
	if err != nil {
		t.Fatal(err)
	}
	s.writing = &write{store: s, tx: tx, session: s.svc.Begin(tx)}
	return s.writing
}

func (w *write) commit(t tester) {
	t.Helper()
	if err := w.tx.Commit(); err != nil {
		t.Fatal(err)
	}
	w.session.Committed()
	w.writing = nil
}

func (w *write) rollback() {
	w.writing = nil
	w.session.Drop()
	w.tx.Rollback()
}

// put stores value under key, compressed as those of name are.
func (w *write) put(t tester, name, key string, value []byte) {
	t.Helper()
	w.release(t, key)
	stored, err := w.session.Compress(nil, name, value)
	if err != nil {
		t.Fatal(err)
	}
	w.place(t, key, stored)
}

func (w *write) place(t tester, key string, stored []byte) {
	t.Helper()
	tree, err := w.tx.WriteTree(valuesTree)
	if err == nil {
		err = tree.Put([]byte(key), stored)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// remove takes key out without releasing its value.
func (w *write) remove(t tester, key string) {
	t.Helper()
	tree, err := w.tx.WriteTree(valuesTree)
	if err == nil {
		_, err = tree.Delete([]byte(key))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *write) delete(t tester, key string) {
	t.Helper()
	w.release(t, key)
	w.remove(t, key)
}

func (w *write) release(t tester, key string) {
	t.Helper()
	if old := storedIn(t, w.tx, key); old != nil {
		if err := w.session.Release(old); err != nil {
			t.Fatal(err)
		}
	}
}

// storedIn returns a copy of what is stored under key; nil when nothing is.
func storedIn(t tester, tx storage.Tx, key string) []byte {
	t.Helper()
	tree, found := tx.Tree(valuesTree)
	if !found {
		return nil
	}
	value, found, err := tree.Get([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return nil
	}
	return bytes.Clone(value)
}

// update runs fn in a transaction that is committed.
func (s *store) update(t tester, fn func(w *write)) {
	t.Helper()
	w := s.begin(t)
	fn(w)
	w.commit(t)
}

// view runs fn on a snapshot.
func (s *store) view(t tester, fn func(tx *storage.ReadTx)) {
	t.Helper()
	if err := s.env.View(func(tx *storage.ReadTx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// putMany commits n orders under keys that begin with prefix, 64 in a transaction.
func (s *store) putMany(t tester, name, prefix string, orders *compressiontest.Orders, n int) map[string][]byte {
	t.Helper()
	put := map[string][]byte{}
	for len(put) < n {
		s.update(t, func(w *write) {
			for range min(64, n-len(put)) {
				key := prefix + string(rune('a'+len(put)%26)) + string(rune('0'+len(put)/26))
				put[key] = orders.Next()
				w.put(t, name, key, put[key])
			}
		})
	}
	return put
}

// train trains what is due and fails when it is not as many as wanted.
func (s *store) train(t tester, want int) {
	t.Helper()
	got, err := s.svc.Train()
	if err != nil || got != want {
		t.Fatalf("trained %d dictionaries, %v, want %d", got, err, want)
	}
}

// wantAll reads everything back and compares.
func (s *store) wantAll(t tester, want map[string][]byte) {
	t.Helper()
	s.view(t, func(tx *storage.ReadTx) { s.wantAllIn(t, tx, want) })
}

func (s *store) wantAllIn(t tester, tx storage.Tx, want map[string][]byte) {
	t.Helper()
	found := 0
	tree, ok := tx.Tree(valuesTree)
	if ok {
		found = int(tree.Entries())
	}
	if found != len(want) {
		t.Fatalf("%d values, want %d", found, len(want))
	}
	var got []byte
	for _, key := range slices.Sorted(maps.Keys(want)) {
		var err error
		if got, err = s.svc.Decompress(tx, got[:0], storedIn(t, tx, key)); err != nil {
			t.Fatalf("read %q: %v", key, err)
		}
		if !bytes.Equal(got, want[key]) {
			t.Fatalf("%q is %q, want %q", key, got, want[key])
		}
	}
}

// check reports everything that is wrong with registry, counts and copies.
func (s *store) check(t tester) {
	t.Helper()
	s.view(t, func(tx *storage.ReadTx) {
		for err := range storage.Check(tx) {
			t.Errorf("check of the environment: %v", err)
		}
		for err := range compression.Check(tx) {
			t.Errorf("check of the registry: %v", err)
		}
		counted := map[uint32]uint64{}
		if tree, found := tx.Tree(valuesTree); found {
			c := tree.Cursor()
			for ok := c.First(); ok; ok = c.Next() {
				h, _, err := zdict.DecodeHeader(c.Value())
				if err != nil {
					t.Errorf("%q: %v", c.Key(), err)
				}
				if h.Dictionary != 0 {
					counted[h.Dictionary]++
				}
			}
		}
		for err := range compression.CheckCounts(tx, counted) {
			t.Errorf("check of the counts: %v", err)
		}
		s.checkCopies(t, counted)
	})
}

// checkCopies compares each file by itself with what values need.
func (s *store) checkCopies(t tester, needed map[uint32]uint64) {
	t.Helper()
	if len(needed) == 0 {
		return
	}
	for _, name := range zdict.CopyNames() {
		file, err := vfs.ReadFile(s.disk, storagetest.Dir+"/"+name)
		if err != nil {
			t.Errorf("copies: %v", err)
			continue
		}
		c, err := zdict.DecodeCopies(file, s.opts.Sealer)
		if err != nil {
			t.Errorf("copies: %v", err)
		}
		known := map[uint32]bool{}
		for _, d := range c.Dictionaries {
			known[d.ID] = true
		}
		for id := range needed {
			if !known[id] {
				t.Errorf("%s lacks dictionary %d, which %d values need", name, id, needed[id])
			}
		}
	}
}

// dictionaryOf returns the id that the value of key was compressed with.
func (s *store) dictionaryOf(t tester, key string) (id uint32) {
	t.Helper()
	s.view(t, func(tx *storage.ReadTx) {
		h, _, err := zdict.DecodeHeader(storedIn(t, tx, key))
		if err != nil {
			t.Fatal(err)
		}
		id = h.Dictionary
	})
	return id
}

// statsOf returns what the service knows of name.
func (s *store) statsOf(t tester, name string) compression.NameStats {
	t.Helper()
	for _, n := range s.svc.Stats().Names {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("nothing is known of %q", name)
	return compression.NameStats{}
}
