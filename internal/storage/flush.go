package storage

import (
	"errors"
	"time"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Flush writes the committed pages to the data file, up to the oldest snapshot that is read. They stay in the journals
// until Sync.
//
// *DiskFullError when the file cannot grow; nothing is lost, and it may be tried again. *FailedError, *ClosedError.
func (e *Env) Flush() error { return e.unlessClosed(e.flush) }

// Sync makes durable what was flushed, and frees the journals that only it needed. *FailedError, *ClosedError;
// *DiskFullError when a journal could not be freed, which only costs space.
func (e *Env) Sync() error { return e.unlessClosed(e.sync) }

func (e *Env) unlessClosed(act func() error) error {
	if e.opts.ReadOnly {
		return &ReadOnlyError{Dir: e.opts.Dir}
	}
	e.turn.Lock()
	closed := e.closed
	e.turn.Unlock()
	if closed {
		return &ClosedError{Dir: e.opts.Dir}
	}
	return act()
}

// flush is Flush. It is in four steps: choose a snapshot that no reader is older than, write what it changed, publish a
// snapshot without these versions, and remember how far the file is.
//
// A reader takes a page from the file only if its snapshot has no version of it, and what the file gets here is not newer
// than any reader: so pages never change under a reader.
func (e *Env) flush() error {
	e.flushTurn.Lock()
	defer e.flushTurn.Unlock()
	if err := e.Failed(); err != nil {
		return err
	}
	snap := e.chain.acquireOldest()
	if snap == nil {
		return &ClosedError{Dir: e.opts.Dir}
	}
	defer func() {
		snap.readers.Add(-1)
		e.chain.reap() // what was flushed is not needed any more, and may be secret
	}()
	if snap.tx <= e.flushed.Load().tx {
		return nil
	}
	started, already := e.opts.Now(), e.data.written
	op := e.io.Begin(iometrics.Flush, dataName, snap.tableBytes)
	written, err := e.writePages(snap)
	op.DoneBytes(e.data.written-already, err)
	if err != nil {
		return e.failUnlessFull(err)
	}
	e.publishFlushed(written)
	upTo := snap.mark // a copy: the snapshot must not stay reachable
	e.flushed.Store(&upTo)
	e.counts.flushed(written, e.opts.Now().Sub(started))
	return nil
}

// writePages writes the versions that are newer than the last flush to the data file.
func (e *Env) writePages(snap *snapshot) (written []*buffer, err error) {
	defer e.data.abandon()
	err = e.data.reserve(snap.nextPage)
	e.counts.dataPages.Store(e.data.pages)
	e.counts.filesGrown.Store(e.data.grown)
	if err != nil {
		return nil, err
	}
	last := e.flushed.Load().tx
	if c := e.data.crypto; c != nil {
		if err := c.begin(last, e.synced.Load().tx, snap.tx); err != nil {
			return nil, err
		}
		defer c.end()
	}
	for b := range snap.table.all() {
		if b.tx <= last {
			continue // there since an earlier flush; this snapshot is older than that flush's
		}
		if err := e.data.put(b); err != nil {
			return nil, err
		}
		written = append(written, b)
	}
	return written, e.data.finish()
}

// publishFlushed makes a snapshot current that takes the written versions from the file, unless they were replaced since.
func (e *Env) publishFlushed(written []*buffer) {
	e.turn.Lock()
	defer e.turn.Unlock()
	e.writer.finish()
	current := e.chain.current.Load()
	if current == nil {
		return // closed
	}
	e.owners++
	next := &snapshot{
		mark: current.mark, number: current.number + 1,
		table: current.table, tableBytes: current.tableBytes, file: e.data.view,
	}
	var garbage []*buffer
	for _, b := range written {
		if next.table.get(b.no) == b {
			next.table.remove(e.owners, b.no)
			next.tableBytes -= int64(len(b.data))
			garbage = append(garbage, b)
		}
	}
	e.chain.publish(next, garbage)
}

// sync is Sync: first the data file, then both headers one after the other, then the journals before them.
func (e *Env) sync() error {
	e.syncTurn.Lock()
	defer e.syncTurn.Unlock()
	if err := e.Failed(); err != nil {
		return err
	}
	upTo := e.flushed.Load()
	if last := e.synced.Load(); upTo.tx == last.tx && upTo.end == last.end {
		return nil
	}
	started := e.opts.Now()
	if err := e.data.sync(); err != nil {
		return e.fail(err)
	}
	for i := range headerNames { // both, so that no journal has to be kept for the older one
		if planted.Is(planted.OneHeader) && i > 0 {
			break
		}
		if err := e.headers.write(*upTo); err != nil {
			return e.fail(err)
		}
	}
	first := e.headers.firstJournal()
	if planted.Is(planted.RetireEarly) {
		first++
	}
	err := e.log.Retire(first)
	e.synced.Store(upTo) // not before journals are gone: commits that wait for a sync wait for room, too
	e.counts.synced(e.opts.Now().Sub(started))
	if err != nil {
		return e.failUnlessFull(err) // nothing depends on it: the next sync tries again
	}
	return nil
}

// relieve makes room for page versions when they are at their bound, or says why it cannot; and waits for a flush and a
// sync when those in the background fall far behind the commits.
func (e *Env) relieve() error {
	if err := e.catchUp(); err != nil {
		return err
	}
	if e.pool.heldBytes.Load() <= e.opts.MaxUnflushedBytes || e.Failed() != nil {
		return nil
	}
	e.finishPending()
	e.chain.reap()
	if err := e.Flush(); err != nil {
		return err
	}
	held := e.pool.heldBytes.Load()
	if held <= e.opts.MaxUnflushedBytes {
		return nil
	}
	age, found := e.chain.oldestReaderAge(e.opts.Now())
	if !found {
		return nil // commits of others came between; the next flush has them
	}
	return &ReaderTooOldError{HeldBytes: held, BoundBytes: e.opts.MaxUnflushedBytes, Age: age}
}

// catchUp flushes and syncs when four times as much was journaled as should make the background do so: commits that cost
// less than syncs would pile up journals. What an old reader or a full disk holds back stays behind, and refuses no write.
func (e *Env) catchUp() error {
	snap := e.chain.current.Load()
	if e.opts.ManualFlush || snap == nil || snap.volume-e.synced.Load().volume <= 4*e.opts.SyncAboveBytes || e.Failed() != nil {
		return nil
	}
	for _, act := range []func() error{e.Flush, e.Sync} {
		var full *DiskFullError
		if err := act(); err != nil && !errors.As(err, &full) {
			return err
		}
	}
	return nil
}

// commitError turns an error of the journal into what Commit returns.
func (e *Env) commitError(err error) error {
	if _, ok := errors.AsType[*journal.TooLargeError](err); ok {
		return err
	}
	var write *journal.WriteError
	if errors.As(err, &write) || !errors.Is(err, vfs.ErrNoSpace) {
		return e.fail(err)
	}
	e.journalsShort.Store(true)
	ring(e.background.flushBell)
	return &DiskFullError{Err: err}
}

// oldestReaderAge is how long ago newer changes than the oldest snapshot with readers has were committed; false when nobody
// reads an old snapshot.
func (c *chain) oldestReaderAge(now time.Time) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := c.oldest; s != nil && s.newer != nil; s = s.newer {
		if s.readers.Load() > 0 {
			return s.replacedAge(now), true
		}
	}
	return 0, false
}
