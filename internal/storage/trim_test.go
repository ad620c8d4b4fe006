package storage_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// openInBubble opens an environment in memory with the background goroutines, in a bubble.
func openInBubble(t *testing.T, change func(o *storage.Options)) *storage.Env {
	t.Helper()
	o := storage.Options{FS: memfs.New(), Dir: "env", Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2)), FlushEvery: time.Hour}
	change(&o)
	env, err := storage.Open(o)
	must(t, err)
	t.Cleanup(func() { must(t, env.Close()) })
	return env
}

// putPages writes values of 1,500 bytes under so many keys in one transaction.
func putPages(t *testing.T, env *storage.Env, keys int) {
	t.Helper()
	tx, err := env.Write()
	must(t, err)
	tree, err := tx.WriteTree("t")
	must(t, err)
	for i := range keys {
		must(t, tree.Put([]byte{byte(i >> 8), byte(i)}, make([]byte, 1500)))
	}
	must(t, tx.Commit())
}

func TestTrim_WritesChangedPagesAndKeepsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := openInBubble(t, func(*storage.Options) {})
		putPages(t, env, 500)
		if held := env.Stats().UnflushedBytes; held < 500*1500 {
			t.Fatalf("%d bytes unflushed", held)
		}
		env.Trim()
		synctest.Wait()
		if s := env.Stats(); s.UnflushedBytes != 0 || s.HeldBytes != 0 {
			t.Errorf("after Trim: %d bytes unflushed, %d held", s.UnflushedBytes, s.HeldBytes)
		}
		env.Trim()
		synctest.Wait()
		if kept := env.PooledBytes(); kept != 0 {
			t.Errorf("%d bytes in the pool", kept)
		}
		putPages(t, env, 500)
	})
}

func TestPool_KeepsWithinItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := openInBubble(t, func(o *storage.Options) { o.PoolBytesMax = 256 << 10 })
		for range 3 {
			putPages(t, env, 500)
			must(t, env.Flush())
		}
		if kept := env.PooledBytes(); kept != 256<<10 {
			t.Errorf("%d bytes in the pool, want its bound", kept)
		}
	})
}
