package database

import (
	"context"
	"errors"
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
	p.cmd, p.err, p.tx = cmd, nil, 0
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

// commitBatch is the write loop's one turn: take what waits, run it, pass the role on, write it, tell those who watch, answer. The next committer
// runs its batch on top of this one while this one is written.
func (db *DB) commitBatch() {
	start := db.batchLog.now()
	b := db.takeBatch()
	commit, err := b.run()
	var place uint64
	if err == nil {
		place = db.outbox.put(commit, b.written)
	}
	db.queue.handOver()
	if err == nil {
		err = commit.Wait()
	}
	b.settle(err)
	b.record()
	db.queue.written()
	db.batchLog.add(start, b.commands)
	db.outbox.publish(&db.changes, place)
	b.answer()
	db.returnBatch(b)
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
