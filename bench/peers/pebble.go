package main

import (
	"fmt"
	"math"
	"os"

	"github.com/cockroachdb/pebble/v2"

	"github.com/rookerydb/rookery/bench/workload"
)

// pebbleEngine is Pebble with a cache and a memory table of sizes that its users choose on a machine of this kind; the
// defaults (8 MB and 4 MB) are for tests.
type pebbleEngine struct {
	db    *pebble.DB
	cache *pebble.Cache
}

const (
	pebbleCacheBytes    = 512 << 20
	pebbleMemTableBytes = 64 << 20
)

func openPebble(dir string) (workload.Engine, error) {
	cache := pebble.NewCache(pebbleCacheBytes)
	db, err := pebble.Open(dir, &pebble.Options{
		Cache:              cache,
		MemTableSize:       pebbleMemTableBytes,
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             quiet{},
	})
	if err != nil {
		cache.Unref()
		return nil, err
	}
	return &pebbleEngine{db, cache}, nil
}

func (e *pebbleEngine) Commit(rows []workload.Row) error {
	b := e.db.NewBatch()
	defer b.Close()
	if err := set(b, rows); err != nil {
		return err
	}
	return b.Commit(pebble.Sync)
}

// CommitAhead leaves it to Pebble's own pipeline how many batches share a write of its log.
func (e *pebbleEngine) CommitAhead(puts workload.Puts) (wait func() error, err error) {
	b := e.db.NewBatch()
	err = set(b, puts.Take(math.MaxInt))
	if err == nil {
		err = e.db.ApplyNoSyncWait(b, pebble.Sync)
	}
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	return func() error {
		defer b.Close()
		return b.SyncWait()
	}, nil
}

func set(b *pebble.Batch, rows []workload.Row) error {
	for _, row := range rows {
		if err := b.Set(row.Key, row.Value, nil); err != nil {
			return err
		}
	}
	return nil
}

func (e *pebbleEngine) Get(key []byte, found func(value []byte)) error {
	value, closer, err := e.db.Get(key)
	if err != nil {
		return err
	}
	found(value)
	return closer.Close()
}

func (e *pebbleEngine) Scan(each func(key, value []byte)) error {
	rows, err := e.db.NewIter(nil)
	if err != nil {
		return err
	}
	for ok := rows.First(); ok; ok = rows.Next() {
		value, err := rows.ValueAndErr()
		if err != nil {
			_ = rows.Close()
			return err
		}
		each(rows.Key(), value)
	}
	return rows.Close()
}

// Settle writes the memory table. Compactions that follow go on in the background, as they do in service.
func (e *pebbleEngine) Settle() error { return e.db.Flush() }

func (e *pebbleEngine) Close() error {
	defer e.cache.Unref()
	return e.db.Close()
}

// quiet drops Pebble's notes and keeps its last words.
type quiet struct{}

func (quiet) Infof(string, ...any) {}

func (quiet) Errorf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "pebble: "+format+"\n", args...)
}

func (quiet) Fatalf(format string, args ...any) { panic(fmt.Sprintf("pebble: "+format, args...)) }
