package storage

import (
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/zeebo/xxh3"
)

// Commit makes the changes durable and then visible. When it returns nil they survive a power cut; on any error nothing
// of them is visible. The transaction has ended either way.
//
// Errors: the first error of a structure that was changed; *DiskFullError, and the environment works on;
// *journal.TooLargeError; *FailedError when the journal could not be written: then it is unknown whether the changes will
// be there after the next open.
func (tx *WriteTx) Commit() error {
	invariant.Assert(!tx.done, "transaction %d ended before Commit", tx.id)
	defer tx.Rollback() // does nothing once published
	if err := tx.storeHandles(); err != nil {
		return err
	}
	if tx.err != nil {
		return tx.err
	}
	if len(tx.scratch.dirty) == 0 && len(tx.scratch.freed) == 0 {
		return nil
	}
	tx.describe()
	written, err := tx.journal()
	if err != nil {
		return err
	}
	tx.publish(written)
	return nil
}

// describe builds the payload of the journal record: what became free, then what changed.
func (tx *WriteTx) describe() {
	s := tx.scratch
	for _, f := range s.freed {
		s.payload = journal.AppendFree(s.payload, uint64(f.no), f.pages)
	}
	for _, b := range s.dirty {
		if b.gone {
			continue
		}
		if page.Number(b.data) != b.no || page.RunLen(b.data) != b.pages() { // Assert would allocate its arguments
			invariant.Assert(false, "page %d of %d pages calls itself %d of %d",
				b.no, b.pages(), page.Number(b.data), page.RunLen(b.data))
		}
		s.payload = journal.AppendPage(s.payload, uint64(b.no), xxh3.Hash(b.data), b.before, b.data)
	}
}

// journal writes the record.
func (tx *WriteTx) journal() (journal.Appended, error) {
	e := tx.env
	var state [btree.StateBytes]byte
	written, err := e.log.Append(journal.Header{
		Tx: uint64(tx.id), NextPage: uint64(tx.space.NextPage()), State: btree.AppendState(state[:0], tx.catalog.State()),
	}, tx.scratch.payload)
	if err != nil {
		return written, e.commitError(err)
	}
	e.counts.commits.Add(1)
	e.counts.journaledBytes.Add(int64(written.Bytes))
	return written, nil
}

// publish makes the transaction the current snapshot and ends it.
func (tx *WriteTx) publish(written journal.Appended) {
	e := tx.env
	dead := tx.seal()
	snap := &snapshot{
		mark: mark{
			tx: tx.id, nextPage: tx.space.NextPage(), catalog: tx.catalog.State(), end: written.End, hash: written.Hash,
			volume: tx.base.volume + int64(written.Bytes),
		},
		table: tx.table, tableBytes: tx.tableBytes, mapped: tx.base.mapped,
	}
	e.chain.publish(snap, tx.scratch.garbage)
	e.pool.release(dead)
	tx.end()
	e.wakeAfterCommit(snap)
}

// seal ends our right to change the versions, and returns those that are not in the table.
func (tx *WriteTx) seal() (dead []*buffer) {
	for _, b := range tx.scratch.dirty {
		b.before = nil
		if b.gone {
			dead = append(dead, b)
		}
	}
	return dead
}
