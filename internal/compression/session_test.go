package compression_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
)

// trainedStore has a dictionary for "Orders", number 1, which the values under "new" need.
func trainedStore(t testing.TB) (*store, *compressiontest.Orders, map[string][]byte) {
	t.Helper()
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)
	maps.Copy(all, s.putMany(t, "Orders", "new", orders, 20))
	if s.dictionaryOf(t, "olda0") != 0 || s.dictionaryOf(t, "newa0") != 1 {
		t.Fatalf("dictionaries %d and %d, want 0 before the training and 1 after it", s.dictionaryOf(t, "olda0"), s.dictionaryOf(t, "newa0"))
	}
	return s, orders, all
}

func TestCompress_UsesADictionaryOnceThereIsOne(t *testing.T) {
	s, _, all := trainedStore(t)
	s.wantAll(t, all)
	s.reopen(t)
	s.wantAll(t, all)
	s.view(t, func(tx *storage.ReadTx) {
		old, new := len(storedIn(t, tx, "olda0")), len(storedIn(t, tx, "newa0"))
		if new*2 > old {
			t.Errorf("%d bytes with the dictionary, %d without", new, old)
		}
		var dump strings.Builder
		if err := compression.Dump(&dump, tx); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`dictionary 1 of "Orders", for new values`, "needed by 20\n", "trained 2023-11-14T22:13:20.000Z"} {
			if !strings.Contains(dump.String(), want) {
				t.Errorf("dump lacks %q:\n%s", want, dump.String())
			}
		}
	})
}

// The fault that others have had: a dictionary of a transaction that was rolled back stayed in memory, and what was written later
// could not be read.
func TestCompress_ForgetsWhatWasRolledBack(t *testing.T) {
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)

	w := s.begin(t)
	w.put(t, "Orders", "dropped", orders.Next())
	if h, _, err := zdict.DecodeHeader(storedIn(t, w.tx, "dropped")); err != nil || h.Dictionary == 0 {
		t.Fatalf("the transaction registered no dictionary: %+v, %v", h, err)
	}
	s.wantAllIn(t, w.tx, merged(all, "dropped", s.read(t, w.tx, "dropped")))
	w.rollback()

	s.check(t) // nothing of it may be left
	maps.Copy(all, s.putMany(t, "Orders", "later", orders, 20))
	s.wantAll(t, all)
	s.reopen(t)
	s.wantAll(t, all)
	s.check(t)
	if s.dictionaryOf(t, "latera0") == 0 {
		t.Error("what was trained is lost with the transaction")
	}
}

// The same when the process ends between: ids that the copies know are not given to other dictionaries.
func TestCompress_GivesNoIDTwice(t *testing.T) {
	s := newStore(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)
	w := s.begin(t)
	w.put(t, "Orders", "dropped", orders.Next())
	w.rollback()
	s.reopen(t)
	orders.Era = 1 // the next dictionary is another one
	maps.Copy(all, s.putMany(t, "Orders", "more", orders, 300))
	s.train(t, 1)
	maps.Copy(all, s.putMany(t, "Orders", "new", orders, 20))
	if id := s.dictionaryOf(t, "newa0"); id != 2 {
		t.Errorf("dictionary %d, want 2: number 1 was another one", id)
	}
	s.reopen(t)
	s.wantAll(t, all)
}

func (s *store) read(t tester, tx storage.Tx, key string) []byte {
	t.Helper()
	value, err := s.svc.Decompress(tx, nil, storedIn(t, tx, key))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func merged(all map[string][]byte, key string, value []byte) map[string][]byte {
	all = maps.Clone(all)
	all[key] = value
	return all
}

// A value is compressed once: to move it is to copy its bytes.
func TestCompress_MovedValuesKeepTheirBytes(t *testing.T) {
	s, _, all := trainedStore(t)
	moved := map[string][]byte{}
	s.update(t, func(w *write) {
		for key, value := range all {
			stored := storedIn(t, w.tx, key)
			w.remove(t, key)
			w.place(t, "moved/"+key, stored)
			if got := storedIn(t, w.tx, "moved/"+key); !bytes.Equal(got, stored) {
				t.Errorf("%q changed on its way", key)
			}
			moved["moved/"+key] = value
		}
	})
	s.wantAll(t, moved)
	s.check(t)
}

func TestCompress_TakesValuesOfAnyLength(t *testing.T) {
	s, orders, all := trainedStore(t)
	values := map[string][]byte{
		"empty": {}, "one": {1}, "noise": orders.Noise(2000), "long": bytes.Repeat(orders.Next(), 100),
		"edge": bytes.Repeat([]byte("edge"), zdict.DictionaryValueBytesMax/4),
		"over": bytes.Repeat([]byte("edge"), zdict.DictionaryValueBytesMax/4+1),
	}
	s.update(t, func(w *write) {
		for key, value := range values {
			w.put(t, "Orders", key, value)
		}
	})
	for key, want := range map[string]uint32{"edge": 1, "over": 0, "long": 0, "noise": 0} {
		if got := s.dictionaryOf(t, key); got != want {
			t.Errorf("%q needs dictionary %d, want %d", key, got, want)
		}
	}
	maps.Copy(all, values)
	s.wantAll(t, all)
}

// Turning compression off is not calling Compress: what is there stays readable, and is released like any other value.
func TestCompress_OldValuesAreReadableWhenOff(t *testing.T) {
	s, orders, all := trainedStore(t)
	s.reopen(t)
	s.update(t, func(w *write) {
		all["plain"] = orders.Next()
		w.place(t, "plain", zdict.AppendPlain(nil, all["plain"]))
		w.delete(t, "newa0")
		delete(all, "newa0")
	})
	s.wantAll(t, all)
	s.check(t)
}

func TestCompress_RefusesNames(t *testing.T) {
	s := newStore(t)
	w := s.begin(t)
	defer w.rollback()
	for _, name := range []string{"", strings.Repeat("n", zdict.NameBytesMax+1)} {
		var bad *compression.NameError
		dst, err := w.session.Compress([]byte("before"), name, []byte("value"))
		if !errors.As(err, &bad) || bad.Bytes != len(name) || fault.Of(err) != fault.Invalid || string(dst) != "before" {
			t.Errorf("name of %d bytes: got %q, %v", len(name), dst, err)
		}
	}
	if _, err := w.session.Compress(nil, strings.Repeat("n", zdict.NameBytesMax), []byte("value")); err != nil {
		t.Error(err)
	}
}

func TestRelease_CountsDown(t *testing.T) {
	s, _, all := trainedStore(t)
	s.update(t, func(w *write) {
		for key := range all {
			if strings.HasPrefix(key, "new") {
				w.delete(t, key)
				delete(all, key)
			}
		}
	})
	s.check(t)
	s.wantAll(t, all)

	w := s.begin(t)
	defer w.rollback()
	stored := []byte{0xC1, 1, 64, 1, 2, 3, 4}
	var corrupt *compression.CorruptError
	if err := w.session.Release(stored); !errors.As(err, &corrupt) || corrupt.Dictionary != 1 || fault.Of(err) != fault.Corrupt {
		t.Errorf("released once too often: got %v", err)
	}
	var unknown *zdict.UnknownDictionaryError
	stored[1] = 99
	if err := w.session.Release(stored); !errors.As(err, &unknown) || unknown.ID != 99 {
		t.Errorf("released a value of an unknown dictionary: got %v", err)
	}
	if err := w.session.Release([]byte{7}); fault.Of(err) != fault.Corrupt {
		t.Errorf("released what is no stored value: got %v", err)
	}
	for _, plain := range [][]byte{zdict.AppendPlain(nil, []byte("plain")), {0xC1, 0, 64, 1, 2, 3, 4}} {
		if err := w.session.Release(plain); err != nil {
			t.Error(err)
		}
	}
}

// A dictionary goes when no value needs it and another one is in use, and not before.
func TestDropUnused_KeepsWhatValuesNeed(t *testing.T) {
	s, orders, all := trainedStore(t)
	drop := func(want int) {
		t.Helper()
		s.update(t, func(w *write) {
			if got, err := w.session.DropUnused(); err != nil || got != want {
				t.Errorf("dropped %d, %v, want %d", got, err, want)
			}
		})
		s.check(t)
		s.wantAll(t, all)
	}
	drop(0)
	orders.Era = 1
	s.retrain(t, orders, all)
	drop(0) // 20 values need the first one
	before, err := s.env.Read()
	if err != nil {
		t.Fatal(err)
	}
	then := maps.Clone(all)
	s.update(t, func(w *write) {
		for key := range all {
			if h, _, _ := zdict.DecodeHeader(storedIn(t, w.tx, key)); h.Dictionary == 1 {
				w.delete(t, key)
				delete(all, key)
			}
		}
	})
	drop(1)
	drop(0)
	s.wantAllIn(t, before, then) // an older snapshot has it still
	before.Close()
	s.reopen(t)
	s.wantAll(t, all)
}

// retrain writes orders that do not fit until there is a new dictionary, and some with it.
func (s *store) retrain(t tester, orders *compressiontest.Orders, all map[string][]byte) {
	t.Helper()
	trained := 0
	for n := 0; trained == 0; n++ {
		if n == 40 {
			t.Fatal("no new dictionary for data that the old one does not fit")
		}
		maps.Copy(all, s.putMany(t, "Orders", "drift"+string(rune('a'+n)), orders, 64))
		var err error
		if trained, err = s.svc.Train(); err != nil {
			t.Fatal(err)
		}
	}
	maps.Copy(all, s.putMany(t, "Orders", "after", orders, 20))
}
