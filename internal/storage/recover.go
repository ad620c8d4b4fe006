package storage

import (
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/zeebo/xxh3"
)

// recoverOwner is the owner of page tables during recovery.
const recoverOwner owner = 1

// recover applies the journals to what the newest header describes, proves the pages, and publishes the first snapshot.
//
// Ranges in records are absolute, so it does not matter which of its versions since the header, or which mixture of them,
// the data file holds of a page: the last record leads all of them to the same bytes, and its hash proves that.
func (e *Env) recover() (err error) {
	if e.vault != nil { // open the keys once, and not for each page
		e.vault.open()
		defer e.vault.close()
	}
	r := &recovery{env: e, mark: e.headers.current().mark, proofs: map[PageNo]proof{}}
	defer func() {
		if err != nil {
			r.giveBack()
		}
	}()
	m := r.mark
	op := e.io.Begin(iometrics.Recovery, journalDirName, 0)
	end, err := journal.Replay(e.journalOptions(e.id), journal.Start{Position: m.end, Tx: uint64(m.tx), Hash: m.hash}, r.apply)
	op.DoneBytes(end.Bytes, err)
	if err != nil {
		return asCorrupt(err)
	}
	if err := r.prove(); err != nil {
		if end.Ignored == nil {
			return err
		}
		e.opts.Logger.Warn("pages newer than the journal ignored", "dir", e.opts.Dir, "err", err)
	}
	e.counts.recoveredRecords, e.counts.recoverBytes = int64(end.Records), end.Bytes
	e.owners = recoverOwner
	if end.Ignored != nil {
		e.opts.Logger.Warn("invalid journal ignored", "dir", e.opts.Dir, "err", end.Ignored)
		r.mark.tx = max(r.mark.tx, TxID(end.TxSeen)) // no page may seem to come from the future
	}
	if e.opts.ReadOnly {
		r.publish()
		return nil
	}
	return e.settleRecovery(r)
}

// settleRecovery begins a new log, and brings data file and headers to the recovered state, so that recovery never
// depends on what it found twice.
func (e *Env) settleRecovery(r *recovery) (err error) {
	if e.log, err = journal.Create(e.journalOptions(e.id), r.mark.hash); err != nil {
		return err
	}
	r.mark.end = e.log.End()
	r.publish()
	if err := e.flush(); err != nil {
		return err
	}
	upTo := r.mark
	e.flushed.Store(&upTo) // also when there was nothing to flush
	if err := e.sync(); err != nil {
		return err
	}
	if e.data.crypto != nil {
		e.data.crypto.images.recovered()
	}
	return nil
}

func (e *Env) journalOptions(id journal.EnvID) journal.Options {
	compressAbove := e.opts.CompressAboveBytes
	if compressAbove < 0 {
		compressAbove = journal.PayloadBytesMax
	}
	return journal.Options{
		FS: e.opts.FS, Dir: e.opts.journalDir(), Env: id,
		BytesMin: e.opts.JournalBytesMin, BytesMax: e.opts.JournalBytesMax,
		CompressAbove: compressAbove, IgnoreInvalid: e.opts.IgnoreInvalidJournal, Cipher: e.recordCipher(),
	}
}

// recordCipher is nil in a plain environment.
func (e *Env) recordCipher() journal.Cipher {
	if e.vault == nil {
		return nil
	}
	return e.vault
}

// asCorrupt gives errors of the journal's contents the type that callers know.
func asCorrupt(err error) error {
	var log *journal.CorruptError
	var record *journal.DecodeError
	if errors.As(err, &log) || errors.As(err, &record) {
		return &CorruptError{File: "journal", Err: err}
	}
	return err
}

// IsInvalidJournal says whether err is what Options.IgnoreInvalidJournal would let pass.
func IsInvalidJournal(err error) bool {
	_, ok := errors.AsType[*journal.CorruptError](err)
	return ok
}

// recovery is the state that records are applied to.
type recovery struct {
	env        *Env
	mark       mark
	table      table
	tableBytes int64
	proofs     map[PageNo]proof // of recovered pages that were written to the data file already
}

// proof is what the last record says of a page or run.
type proof struct {
	hash  uint64
	pages int
}

// apply applies one record.
func (r *recovery) apply(record journal.Record) error {
	catalog, _, err := btree.DecodeState(record.State)
	if err != nil {
		return &journal.DecodeError{Reason: "the state of the catalog makes no sense"}
	}
	r.mark = mark{
		tx: TxID(record.Tx), nextPage: PageNo(record.NextPage), catalog: catalog, hash: record.Hash,
		volume: r.mark.volume + int64(record.Bytes),
	}
	for payload := record.Payload; len(payload) > 0; {
		var c journal.Change
		if c, payload, err = journal.DecodeChange(payload); err != nil {
			return err
		}
		if err := r.change(c); err != nil {
			return err
		}
	}
	if r.tableBytes > min(replayBytesMax, r.env.opts.MaxUnflushedBytes) && !r.env.opts.ReadOnly {
		return r.spill()
	}
	return nil
}

func (r *recovery) change(c journal.Change) (err error) {
	if c.Page == 0 || c.Page >= uint64(r.mark.nextPage) || uint64(c.Pages) > uint64(r.mark.nextPage)-c.Page {
		return &journal.DecodeError{Reason: fmt.Sprintf("page %d lies outside of the file", c.Page)}
	}
	no := PageNo(c.Page)
	if c.Kind == journal.Free {
		for i := range PageNo(c.Pages) {
			delete(r.proofs, no+i)
			r.drop(r.table.remove(recoverOwner, no+i))
		}
		return nil
	}
	delete(r.proofs, no)
	b := r.table.get(no)
	switch {
	case c.Kind == journal.New:
		if b, err = r.env.pool.takeZero(no, c.Pages); err == nil {
			b.born = r.mark.tx
		}
	case b == nil:
		b, err = r.load(no, c.Pages)
	case b.pages() != c.Pages:
		return &journal.DecodeError{Reason: fmt.Sprintf("page %d changes its length", no)}
	}
	if err != nil {
		return err
	}
	if _, err := journal.Apply(b.data, c.Ranges); err != nil {
		if r.table.get(no) != b {
			r.env.pool.release([]*buffer{b})
		}
		return err
	}
	b.tx, b.hash, b.owner = r.mark.tx, c.Hash, recoverOwner
	if old := r.table.set(recoverOwner, b); old != b {
		r.tableBytes += int64(len(b.data))
		r.drop(old)
	}
	return nil
}

func (r *recovery) drop(old *buffer) {
	if old != nil {
		r.tableBytes -= int64(len(old.data))
		r.env.pool.release([]*buffer{old})
	}
}

// load takes a page from the data file, whatever state it is in; what the file does not have is zero.
func (r *recovery) load(no PageNo, pages int) (*buffer, error) {
	b, err := r.env.pool.takeZero(no, pages)
	if err != nil {
		return nil, err
	}
	if err := r.env.data.read(b.data, no); err != nil {
		r.env.pool.release([]*buffer{b})
		return nil, err
	}
	return b, nil
}

// spill writes the pages to the data file, to bound memory. Later records may change them once more.
func (r *recovery) spill() error {
	if err := r.env.data.reserve(r.mark.nextPage); err != nil {
		return err
	}
	if c := r.env.data.crypto; c != nil {
		header := r.env.headers.current().tx
		if err := c.begin(header, header, r.mark.tx); err != nil {
			return err
		}
		defer c.end()
	}
	var written []*buffer
	for b := range r.table.all() {
		if err := r.env.data.put(b); err != nil {
			return err
		}
		r.proofs[b.no] = proof{b.hash, b.pages()}
		written = append(written, b)
	}
	if err := r.env.data.finish(); err != nil {
		return err
	}
	r.env.pool.release(written)
	r.table, r.tableBytes = table{}, 0
	r.env.counts.spills++
	return nil
}

// prove compares each recovered page with the hash in its last record: an error in a part of it that no record touched
// is found as well.
func (r *recovery) prove() error {
	for b := range r.table.all() {
		if xxh3.Hash(b.data) != b.hash {
			return corruptPage(b.no, errNotAsRecorded)
		}
	}
	for no, want := range r.proofs {
		b, err := r.load(no, want.pages)
		if err != nil {
			return err
		}
		same := xxh3.Hash(b.data) == want.hash
		r.env.pool.release([]*buffer{b})
		if !same {
			return corruptPage(no, errNotAsRecorded)
		}
	}
	return nil
}

const errNotAsRecorded = damage("after recovery it is not what its last journal record says")

// publish makes the recovered state the first snapshot, which has the pages from then on.
func (r *recovery) publish() {
	r.env.chain.publish(&snapshot{
		mark: r.mark, table: r.table, tableBytes: r.tableBytes, file: r.env.data.view,
	}, nil)
	r.table, r.tableBytes = table{}, 0
}

// giveBack returns the pages of a recovery that failed: memory of encrypted ones is not collected, and would stay in clear.
func (r *recovery) giveBack() {
	var pages []*buffer
	for b := range r.table.all() {
		pages = append(pages, b)
	}
	r.env.pool.release(pages)
	r.table, r.tableBytes = table{}, 0
}
