package compression_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Data that changes makes the dictionary a poor one; after training anew the ratio is what it was. Everything is seeded, so
// the figures are the same each time: the bounds leave room for other versions of zstd only.
func TestDrift_RatioRecoversAfterRetraining(t *testing.T) {
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "first", orders, 300)
	without := s.statsOf(t, "Orders").Ratio
	s.train(t, 1)
	write := func(prefix string) float64 {
		t.Helper()
		maps.Copy(all, s.putMany(t, "Orders", prefix, orders, 600))
		return s.statsOf(t, "Orders").Ratio
	}
	fitting := write("fitting")
	s.train(t, 0) // it does well, so there is nothing to do
	orders.Era = 1
	drifted := fitting
	for n := 0; s.statsOf(t, "Orders").Dictionary == 1; n++ {
		if n == 30 {
			t.Fatal("no new dictionary for data that the old one does not fit")
		}
		maps.Copy(all, s.putMany(t, "Orders", "drifted"+string(rune('a'+n)), orders, 64))
		drifted = min(drifted, s.statsOf(t, "Orders").Ratio)
		if _, err := s.svc.Train(); err != nil {
			t.Fatal(err)
		}
	}
	recovered := write("recovered")
	t.Logf("ratio %.2f without a dictionary, %.2f with one, %.2f after the data changed, %.2f after retraining",
		without, fitting, drifted, recovered)
	if fitting < 2*without || drifted > 0.6*fitting || recovered < 0.85*fitting {
		t.Errorf("ratio %.2f, then %.2f, %.2f, %.2f", without, fitting, drifted, recovered)
	}
	s.wantAll(t, all)
	if first, last := s.dictionaryOf(t, "fittinga0"), s.dictionaryOf(t, "recovereda0"); first != 1 || last != 2 {
		t.Errorf("values need dictionaries %d and %d, want 1 and 2", first, last)
	}
	s.reopen(t)
	s.wantAll(t, all)
}

// Data that nothing fits is trained on in vain, and not again and again.
func TestDrift_TrainingInVainWaits(t *testing.T) {
	s, orders, all := trainedStore(t)
	for n := range 30 {
		s.update(t, func(w *write) {
			for i := range 128 {
				key := "noise" + string(rune('a'+n)) + string(rune('0'+i))
				all[key] = orders.Noise(300)
				w.put(t, "Orders", key, all[key])
			}
		})
		s.train(t, 0)
	}
	stats := s.svc.Stats()
	if stats.InVain == 0 || stats.InVain > 3 || stats.Trainings != stats.InVain+1 {
		t.Errorf("%d trainings, %d of them in vain, for 3840 values of noise", stats.Trainings, stats.InVain)
	}
	s.wantAll(t, all)
}

// What was rolled back is no part of what is learned.
func TestDrift_LearnsFromCommittedValuesOnly(t *testing.T) {
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	for range 5 {
		w := s.begin(t)
		for range 100 {
			if _, err := w.session.Compress(nil, "Orders", orders.Next()); err != nil {
				t.Fatal(err)
			}
		}
		w.rollback()
	}
	// A session that claims a commit that was none teaches nothing either.
	w := s.begin(t)
	for range 300 {
		if _, err := w.session.Compress(nil, "Orders", orders.Next()); err != nil {
			t.Fatal(err)
		}
	}
	w.tx.Rollback()
	w.session.Committed()
	s.train(t, 0)
	if stats := s.svc.Stats(); stats.Values != 0 || stats.Trainings != 0 {
		t.Errorf("%d values and %d trainings of transactions that were rolled back", stats.Values, stats.Trainings)
	}
}

// A name has a bounded number of dictionaries, as long as values need them.
func TestDrift_DictionariesOfANameAreBounded(t *testing.T) {
	s := openStore(t, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 64})
	defer s.close(t)
	orders := compressiontest.NewOrders(1)
	all := map[string][]byte{}
	// learn writes orders of an era until something came of it, and says whether that was a dictionary.
	learn := func(era, rounds int) bool {
		t.Helper()
		orders.Era = era
		for n := range rounds {
			maps.Copy(all, s.putMany(t, "Orders", fmt.Sprintf("era%c%c", 'a'+era, 'a'+n), orders, 64))
			made, err := s.svc.Train()
			if err != nil {
				t.Fatal(err)
			}
			if made > 0 {
				maps.Copy(all, s.putMany(t, "Orders", fmt.Sprintf("era%c/new", 'a'+era), orders, 8))
				return true
			}
		}
		return false
	}
	for era := range 8 {
		if !learn(era, 20) {
			t.Fatalf("no dictionary for era %d", era)
		}
	}
	if learn(8, 20) || s.statsOf(t, "Orders").Dictionary != 8 || s.svc.Stats().Postponed == 0 {
		t.Errorf("a ninth dictionary, though values need all eight: %+v", s.svc.Stats())
	}
	s.wantAll(t, all)
	// When values of the first are gone there is room for another.
	s.update(t, func(w *write) {
		for key := range all {
			if key[3] < 'h' {
				w.delete(t, key)
				delete(all, key)
			}
		}
	})
	if !learn(9, 25) {
		t.Error("no ninth dictionary, though the first ones are unused")
	}
	s.wantAll(t, all)
	s.check(t)
}

// Many names share the memory for samples; none of them keeps the others from their dictionary for ever.
func TestDrift_NamesTakeTurnsToCollect(t *testing.T) {
	s := openStore(t, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 64})
	defer s.close(t)
	orders := compressiontest.NewOrders(1)
	name := func(i int) string { return "name" + string(rune('a'+i)) }
	const names = 24
	for range 12 {
		for i := range names {
			s.update(t, func(w *write) {
				for range 16 {
					w.put(t, name(i), "key"+name(i), orders.Next())
				}
			})
		}
		if _, err := s.svc.Train(); err != nil {
			t.Fatal(err)
		}
	}
	collecting, trained := 0, 0
	for _, n := range s.svc.Stats().Names {
		if n.Dictionary != 0 {
			trained++
		}
		if n.Collecting {
			collecting++
		}
	}
	if trained != names || collecting > 16 {
		t.Errorf("%d of %d names have a dictionary, %d collect", trained, names, collecting)
	}
	s.check(t)
}
