package compression_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// When the copies cannot be written there is no new dictionary, and nothing else is lost.
func TestTrain_FailsWithTheDiskAndTriesAgain(t *testing.T) {
	errDisk := errors.New("disk says no")
	failed := 0
	for i := 0; ; i++ {
		disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
		s := openStore(t, disk, compression.Options{TrainAfterValues: 64})
		orders := compressiontest.NewOrders(1)
		all := s.putMany(t, "Orders", "old", orders, 70)
		left := i
		disk.Fail(func(op errorfs.Op) error {
			if !strings.Contains(op.Name, "dictionaries.") && !op.In(errorfs.SyncDir) {
				return nil
			}
			if left--; left == -1 {
				return errDisk
			}
			return nil
		})
		n, err := s.svc.Train()
		disk.Fail(nil)
		if err == nil && n == 1 && left >= 0 {
			s.close(t)
			break // every operation has failed once
		}
		if !errors.Is(err, errDisk) || n != 0 {
			t.Fatalf("operation %d failed: trained %d, %v", i, n, err)
		}
		failed++
		maps.Copy(all, s.putMany(t, "Orders", "more", orders, 30))
		if s.dictionaryOf(t, "morea0") != 0 {
			t.Fatalf("operation %d failed: the dictionary is used though no copy of it is durable", i)
		}
		for n := 0; s.statsOf(t, "Orders").Dictionary == 0; n++ { // the name tries again, after a while
			if n == 40 {
				t.Fatalf("operation %d failed: no dictionary ever after", i)
			}
			maps.Copy(all, s.putMany(t, "Orders", "again", orders, 100))
			if _, err := s.svc.Train(); err != nil {
				t.Fatal(err)
			}
		}
		s.wantAll(t, all)
		s.check(t)
		s.close(t)
	}
	if failed < 6 {
		t.Errorf("%d operations failed, want all that write two files", failed)
	}
}

// When the transaction that registers a dictionary fails to commit, the next one registers it.
func TestCommit_FullDiskLosesNoDictionary(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	s := openStore(t, disk, compression.Options{})
	defer s.close(t)
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	s.train(t, 1)
	w := s.begin(t)
	for i := range 500 { // more than the journal at hand
		w.put(t, "Orders", "big"+string(rune(i)), orders.Noise(4000))
	}
	w.put(t, "Orders", "lost", orders.Next())
	disk.SetSizeBytesMax(1)
	var full *storage.DiskFullError
	if err := w.tx.Commit(); !errors.As(err, &full) {
		t.Fatalf("commit on a full disk: %v", err)
	}
	w.session.Drop()
	disk.SetSizeBytesMax(0)
	maps.Copy(all, s.putMany(t, "Orders", "new", orders, 20))
	if s.dictionaryOf(t, "newa0") != 1 {
		t.Errorf("dictionary %d, want 1", s.dictionaryOf(t, "newa0"))
	}
	s.wantAll(t, all)
	s.check(t)
}

// xorSealer stands for the environment's encryption.
type xorSealer struct{ refuse error }

func (s *xorSealer) Seal(dst, plain, _ []byte) ([]byte, error) {
	for _, b := range plain {
		dst = append(dst, b^0x5a)
	}
	return dst, s.refuse
}

func (s *xorSealer) Unseal(dst, sealed, _ []byte) ([]byte, error) { return s.Seal(dst, sealed, nil) }

func TestSealer_CopiesAreEncrypted(t *testing.T) {
	disk, sealer := memfs.New(memfs.WithoutCrashes()), &xorSealer{}
	s := openStore(t, disk, compression.Options{Sealer: sealer, Wipe: true})
	orders := compressiontest.NewOrders(1)
	all := s.putMany(t, "Orders", "old", orders, 300)
	sealer.refuse = errors.New("no key")
	if _, err := s.svc.Train(); !errors.Is(err, sealer.refuse) {
		t.Errorf("training without key: got %v", err)
	}
	sealer.refuse = nil
	for n := 0; s.statsOf(t, "Orders").Dictionary == 0; n++ {
		if n == 40 {
			t.Fatal("no dictionary, though there is a key again")
		}
		maps.Copy(all, s.putMany(t, "Orders", "again", orders, 200))
		if _, err := s.svc.Train(); err != nil {
			t.Fatal(err)
		}
	}
	s.wantAll(t, all)
	s.check(t)
	for _, name := range zdict.CopyNames() {
		file, err := vfs.ReadFile(disk, storagetest.Dir+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(file), "companies/") {
			t.Errorf("%s holds pieces of values in clear", name)
		}
	}
	s.reopen(t)
	s.wantAll(t, all)
	s.close(t)

	// Without the key the service is not opened: it would write dictionaries in clear.
	env, err := storage.Open(storagetest.Options(disk))
	if err != nil {
		t.Fatal(err)
	}
	defer env.Close()
	_, err = compression.Open(compression.Options{Env: env, FS: disk, Dir: storagetest.Dir, Now: storagetest.Options(disk).Now, Rand: seeded()})
	if _, ok := errors.AsType[*zdict.SealedError](err); !ok || fault.Of(err) != fault.Forbidden {
		t.Errorf("opened without the key: got %v", err)
	}
}

// A value cannot need a dictionary that was registered after the snapshot it is found in; bytes that say so have changed.
func TestDecompress_NoDictionaryIsNewerThanTheSnapshot(t *testing.T) {
	s, orders, all := trainedStore(t)
	before, err := s.env.Read()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	orders.Era = 1
	s.retrain(t, orders, all)
	var later []byte
	s.view(t, func(tx *storage.ReadTx) { later = storedIn(t, tx, "aftera0") })
	var unknown *zdict.UnknownDictionaryError
	if _, err := s.svc.Decompress(before, nil, later); !errors.As(err, &unknown) || unknown.ID != 2 {
		t.Errorf("an older snapshot, dictionary not in memory: got %v", err)
	}
	s.wantAll(t, all) // now it is
	var corrupt *compression.CorruptError
	if _, err := s.svc.Decompress(before, nil, later); !errors.As(err, &corrupt) || corrupt.Dictionary != 2 {
		t.Errorf("an older snapshot, dictionary in memory: got %v", err)
	}
}
