package table_test

import (
	"errors"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// env is an environment on a disk in memory.
type env struct {
	disk *memfs.FS
	*storage.Env
}

func openEnv(t rapid.TB) *env {
	t.Helper()
	e := &env{disk: memfs.New(memfs.WithoutCrashes())}
	e.open(t)
	return e
}

func (e *env) open(t rapid.TB) {
	t.Helper()
	var err error
	if e.Env, err = storage.Open(e.options()); err != nil {
		t.Fatal(err)
	}
}

func (e *env) options() storage.Options {
	return storage.Options{
		FS: e.disk, Dir: "db", ManualFlush: true, Rand: rand.New(rand.NewPCG(1, 2)),
		Now: func() time.Time { return time.Unix(1e9, 0) },
	}
}

func (e *env) close(t rapid.TB) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func (e *env) reopen(t rapid.TB) {
	t.Helper()
	e.close(t)
	e.open(t)
}

// update runs fn in a transaction that is committed.
func (e *env) update(t rapid.TB, fn func(tx *storage.WriteTx) error) {
	t.Helper()
	if err := e.Update(fn); err != nil {
		t.Fatal(err)
	}
}

// drop runs fn in a transaction that is rolled back.
func (e *env) drop(t rapid.TB, fn func(tx *storage.WriteTx)) {
	t.Helper()
	errDropped := errors.New("dropped by the test")
	if err := e.Update(func(tx *storage.WriteTx) error { fn(tx); return errDropped }); !errors.Is(err, errDropped) {
		t.Fatal(err)
	}
}

// view runs fn on a snapshot.
func (e *env) view(t rapid.TB, fn func(tx storage.Tx)) {
	t.Helper()
	if err := e.View(func(tx *storage.ReadTx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}
