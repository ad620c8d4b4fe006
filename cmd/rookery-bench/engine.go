package main

import (
	cryptorand "crypto/rand"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/rookerydb/rookery/bench/workload"
	"github.com/rookerydb/rookery/internal/memory"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/vfs"
)

// engine is our storage under measurement: a put is one row in a table with a primary key.
type engine struct {
	env    *storage.Env
	dir    string
	rows   *table.Table
	fields [2][]byte // reused by Commit, which one goroutine calls at a time
}

// Fields of a row.
const (
	keyField = iota
	valueField
	fieldCount
)

// options are the settings that a server uses on a machine of this size.
func options(dir string) storage.Options {
	profile := memory.ProfileOf(memory.Look(os.DirFS("/")).Limit().Bytes)
	return storage.Options{
		FlushAboveBytes:   profile.FlushAboveBytes,
		MaxUnflushedBytes: profile.MaxUnflushedBytes,

		FS:     vfs.OS(),
		Dir:    dir,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now:    time.Now,
		Rand:   rand.New(rand.NewPCG(1, 2)),
	}
}

// engineKind says which kind of environment is measured.
type engineKind struct{ encrypted, unmapped bool }

// subject is what it is called in the figures.
func (k engineKind) subject() string {
	switch {
	case k.encrypted:
		return "rookery, encrypted"
	case k.unmapped:
		return "rookery, unmapped"
	}
	return "rookery"
}

// open makes a fresh environment in dir.
func (k engineKind) open(dir string) (workload.Engine, error) {
	opts := options(dir)
	opts.NoMapping = k.unmapped
	if k.encrypted {
		var key [secret.KeyBytes]byte // nothing is secret here
		sealed, err := secret.Seal(&key, cryptorand.Reader, secret.Options{})
		if err != nil {
			return nil, err
		}
		opts.Encryption = &storage.Encryption{Key: sealed, Memory: secret.NewArena(secret.Options{}), Random: cryptorand.Reader}
	}
	return open(opts)
}

func open(opts storage.Options) (*engine, error) {
	env, err := storage.Open(opts)
	if err != nil {
		return nil, err
	}
	rows := table.New(table.Schema{
		Name:    "bench",
		Kind:    1,
		Fields:  fieldCount,
		Primary: table.Index{Name: "key", Fields: []int{keyField}},
	})
	return &engine{env: env, dir: opts.Dir, rows: rows}, nil
}

func (e *engine) Commit(rows []workload.Row) error {
	return e.env.Update(func(tx *storage.WriteTx) error { return e.put(tx, rows) })
}

// CommitAhead takes rows for as long as the commit before is being written, as its own could only wait. Once nothing is being
// written it goes on only until half of those that waited are in. So does package database.
func (e *engine) CommitAhead(puts workload.Puts) (wait func() error, err error) {
	const atOnce, enough = 16, 32
	tx, err := e.env.Write()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // does nothing after CommitAsync
	before := tx.Base()
	for n := 0; n < enough || n < puts.Waiting() || !before.Done(); {
		rows := puts.Take(atOnce)
		if err := e.put(tx, rows); err != nil {
			return nil, err
		}
		if n += len(rows); len(rows) > 0 {
			continue
		}
		if before.Done() {
			break
		}
		tx.Prepare()
		puts.Await(before.Done)
	}
	commit, err := tx.CommitAsync()
	return commit.Wait, err
}

func (e *engine) put(tx *storage.WriteTx, rows []workload.Row) error {
	for _, row := range rows {
		e.fields[keyField], e.fields[valueField] = row.Key, row.Value
		if err := e.rows.Put(tx, e.fields[:]); err != nil {
			return err
		}
	}
	return nil
}

func (e *engine) Get(key []byte, found func(value []byte)) error {
	tx, err := e.env.Read()
	if err != nil {
		return err
	}
	defer tx.Close()
	row, ok, err := e.rows.Get(tx, key)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("key %x is missing", key)
	}
	found(row.Field(valueField))
	return nil
}

func (e *engine) Scan(each func(key, value []byte)) error {
	return e.env.View(func(tx *storage.ReadTx) error {
		for row, err := range e.rows.Ascend(tx, "", nil) {
			if err != nil {
				return err
			}
			each(row.Field(keyField), row.Field(valueField))
		}
		return nil
	})
}

func (e *engine) Settle() error {
	if err := e.env.Flush(); err != nil {
		return err
	}
	return e.env.Sync()
}

func (e *engine) Close() error { return e.env.Close() }
