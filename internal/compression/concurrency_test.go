package compression_test

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Readers go on while values are written, dictionaries trained in the background and registered; nothing outlives Close.
func TestService_ReadersBesideTraining(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	disk := memfs.New(memfs.WithoutCrashes())
	env, err := storage.Open(storagetest.Options(disk))
	if err != nil {
		t.Fatal(err)
	}
	svc, err := compression.Open(compression.Options{
		Env: env, FS: disk, Dir: storagetest.Dir, Rand: seeded(), TrainAfterValues: 64,
		Now: func() time.Time { return time.Unix(0, 0) }, Wipe: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &store{disk: disk, env: env, svc: svc}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := s.readSome(n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	orders := compressiontest.NewOrders(1)
	for era := range 2 { // until the background has trained for each era
		orders.Era = era
		for n := 0; s.dictionaries() <= era; n++ {
			if n == 50_000 {
				t.Fatalf("the background has no dictionary for era %d", era)
			}
			s.update(t, func(w *write) {
				for i := range 32 {
					w.put(t, "Orders", fmt.Sprintf("orders/%d", i), orders.Next())
				}
			})
			runtime.Gosched()
		}
	}
	close(stop)
	readers.Wait()
	s.check(t)
	s.close(t)
	if err := svc.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// dictionaries is the highest number of a dictionary in use.
func (s *store) dictionaries() int {
	highest := 0
	for _, n := range s.svc.Stats().Names {
		highest = max(highest, int(n.Dictionary))
	}
	return highest
}

func (s *store) readSome(n int) error {
	return s.env.View(func(tx *storage.ReadTx) error {
		tree, found := tx.Tree(valuesTree)
		if !found {
			return nil
		}
		stored, found, err := tree.Get([]byte(fmt.Sprintf("orders/%d", n%32)))
		if err != nil || !found {
			return err
		}
		got, err := s.svc.Decompress(tx, nil, stored)
		if err == nil && !bytes.HasPrefix(got, []byte(`{"`)) {
			err = fmt.Errorf("read %q", got)
		}
		return err
	})
}

// The next transaction may begin before the one before is durable, and uses what that one registered.
func TestSession_NextBeginsBeforeCommitted(t *testing.T) {
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	all := map[string][]byte{}
	finish := func() {}
	for round := range 20 {
		w := s.begin(t)
		for i := range 64 {
			key := fmt.Sprintf("orders/%d/%d", round, i)
			all[key] = orders.Next()
			w.put(t, "Orders", key, all[key])
			if got := s.read(t, w.tx, key); !bytes.Equal(got, all[key]) {
				t.Fatalf("%q reads as %q in its own transaction", key, got)
			}
		}
		finish()
		pending, err := w.tx.CommitAsync()
		if err != nil {
			t.Fatal(err)
		}
		finish = func() {
			if err := pending.Wait(); err != nil {
				t.Fatal(err)
			}
			w.session.Committed()
		}
		if _, err := s.svc.Train(); err != nil {
			t.Fatal(err)
		}
	}
	finish()
	if s.statsOf(t, "Orders").Dictionary != 1 {
		t.Errorf("dictionary %d, want 1", s.statsOf(t, "Orders").Dictionary)
	}
	s.wantAll(t, all)
}

// When a commit fails on which another transaction builds already, both are gone, and so is the dictionary that the first
// registered and the second used.
func TestSession_FailsWithTheCommitItBuildsOn(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	s := openStore(t, disk, compression.Options{})
	defer s.close(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)

	first := s.begin(t)
	for i := range 500 { // more than the journal at hand
		first.put(t, "Orders", fmt.Sprintf("big/%d", i), orders.Noise(4000))
	}
	first.put(t, "Orders", "first", orders.Next())
	pending, err := first.tx.CommitAsync()
	if err != nil {
		t.Fatal(err)
	}
	second := s.begin(t)
	second.put(t, "Orders", "second", orders.Next())
	for _, key := range []string{"first", "second"} {
		if h, _, err := zdict.DecodeHeader(storedIn(t, second.tx, key)); err != nil || h.Dictionary != 1 {
			t.Fatalf("%q: %+v, %v, want dictionary 1", key, h, err)
		}
		s.read(t, second.tx, key)
	}
	disk.SetSizeBytesMax(1)
	if err := pending.Wait(); fault.Of(err) != fault.Unavailable {
		t.Fatalf("commit on a full disk: %v", err)
	}
	if err := second.tx.Commit(); err == nil {
		t.Fatal("a commit succeeded that builds on one which failed")
	}
	first.session.Drop()
	second.session.Drop()
	disk.SetSizeBytesMax(0)

	s.check(t)
	maps.Copy(all, s.putMany(t, "Orders", "new", orders, 20))
	if s.dictionaryOf(t, "newa0") != 1 {
		t.Errorf("dictionary %d, want 1", s.dictionaryOf(t, "newa0"))
	}
	s.wantAll(t, all)
	s.reopen(t)
	s.wantAll(t, all)
	s.check(t)
}

// More names than encoders and decoders are kept: each has its dictionary all the same, and memory is bounded.
func TestService_KeepsABoundedNumberOfCoders(t *testing.T) {
	s := openStore(t, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 64})
	defer s.close(t)
	orders := compressiontest.NewOrders(1)
	all := map[string][]byte{}
	const names = compression.DecodersCachedMax + 6
	put := func(i, n int) {
		t.Helper()
		s.update(t, func(w *write) {
			for k := range n {
				key := fmt.Sprintf("%d/%d", i, k)
				all[key] = orders.Next()
				w.put(t, fmt.Sprintf("name%d", i), key, all[key])
			}
		})
	}
	for i := range names {
		put(i, 65)
		s.train(t, 1)
		put(i, 2)
	}
	for range 2 {
		s.wantAll(t, all)
	}
	s.update(t, func(w *write) { // all names in one transaction
		for i := range names {
			key := fmt.Sprintf("%d/last", i)
			all[key] = orders.Next()
			w.put(t, fmt.Sprintf("name%d", i), key, all[key])
		}
		if got := w.session.Encoders(); got > compression.EncodersMax {
			t.Errorf("the session holds %d encoders, at most %d are right", got, compression.EncodersMax)
		}
	})
	s.wantAll(t, all)
	decoders, encoders := s.svc.Kept()
	if decoders > compression.DecodersCachedMax+1 || encoders > compression.EncodersMax || decoders < 2 || encoders < 2 {
		t.Errorf("%d decoders and %d encoders are kept", decoders, encoders)
	}
	s.check(t)
}
