package storage_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// put sets one key of a tree in a transaction of its own.
func put(env *storage.Env, key, value string) error {
	return env.Update(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("tree")
		if err != nil {
			return err
		}
		return tree.Put([]byte(key), []byte(value))
	})
}

func get(t testing.TB, tx storage.Tx, key string) string {
	t.Helper()
	tree, _ := tx.Tree("tree")
	value, found, err := tree.Get([]byte(key))
	must(t, err)
	if !found {
		return "(none)"
	}
	return string(value)
}

func TestRead_SeesTheStateAtItsStart(t *testing.T) {
	env := storagetest.Open(t, memfs.New())
	must(t, put(env, "a", "1"))
	old, err := env.Read()
	must(t, err)
	defer old.Close()
	for i := range 20 {
		must(t, put(env, "a", fmt.Sprint(i+2)))
		must(t, put(env, fmt.Sprint("other ", i), string(make([]byte, 3000))))
		must(t, env.Flush())
		must(t, env.Sync())
		if got := get(t, old, "a"); got != "1" {
			t.Fatalf("after %d commits: %q, want 1", i+1, got)
		}
	}
	must(t, env.View(func(tx *storage.ReadTx) error {
		if got := get(t, tx, "a"); got != "21" {
			t.Errorf("a new reader sees %q, want 21", got)
		}
		return nil
	}))
}

func TestRollback_LeavesNothing(t *testing.T) {
	env := storagetest.Open(t, memfs.New())
	must(t, put(env, "a", "1"))
	refused := errors.New("refused")
	for range 3 {
		err := env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			must(t, err)
			for i := range 500 {
				must(t, tree.Put(fmt.Append(nil, i), make([]byte, 200)))
			}
			must(t, tx.Drop("tree"))
			if _, err := tx.WriteTree("other"); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatalf("got %v", err)
		}
	}
	must(t, put(env, "b", "2"))
	must(t, env.View(func(tx *storage.ReadTx) error {
		if a, b := get(t, tx, "a"), get(t, tx, "b"); a != "1" || b != "2" {
			t.Errorf("a is %q, b is %q", a, b)
		}
		if _, found := tx.Tree("other"); found {
			t.Error("a structure of a transaction that was rolled back is there")
		}
		return nil
	}))
	if held, unflushed := env.Stats().HeldBytes, env.Stats().UnflushedBytes; held != unflushed {
		t.Errorf("%d bytes of versions are held, %d are in use", held, unflushed)
	}
}

// TestWrite_OldReaderBoundsMemory: a reader that stays blocks flushing, not writing, until versions fill the bound.
func TestWrite_OldReaderBoundsMemory(t *testing.T) {
	opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
	opts.MaxUnflushedBytes = 2 << 20
	now := time.Unix(1_700_000_000, 0)
	opts.Now = func() time.Time { now = now.Add(time.Second); return now }
	env := storagetest.OpenWith(t, opts)
	must(t, put(env, "a", "1"))
	old, err := env.Read()
	must(t, err)
	for i := range 300 { // rewriting few pages costs few versions, however long a reader stays
		must(t, put(env, "a", fmt.Sprint(i)))
	}
	if s := env.Stats(); s.HeldBytes > 1<<20 || s.OldestReaderAge < 300*time.Second || s.Readers != 1 {
		t.Errorf("%d bytes held, oldest reader %v, %d readers", s.HeldBytes, s.OldestReaderAge, s.Readers)
	}
	for i := 0; err == nil && i < 2000; i++ {
		err = put(env, fmt.Sprint("key ", i), string(make([]byte, 1900)))
	}
	var tooOld *storage.ReaderTooOldError
	if !errors.As(err, &tooOld) || fault.Of(err) != fault.Unavailable || tooOld.Age == 0 {
		t.Fatalf("got %v, want *ReaderTooOldError", err)
	}
	if got := get(t, old, "a"); got != "1" {
		t.Errorf("the old reader sees %q, want 1", got)
	}
	old.Close()
	must(t, put(env, "a", "again"))
}

// TestEnv_ConcurrentReadersSeeWholeCommits moves amounts between accounts while flush, sync and old readers go on beside:
// their sum is the same in each snapshot.
func TestEnv_ConcurrentReadersSeeWholeCommits(t *testing.T) {
	const accounts, start, movesMin, movesMax = 400, 1000, 1500, 200_000
	opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
	opts.ManualFlush = false
	opts.FlushAboveBytes, opts.SyncAboveBytes = 64<<10, 256<<10
	opts.FlushEvery, opts.SyncEvery = time.Millisecond, 3*time.Millisecond
	env := storagetest.OpenWith(t, opts)
	must(t, env.Update(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteFixedTree("accounts", 48)
		for i := range uint64(accounts) {
			if err == nil {
				err = tree.Put(i, amount(start))
			}
		}
		return err
	}))

	var stop atomic.Bool
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := 0; !stop.Load(); n++ {
				tx, err := env.Read()
				if err != nil {
					t.Error(err)
					return
				}
				for range 1 + i*2 { // some readers stay for several looks
					if got := sum(tx); got != accounts*start {
						t.Errorf("reader %d, look %d: sum %d, want %d", i, n, got, accounts*start)
						stop.Store(true)
					}
				}
				tx.Close()
			}
		})
	}
	random := rand.New(rand.NewPCG(21, 22))
	enough := func() bool { s := env.Stats(); return s.Flushes >= 10 && s.Syncs >= 5 }
	for i := 0; !stop.Load() && i < movesMax && (i < movesMin || !enough()); i++ {
		must(t, move(env, random))
	}
	stop.Store(true)
	readers.Wait()
	if !enough() {
		t.Errorf("too few flushes and syncs beside the readers to prove anything: %+v", env.Stats())
	}
}

func amount(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 40, 48), n) }

func move(env *storage.Env, random *rand.Rand) error {
	return env.Update(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteFixedTree("accounts", 48)
		if err != nil {
			return err
		}
		from, to := uint64(random.IntN(400)), uint64(random.IntN(400))
		if from == to {
			return nil
		}
		for key, change := range map[uint64]uint64{from: ^uint64(0), to: 1} {
			value, _, err := tree.Get(key)
			if err != nil {
				return err
			}
			if err := tree.Put(key, amount(binary.BigEndian.Uint64(value[40:])+change)); err != nil {
				return err
			}
		}
		return nil
	})
}

func sum(tx storage.Tx) (total uint64) {
	tree, _ := tx.FixedTree("accounts")
	c := tree.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		total += binary.BigEndian.Uint64(c.Value()[40:])
	}
	return total
}

// TestRollback_GivesBackFreePages: what a transaction learned of pages that it took and gave back is not true any more.
func TestRollback_GivesBackFreePages(t *testing.T) {
	env := storagetest.Open(t, memfs.New(memfs.WithoutCrashes()))
	refused := errors.New("refused")
	change := func(value int, result error) error {
		return env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			must(t, err)
			for i := range 200 {
				must(t, tree.Put(fmt.Append(nil, i), make([]byte, value)))
			}
			return result
		})
	}
	must(t, change(20_000, nil))
	must(t, change(10, nil)) // frees most of them
	used := env.Stats().UsedPages
	for range 3 {
		if err := change(20_000, refused); !errors.Is(err, refused) {
			t.Fatal(err)
		}
	}
	must(t, change(20_000, nil))
	if got := env.Stats().UsedPages; got > used {
		t.Errorf("%d pages are used, want the %d from before: free ones were forgotten", got, used)
	}
}
