package storage

import (
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// Commit makes the changes durable and then visible. When it returns nil they survive a power cut; on any error nothing
// of them is visible. The transaction has ended either way.
//
// Errors: the first error of a structure that was changed; *DiskFullError, and the environment works on;
// *journal.TooLargeError; *FailedError when the journal could not be written: then it is unknown whether the changes will
// be there after the next open. A commit that builds on another one fails with that one's error.
func (tx *WriteTx) Commit() error {
	p, err := tx.CommitAsync()
	if err != nil {
		return err
	}
	return p.Wait()
}

// CommitAsync ends the transaction and passes the turn on before the changes are durable: the next transaction runs on them
// while their record is written. Only when Wait of the result returns nil may anybody be told that they are committed.
// On an error nothing of them is left, and there is nothing to wait for.
//
// One commit is written at a time: it waits for the one that the transaction builds on. Errors as of Commit.
func (tx *WriteTx) CommitAsync() (*Pending, error) {
	invariant.Assert(tx.w != nil, "write transaction ended before Commit")
	defer tx.Rollback() // does nothing once pending
	w := tx.w
	if err := w.storeHandles(); err != nil {
		return nil, err
	}
	if w.err != nil {
		return nil, w.err
	}
	before := w.pending
	if w.empty() {
		w.end()
		tx.end()
		return before, nil // what it read may still have to become durable
	}
	if err := w.env.Failed(); err != nil { // since we began
		return nil, err
	}
	if err := w.describeEarly(); err != nil {
		return nil, err
	}
	if err := before.Wait(); err != nil && !planted.Is(planted.BuildOnFailed) {
		return nil, err
	}
	if before != nil {
		w.env.counts.ahead.Add(1)
	}
	p := w.pend()
	w.end()
	tx.end()
	return p, nil
}

// describeEarly builds the payload now instead of when it is written: while the commit before is being written there is
// nothing better to do, and whoever might exceed the bound of a record must learn it before others build on it.
func (w *writer) describeEarly() error {
	const mayExceed = journal.PayloadBytesMax / 2 // a payload is shorter than twice the pages in it
	if w.pending.Done() && w.bytes < mayExceed {
		return nil
	}
	w.describe()
	if n := len(w.payload); n > journal.PayloadBytesMax {
		return &journal.TooLargeError{Bytes: n}
	}
	return nil
}
