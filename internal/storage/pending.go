package storage

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/journal"
)

// Pending is a commit on its way to the disk: nobody reads its changes yet but the next write transaction, which builds on
// them. A nil *Pending is one that was durable before.
//
// It is written by the first who calls Wait: as a rule its committer, else whoever cannot go on without it (the next commit, a
// flush, Close). So no goroutine is needed, and a committer that is slow to come holds nobody up.
type Pending struct {
	env  *Env
	once sync.Once
	done atomic.Bool // err is final

	// Of the one who writes, until done.
	set     *changeSet
	snap    *snapshot // complete but for the place of the record
	garbage []*buffer // versions that the snapshot replaces
	err     error
}

var errPanicked = errors.New("a panic while a commit was written")

// Wait returns when the commit is durable and readers see it, or why it never will be: see WriteTx.Commit. It may be called
// by several goroutines, any number of times.
func (p *Pending) Wait() error {
	if p == nil {
		return nil
	}
	p.once.Do(p.write)
	return p.err
}

// Done says whether Wait would return at once.
func (p *Pending) Done() bool { return p == nil || p.done.Load() }

// write writes the record and publishes the snapshot. The commit before it is durable: there was no Pending until it was.
func (p *Pending) write() {
	e, finished := p.env, false
	defer func() {
		e.committing.end()
		if !finished { // what was published is not known, so its memory is never used again
			p.set.dirty, p.err = nil, e.fail(errPanicked)
		}
		p.done.Store(true)
		if p.err != nil && e.turn.TryLock() { // else the one who has the turn, or the next, retires it
			e.writer.retire()
			e.turn.Unlock()
		}
	}()
	written, err := p.journal()
	if err != nil {
		p.err = err
	} else {
		p.publish(written)
	}
	p.snap, p.garbage = nil, nil // snapshots must not stay reachable
	finished = true
}

// journal writes the record.
func (p *Pending) journal() (journal.Appended, error) {
	e := p.env
	p.set.describe()
	if err := e.Failed(); err != nil { // since the transaction began
		return journal.Appended{}, err
	}
	var state [btree.StateBytes]byte
	written, err := e.log.Append(journal.Header{
		Tx: uint64(p.snap.tx), NextPage: uint64(p.snap.nextPage), State: btree.AppendState(state[:0], p.snap.catalog),
	}, p.set.payload)
	if err != nil {
		return written, e.commitError(err)
	}
	e.counts.commits.Add(1)
	e.counts.journaledBytes.Add(int64(written.Bytes))
	return written, nil
}

// publish makes the state the current snapshot.
func (p *Pending) publish(written journal.Appended) {
	e, snap := p.env, p.snap
	snap.end, snap.hash = written.End, written.Hash
	snap.volume = e.chain.current.Load().volume + int64(written.Bytes)
	dead := p.set.seal()
	e.chain.publish(snap, p.garbage)
	e.pool.release(dead)
	p.set.reset()
	e.wakeAfterCommit(snap)
}

// pend makes the changes a pending commit, the only one: the one before is done. The next transaction begins on it.
func (w *writer) pend() *Pending {
	w.retire()
	w.env.committing.take(&w.env.writing)
	w.ahead = &snapshot{
		mark:   mark{tx: w.id, nextPage: w.space.NextPage(), catalog: w.catalog.State()},
		number: w.base.number + 1,
		table:  w.table, tableBytes: w.tableBytes, file: w.base.file,
	}
	w.pending = &Pending{env: w.env, set: w.changeSet, snap: w.ahead, garbage: w.garbage}
	if w.changeSet == &w.sets[0] {
		w.changeSet = &w.sets[1]
	} else {
		w.changeSet = &w.sets[0]
	}
	return w.pending
}

// retire takes note of how the last commit ended, once it has. After a failure nothing that was learned from it holds; no
// transaction may be open on it then.
func (w *writer) retire() {
	p := w.pending
	if p == nil || !p.Done() {
		return
	}
	if p.err != nil {
		w.env.pool.release(p.set.dirty)
		p.set.reset()
		w.forgetStructures()
	}
	w.pending, w.ahead = nil, nil
}

// finish waits until nothing is pending. An error is the committer's.
func (w *writer) finish() {
	_ = w.pending.Wait()
	w.retire()
}

func (e *Env) finishPending() {
	e.turn.Lock()
	defer e.turn.Unlock()
	e.writer.finish()
}
