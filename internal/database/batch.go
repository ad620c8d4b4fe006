package database

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// batch is the commands that one committer commits together.
type batch struct {
	db        *DB
	commands  []*pending
	sizeBytes int              // of the commands' documents
	waited    int              // commands that waited at its beginning
	base      *storage.Pending // the commit that the batch was begun on: the answers hold only if it becomes durable

	written  []docstore.Written // what the commands did, noted while somebody watches
	recorder *recorder          // nil when nothing was recorded at its beginning
	place    uint64             // among the batches of the recording
}

// run runs the commands in one transaction, and returns its commit for the caller to wait for. A command that fails after
// it changed something has its answer, and the others run again without it.
func (b *batch) run() (*storage.Pending, error) {
	for range dropCountMax {
		commit, dropped, err := b.try()
		if err != nil || !dropped {
			return commit, err
		}
	}
	return nil, b.runOneByOne()
}

// try runs those that have no answer yet, and those that come while the commit before is being written. It reports dropped
// when a command failed after it had changed something: then nothing is committed.
func (b *batch) try() (commit *storage.Pending, dropped bool, err error) {
	b.written = b.written[:0]
	tx, err := b.begin()
	if err != nil {
		return nil, false, err
	}
	for i := 0; i < len(b.commands) || b.grow(tx); i++ {
		if guilty := b.runIn(tx, b.commands[i]); guilty {
			tx.Rollback()
			return nil, true, nil
		}
	}
	commit, err = tx.CommitAsync()
	return commit, false, b.wrap(err)
}

// begin begins a transaction. When the commit below the batch failed, it fails with it: commands are not run again on another
// state than the one that they were taken for.
func (b *batch) begin() (*storage.WriteTx, error) {
	tx, err := b.db.env.Write()
	if err != nil {
		return nil, fmt.Errorf("begin write: %w", err)
	}
	if b.base == nil {
		b.base = tx.Base()
	}
	if b.base != tx.Base() { // it is done
		if err := b.base.Wait(); err != nil {
			tx.Rollback()
			return nil, b.wrap(err)
		}
	}
	return tx, nil
}

// runIn runs p, unless it has its answer. It reports guilty when p failed and the transaction must be dropped.
func (b *batch) runIn(tx *storage.WriteTx, p *pending) (guilty bool) {
	if p.err != nil {
		return false
	}
	before := tx.Changes()
	p.tx = tx.ID()
	noted := b.noteWrites()
	if p.err = b.db.runCommand(tx, p.cmd); p.err != nil {
		b.written = b.written[:noted]
	}
	return p.err != nil && (tx.Changes() != before || isPanic(p.err))
}

// grow takes more of the commands that waited when the batch began, and, while the commit before is being written, of those that
// came since, as ours could only wait for it. It is false when the batch is complete.
func (b *batch) grow(tx *storage.WriteTx) bool {
	q, before := b.db.queue, tx.Base()
	for b.hasRoom() {
		done := before.Done()
		if done && (len(b.commands) >= b.waited || b.isWorthAWrite()) {
			return false
		}
		if q.takeMore(b, !done) {
			return true
		}
		if done {
			return false
		}
		tx.Prepare()
		if !before.Done() {
			<-q.bell
		}
	}
	return false
}

// isWorthAWrite says that the disk should not wait for more: as many commands wait in the queue, or fewer, and make the next
// batch while this one is being written.
func (b *batch) isWorthAWrite() bool {
	n := len(b.commands)
	return b.sizeBytes >= worthBytes || n >= worthCount && n >= b.db.queue.count()
}

func (b *batch) hasRoom() bool {
	return len(b.commands) < batchCountMax && b.sizeBytes < b.db.queue.bytesMax
}

// runOneByOne gives each command that has no answer yet a transaction of its own.
func (b *batch) runOneByOne() error {
	b.written = b.written[:0]
	for _, p := range b.commands {
		tx, err := b.begin()
		if err != nil {
			return err
		}
		noted := len(b.written)
		if guilty := b.runIn(tx, p); guilty {
			tx.Rollback()
			continue
		}
		if err := tx.Commit(); err != nil && p.err == nil {
			p.err = fmt.Errorf("commit a command: %w", err)
			b.written = b.written[:noted]
		}
	}
	return nil
}

// settle gives all commands their outcome, where the transaction ended with err. What was refused in a transaction that failed,
// or on top of one, was refused because of a state that never was: only a defect keeps its own error.
func (b *batch) settle(err error) {
	if failed := b.base.Wait(); failed != nil {
		err = b.wrap(failed)
	}
	for _, p := range b.commands {
		if err != nil && !isPanic(p.err) {
			p.err = err
		}
	}
}

// record adds the commands to the recording: the memory of many is their callers' again as soon as they are answered.
func (b *batch) record() {
	if b.recorder == nil {
		return
	}
	var entries []byte
	at := b.db.options.Now()
	for _, p := range b.commands {
		entries = appendRecorded(entries, p, at)
	}
	b.recorder.leave(b.place, entries)
}

// answer wakes the callers.
func (b *batch) answer() {
	for _, p := range b.commands {
		p.wake <- answered
	}
}

func (b *batch) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("commit %d commands: %w", len(b.commands), err)
}

func (db *DB) takeBatch() *batch {
	b, ok := db.batches.Get().(*batch)
	if !ok {
		b = &batch{db: db}
	}
	b.waited = db.queue.count()
	db.queue.takeMore(b, false)
	if r := db.recorder.Load(); r != nil {
		if place, ok := r.enter(); ok {
			b.recorder, b.place = r, place
		}
	}
	return b
}

func (db *DB) returnBatch(b *batch) {
	clear(b.commands)
	clear(b.written)
	*b = batch{db: db, commands: b.commands[:0], written: b.written[:0]}
	if cap(b.written) > writtenKeepMax {
		b.written = nil
	}
	db.batches.Put(b)
}

// noteWrites has the next command's writes noted if somebody watches, and returns how many are noted so far. It is asked for each
// command: a watch that was confirmed before a command came shall hear of it, even if the batch had begun.
func (b *batch) noteWrites() int {
	if b.db.changes.Watched() {
		b.db.store.NoteWrites(&b.written)
	} else {
		b.db.store.NoteWrites(nil)
	}
	return len(b.written)
}
