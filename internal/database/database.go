package database

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options says what to open. Name, Dir, FS, NodeTag, DatabaseID, Now and Rand are required.
type Options struct {
	Name       string
	Dir        string // of the environment; created when missing
	FS         vfs.FS
	NodeTag    string // the node's tag in change vectors, such as A
	DatabaseID string // 22 characters of base64
	Now        func() time.Time
	Rand       *rand.Rand // owned by the database from here on
	Logger     *slog.Logger
	Storage    StorageOptions
	// BatchBytesMax bounds the documents in one transaction, in bytes: larger ones make larger journal records, and hold more in
	// memory. Default 16 MiB.
	BatchBytesMax int
	// Encryption has the key of an encrypted database; nil for others. Readers may outlive Close, and need the key until they
	// end: leave it to the collector.
	Encryption *storage.Encryption
}

// StorageOptions are the settings of a database's environment. Zero values mean storage's defaults.
type StorageOptions struct {
	// What an operator may change.

	CompressAboveBytes   int           // journal records above this many bytes are compressed
	SyncEvery            time.Duration // longest time between a flush and the sync after it
	SlowIOAfter          time.Duration // a write or sync that takes longer is reported as slow
	NoMapping            bool          // pages are read into memory, the data file is not mapped
	FlushAboveBytes      int64         // changed pages kept before they are written to the data file
	MaxUnflushedBytes    int64         // bound of all page versions in memory; a compaction's transactions are a part of it
	PoolBytesMax         int64         // released page buffers kept for the next transactions
	TxPageBytesMax       int64         // pages that one transaction holds where the file is not mapped
	PulseBytes           int64         // a long walk reads before it moves to the newest state
	IgnoreInvalidJournal bool          // open in spite of a damaged journal, losing what comes after the damage

	// Small ones make rotation, flush and sync happen in a short run.

	JournalBytesMin, JournalBytesMax int64 // sizes of the first journal file and of the largest
	ManualFlush                      bool  // nothing is flushed or synced in the background
}

// environment returns the options of the database's environment.
func (o *Options) environment() storage.Options {
	return storage.Options{
		FS: o.FS, Dir: o.Dir, Logger: o.Logger, Now: o.Now, Rand: o.Rand, Encryption: o.Encryption,
		CompressAboveBytes:   o.Storage.CompressAboveBytes,
		SyncEvery:            o.Storage.SyncEvery,
		SlowIOAfter:          o.Storage.SlowIOAfter,
		NoMapping:            o.Storage.NoMapping,
		IgnoreInvalidJournal: o.Storage.IgnoreInvalidJournal,
		JournalBytesMin:      o.Storage.JournalBytesMin,
		JournalBytesMax:      o.Storage.JournalBytesMax,
		FlushAboveBytes:      o.Storage.FlushAboveBytes,
		MaxUnflushedBytes:    o.Storage.MaxUnflushedBytes,
		PoolBytesMax:         o.Storage.PoolBytesMax,
		TxPageBytesMax:       o.Storage.TxPageBytesMax,
		PulseBytes:           o.Storage.PulseBytes,
		ManualFlush:          o.Storage.ManualFlush,
	}
}

// DestroyKey ends the key of an encrypted database that nothing has open with o; else the collector does.
func (o *Options) DestroyKey() {
	if o.Encryption != nil {
		o.Encryption.Key.Destroy()
	}
}

// DB is an open database. Its methods may be called by any number of goroutines.
type DB struct {
	name  string
	id    string
	env   *storage.Env
	store *docstore.Store
	queue *writeQueue

	options  Options                  // of Open
	recorder atomic.Pointer[recorder] // nil while nothing is recorded
	closing  chan struct{}
	close    func() // of closing, once

	changes  changes.Hub
	outbox   outbox
	batchLog batchLog
	batches  sync.Pool // *batch
}

// Open opens the database in o.Dir, creating it when there is none. Errors are storage's.
func Open(o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	env, err := storage.Open(o.environment())
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", o.Name, err)
	}
	closing := make(chan struct{})
	return &DB{
		options: o, closing: closing, close: sync.OnceFunc(func() { close(closing) }), batchLog: batchLog{now: o.Now},
		name:  o.Name,
		id:    o.DatabaseID,
		env:   env,
		store: docstore.New(docstore.Options{NodeTag: o.NodeTag, DatabaseID: o.DatabaseID, Now: o.Now, Rand: o.Rand}),
		queue: newWriteQueue(o.Name, cmp.Or(o.BatchBytesMax, batchBytesMax)),
	}, nil
}

// Close answers the writes that wait, ends a recording, then closes the environment. Calling it again does nothing.
func (db *DB) Close() error {
	db.close()
	db.queue.close()
	db.stopAtClose()
	return db.env.Close()
}

// Name returns the name the database was created with.
func (db *DB) Name() string { return db.name }

// ID returns the database's id: 22 characters of base64, as in change vectors.
func (db *DB) ID() string { return db.id }

// Failed returns why the database accepts no writes any more, or nil.
func (db *DB) Failed() error { return db.env.Failed() }

// Trim gives away memory that is kept for the next transactions; see storage.Env.Trim.
func (db *DB) Trim() { db.env.Trim() }

// StorageStats returns the figures of the environment, without reading a page.
func (db *DB) StorageStats() storage.Stats { return db.env.Stats() }

// Store returns the documents, to be read within View.
func (db *DB) Store() *docstore.Store { return db.store }

// Changes tells whoever joins it of every document that is written, in the order of the commits: after the write is durable and to be
// read, and before its caller is answered.
func (db *DB) Changes() *changes.Hub { return &db.changes }

// View runs fn on one snapshot. What fn reads lies in pages and is valid until it returns.
func (db *DB) View(fn func(tx *storage.ReadTx) error) error { return db.env.View(fn) }

// Stats are figures of one moment.
type Stats struct {
	Documents    docstore.Stats
	Storage      storage.Stats
	WritesQueued int // commands that wait for a batch
}

// Stats reads the database's figures from one snapshot.
func (db *DB) Stats() (Stats, error) {
	s := Stats{Storage: db.env.Stats(), WritesQueued: db.queue.count()}
	err := db.View(func(tx *storage.ReadTx) (err error) {
		s.Documents, err = db.store.Stats(tx)
		return err
	})
	return s, err
}

// StorageReport says what takes the disk space of the database; see storage.Env.Report.
func (db *DB) StorageReport(details bool, stop func() error) (storage.Report, error) {
	return db.env.Report(details, stop)
}
