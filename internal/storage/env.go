package storage

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Env is one open environment: a data file, its headers and its journals. All methods may be called by several
// goroutines at once.
type Env struct {
	opts  Options
	id    journal.EnvID
	lock  io.Closer
	chain chain
	pool  pool
	frameSource
	readers sync.Pool // of *ReadTx
	io      *iometrics.Recorder

	failure atomic.Pointer[FailedError] // the first failure, after which nothing is written

	turn                sync.Mutex   // the writer's: held from Write to CommitAsync or Rollback, and to publish a flush
	log                 *journal.Log // nil when read-only
	writer              writer
	writing, committing openWrite
	owners              owner
	closed              bool

	filesClosed, unlocked atomic.Bool // the last steps of Close; see releaseUnread

	flushTurn sync.Mutex // held while pages are written to the data file
	data      *dataFile
	flushed   atomic.Pointer[mark] // the data file has everything up to here, perhaps not durably

	syncTurn sync.Mutex // held while the data file is synced and a header written
	headers  *headers
	vault    *vault               // nil unless encrypted
	synced   atomic.Pointer[mark] // the newest header

	journalsShort atomic.Bool // a full disk refused a journal: flush and sync at once, to have used ones back

	counts     counts
	background background
	watchdog   watchdog
}

// View and Update are in read_tx.go and write_tx.go, Open is in open.go.

// Failed returns the *FailedError that keeps the environment from being written, or nil.
func (e *Env) Failed() error {
	if f := e.failure.Load(); f != nil {
		return f
	}
	return nil
}

// IO is what the environment has asked of its disk since it was opened. It stays valid after Close.
func (e *Env) IO() *iometrics.Recorder { return e.io }

// fail makes the environment refuse writes for good, because of err, and returns the refusal.
func (e *Env) fail(err error) error {
	f := &FailedError{Dir: e.opts.Dir, Err: err}
	if e.failure.CompareAndSwap(nil, f) {
		e.opts.Logger.Error("storage environment failed", "dir", e.opts.Dir, "err", err)
		if tx, err := e.Read(); err == nil {
			tx.snap.file.forgetVerified() // its blocks of bits are those of older mappings too
			tx.Close()
		}
	}
	return e.Failed()
}

// failUnlessFull turns an error from writing into what callers see: a full disk passes, anything else is for good.
func (e *Env) failUnlessFull(err error) error {
	if errors.Is(err, vfs.ErrNoSpace) {
		return &DiskFullError{Err: err}
	}
	return e.fail(err)
}

// sawDamage notes that a reader met damaged bytes: what is written on top of them could only spread the damage.
func (e *Env) sawDamage(err error) error {
	if fault.Of(err) == fault.Corrupt && e.failure.Load() == nil {
		_ = e.fail(err) // the reader gets err itself
	}
	return err
}

// Close flushes and syncs, stops the background and closes the files. Reads and writes are refused from then on; it waits
// for the write transaction that is open, while read transactions that are open stay valid. The directory stays locked until
// the last of them ends. Idempotent.
//
// Everything that was committed is safe whatever Close returns: what it could not flush is in the journals.
func (e *Env) Close() error {
	e.turn.Lock()
	if e.closed {
		e.turn.Unlock()
		return nil
	}
	e.closed = true
	e.writer.finish()
	e.turn.Unlock()

	e.background.stop()
	err := e.settle()
	e.flushTurn.Lock() // before the chain closes: a flush that is publishing would open it again
	defer e.flushTurn.Unlock()
	e.syncTurn.Lock()
	defer e.syncTurn.Unlock()
	e.chain.close()
	if e.log != nil {
		err = errors.Join(err, e.log.Close())
	}
	err = errors.Join(err, e.data.close(), e.headers.close())
	e.filesClosed.Store(true)
	e.watchdog.stop()
	return errors.Join(err, e.releaseUnread())
}

// releaseUnread releases what readers held, once the environment is closed, and the lock after the last of them: whoever
// opens the directory next writes pages that they read from the file.
func (e *Env) releaseUnread() error {
	e.chain.reap()
	if !e.filesClosed.Load() || e.chain.readerCount() > 0 || !e.unlocked.CompareAndSwap(false, true) {
		return nil
	}
	return e.lock.Close()
}

// settle writes everything to the data file, as far as readers let it, so that the next open has nothing to replay.
func (e *Env) settle() error {
	if e.opts.ReadOnly || e.Failed() != nil {
		return nil
	}
	if err := e.flush(); err != nil {
		return err
	}
	return e.sync()
}
