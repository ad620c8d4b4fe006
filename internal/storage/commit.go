package storage

import (
	"encoding/binary"

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
	invariant.Assert(tx.w != nil, "write transaction ended before Commit")
	defer tx.Rollback() // does nothing once published
	w := tx.w
	if err := w.storeHandles(); err != nil {
		return err
	}
	if w.err != nil {
		return w.err
	}
	if len(w.dirty) == 0 && len(w.freed) == 0 {
		return nil
	}
	if err := w.env.Failed(); err != nil { // since we began
		return err
	}
	w.describe()
	written, err := w.journal()
	if err != nil {
		return err
	}
	e, snap := w.env, w.publish(written)
	w.end()
	tx.end()
	e.wakeAfterCommit(snap)
	return nil
}

// describe builds the payload of the journal record: what became free, then what changed.
func (w *writer) describe() {
	if w.env.vault != nil {
		w.makeRoom()
	}
	for _, f := range w.freed {
		w.payload = journal.AppendFree(w.payload, uint64(f.no), f.pages)
	}
	for _, b := range w.dirty {
		if b.gone {
			continue
		}
		if page.Number(b.data) != b.no || page.RunLen(b.data) != b.pages() { // Assert would allocate its arguments
			invariant.Assert(false, "page %d of %d pages calls itself %d of %d",
				b.no, b.pages(), page.Number(b.data), page.RunLen(b.data))
		}
		w.payload = journal.AppendPage(w.payload, uint64(b.no), xxh3.Hash(b.data), b.before, b.data)
	}
}

// makeRoom makes the payload large enough for whatever the pages are: a slice that grew would leave parts of it behind in memory.
func (w *writer) makeRoom() {
	room := len(w.freed) * 2 * binary.MaxVarintLen64
	for _, b := range w.dirty {
		room += journal.PageChangeBytesMax(len(b.data))
	}
	if room > cap(w.payload) {
		clear(w.payload[:cap(w.payload)])
		w.payload = make([]byte, 0, room)
	}
}

// journal writes the record.
func (w *writer) journal() (journal.Appended, error) {
	e := w.env
	var state [btree.StateBytes]byte
	written, err := e.log.Append(journal.Header{
		Tx: uint64(w.id), NextPage: uint64(w.space.NextPage()), State: btree.AppendState(state[:0], w.catalog.State()),
	}, w.payload)
	if err != nil {
		return written, e.commitError(err)
	}
	e.counts.commits.Add(1)
	e.counts.journaledBytes.Add(int64(written.Bytes))
	return written, nil
}

// publish makes the state the current snapshot.
func (w *writer) publish(written journal.Appended) *snapshot {
	dead := w.seal()
	snap := &snapshot{
		mark: mark{
			tx: w.id, nextPage: w.space.NextPage(), catalog: w.catalog.State(), end: written.End, hash: written.Hash,
			volume: w.base.volume + int64(written.Bytes),
		},
		table: w.table, tableBytes: w.tableBytes, file: w.base.file,
	}
	w.env.chain.publish(snap, w.garbage)
	w.env.pool.release(dead)
	return snap
}

// seal ends our right to change the versions, and returns those that are not in the table.
func (w *writer) seal() (dead []*buffer) {
	for _, b := range w.dirty {
		b.before = nil
		if b.gone {
			dead = append(dead, b)
		}
	}
	return dead
}
