package database

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// Command is one write: all of it is committed, or nothing.
//
// Run does the work in tx and leaves its outcome in the command. It may be called again from the start, when the
// transaction was dropped because of another command, so it must set its whole outcome each time. What it keeps must not
// lie in a page. It neither commits nor rolls back.
type Command interface {
	Run(tx *storage.WriteTx, store *docstore.Store) error
	// SizeBytes is about how many bytes of documents the command carries, to bound a batch.
	SizeBytes() int
}

// Do runs cmd and returns once it is durable, or why it was refused.
//
// Commands of concurrent callers share one transaction and one journal write. When ctx ends before the command is taken
// into a batch, it is withdrawn and ctx's error is returned; later the outcome is waited for. Errors are the command's
// own, *BusyError, *ClosedError, and those of storage's commit.
func (db *DB) Do(ctx context.Context, cmd Command) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := pendings.Get().(*pending)
	p.cmd, p.err = cmd, nil
	leads, err := db.queue.add(p)
	if err == nil && !leads {
		leads, err = db.queue.wait(ctx, p)
	}
	if leads {
		db.commitBatch()
		<-p.wake // its own answer, sent by commitBatch
	}
	if err == nil {
		err = p.err
	}
	p.cmd = nil
	pendings.Put(p)
	return err
}

// commitBatch is the write loop's one turn: take what waits, commit it, answer, pass the role on. Answering first lets
// those callers come back with their next command before the next batch is taken.
func (db *DB) commitBatch() {
	// Only the committer touches the batch slice, and there is one committer: the next one starts after handOver,
	// so the slice goes with this turn.
	batch := db.takeBatch()
	db.runBatch(*batch)
	for _, p := range *batch {
		p.wake <- answered
	}
	db.queue.handOver()
	db.returnBatch(batch)
}

// runBatch commits the batch in one transaction. Afterwards each command's err is its answer.
func (db *DB) runBatch(batch []*pending) {
	for drops := 0; ; drops++ {
		if drops == dropCountMax {
			db.runOneByOne(batch)
			return
		}
		dropped, err := db.tryBatch(batch)
		if err != nil {
			failRest(batch, err)
		}
		if err != nil || !dropped {
			return
		}
	}
}

// tryBatch runs those of the batch that have no answer yet, and commits. It reports dropped when a command failed
// after it had changed something: then nothing is committed, that command has its answer, and the rest must run again.
func (db *DB) tryBatch(batch []*pending) (dropped bool, err error) {
	tx, err := db.env.Write()
	if err != nil {
		return false, fmt.Errorf("begin write: %w", err)
	}
	for _, p := range batch {
		if p.err != nil {
			continue
		}
		before := tx.Changes()
		p.err = db.runCommand(tx, p.cmd)
		if p.err != nil && (tx.Changes() != before || isPanic(p.err)) {
			tx.Rollback()
			return true, nil
		}
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("commit %d commands: %w", len(batch), err)
	}
	return false, nil
}

// runOneByOne gives each command that has no answer yet a transaction of its own.
func (db *DB) runOneByOne(batch []*pending) {
	for i, p := range batch {
		if p.err != nil {
			continue
		}
		if _, err := db.tryBatch(batch[i : i+1]); err != nil {
			p.err = err
		}
	}
}

// runCommand runs one command. A panic becomes the command's error, because the committer also stands for others: they
// must not wait for ever on account of one defect.
func (db *DB) runCommand(tx *storage.WriteTx, cmd Command) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return cmd.Run(tx, db.store)
}

// isPanic tells a defect from a refusal: what a command did before it panicked is never trusted.
func isPanic(err error) bool {
	var p *PanicError
	return errors.As(err, &p)
}

// failRest answers err to every command that has no answer of its own.
func failRest(batch []*pending, err error) {
	for _, p := range batch {
		if p.err == nil {
			p.err = err
		}
	}
}
