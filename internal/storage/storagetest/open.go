package storagetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Dir is where Open puts the environment.
const Dir = "env"

// Options are small enough that rotation, recycling, growth, flush and sync all happen in a short test. The clock stands
// still; the id of a new environment comes from a fixed seed. Nothing runs in the background.
func Options(fs vfs.FS) storage.Options {
	return variant(storage.Options{
		FS: fs, Dir: Dir,
		Now:             func() time.Time { return time.Unix(1_700_000_000, 0).UTC() },
		Rand:            rand.New(rand.NewPCG(1, 2)),
		JournalBytesMin: 8 << 10, JournalBytesMax: 64 << 10, CompressAboveBytes: 2 << 10,
		ManualFlush: true,
	})
}

// Open opens an environment with Options, checks it when the test ends, and closes it.
func Open(t testing.TB, fs vfs.FS) *storage.Env {
	t.Helper()
	return OpenWith(t, Options(fs))
}

// OpenWith is Open with other options.
func OpenWith(t testing.TB, opts storage.Options) *storage.Env {
	t.Helper()
	env, err := storage.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if env.Failed() == nil {
			Check(t, env)
		}
		if err := env.Close(); err != nil && env.Failed() == nil {
			t.Errorf("close: %v", err)
		}
	})
	return env
}

// Check reports every problem of the newest state. An environment that was closed has none.
func Check(t testing.TB, env *storage.Env) {
	t.Helper()
	tx, err := env.Read()
	if err != nil {
		return
	}
	defer tx.Close()
	for problem := range storage.Check(tx) {
		t.Errorf("check: %v", problem)
	}
}
