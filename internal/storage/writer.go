package storage

import (
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// writer is what write transactions, one after the other, work with: the verbs that structures change pages by, and what
// has been changed so far. It belongs to whoever has the turn.
//
// The catalog and the structures that were opened stay for the next transaction, unless one is rolled back or fails: opening
// them anew would cost a small transaction as much as its changes do.
type writer struct {
	env  *Env
	base *snapshot // the newest state: the current snapshot, or that of the pending commit
	id   TxID

	pending *Pending  // the last commit, from its end until retire saw how it ended
	ahead   *snapshot // its state

	owner      owner
	table      table // base's, with our versions
	tableBytes int64
	space      *freespace.Space
	hints      freespace.Hints
	catalog    *btree.Tree // nil when it must be opened
	handles    []*handle

	*changeSet              // one of sets
	sets       [2]changeSet // ours, and that of the pending commit
	garbage    []*buffer    // versions of base that we replaced or freed
	changes    uint64       // calls of the verbs that change pages, in all transactions
	err        error        // the first error of a verb
}

// begin starts a transaction on the newest state, which may be one that is still being written; the turn is ours.
func (w *writer) begin(e *Env) {
	w.env = e
	if w.changeSet == nil {
		w.changeSet = &w.sets[0]
	}
	w.retire()
	base := w.ahead
	if base == nil {
		base = e.chain.current.Load()
	}
	e.owners++
	w.frames.from = &e.frameSource
	w.base, w.id, w.owner = base, base.tx+1, e.owners
	w.table, w.tableBytes, w.err = base.table, base.tableBytes, nil
	w.space = freespace.New(w, base.nextPage, &w.hints)
	if w.catalog == nil {
		w.catalog = btree.New(w, base.catalog)
	}
}

// end forgets the transaction.
func (w *writer) end() {
	w.base, w.space, w.table, w.garbage = nil, nil, table{}, nil
	if len(w.handles) > handlesKeptMax {
		w.handles = nil
	}
	w.reset()
	w.retire()
}

// drop undoes all changes.
func (w *writer) drop() {
	w.env.pool.release(w.dirty)
	w.forgetStructures()
	w.end()
}

// forgetStructures forgets what was learned from states that will never be committed.
func (w *writer) forgetStructures() {
	if !planted.Is(planted.KeepHints) {
		w.hints.Drop()
	}
	if planted.Is(planted.KeepRolledBack) {
		return
	}
	w.catalog, w.handles = nil, nil
}

// Page returns page no, or the overflow run that starts there, with our changes; see btree.Reader.
func (w *writer) Page(no PageNo) ([]byte, error) {
	if b := w.table.get(no); b != nil {
		return b.data, nil
	}
	p, err := w.base.file.page(no, w.base.tx, &w.frames)
	if err != nil {
		return nil, w.stick(w.env.sawDamage(err))
	}
	return p, nil
}

// Alloc returns a new page, or a run of pages for one large value; see btree.Pages.
func (w *writer) Alloc(pages int) (PageNo, []byte, error) {
	no, err := w.AllocRun(pages)
	if err != nil {
		return 0, nil, err
	}
	b, err := w.create(no, pages)
	if err != nil {
		return 0, nil, err
	}
	return no, b.data, nil
}

// AllocRun takes a run of numbers for pages of their own; Create makes each of them. See section.Pages.
func (w *writer) AllocRun(pages int) (PageNo, error) {
	w.changes++
	no, err := w.space.Alloc(pages, 0)
	return no, w.stick(err)
}

// Create makes page no, zero bytes but for the transaction. It must be of an AllocRun and not made yet, or a bitmap page
// that comes into use; see section.Pages and freespace.Pages.
func (w *writer) Create(no PageNo) ([]byte, error) {
	if w.table.get(no) != nil {
		invariant.Assert(false, "page %d exists already", no)
	}
	b, err := w.create(no, 1)
	if err != nil {
		return nil, err
	}
	return b.data, nil
}

// create makes the version of a page or run that has none, of zero bytes.
func (w *writer) create(no PageNo, pages int) (*buffer, error) {
	w.changes++
	b, err := w.env.pool.takeZero(no, pages)
	if err != nil {
		return nil, w.stick(err)
	}
	page.SetTx(b.data, uint64(w.id))
	b.born = w.id
	w.put(b)
	return b, w.bound()
}

// Copy returns page no, or the overflow run that starts there, to be changed; see btree.Pages.
func (w *writer) Copy(no PageNo) ([]byte, error) {
	w.changes++
	old := w.table.get(no)
	if old != nil && old.owner == w.owner {
		if !planted.Is(planted.KeepEarly) {
			old.early = span{}
		}
		return old.data, nil
	}
	before, err := w.Page(no)
	if err != nil {
		return nil, err
	}
	b, err := w.env.pool.take(no, len(before)/pageBytes)
	if err != nil {
		return nil, w.stick(err)
	}
	copy(b.data, before)
	clear(page.MAC(b.data))
	if old != nil {
		b.born = old.born
	}
	page.SetTx(b.data, uint64(w.id))
	b.before = before
	w.put(b)
	return b.data, w.bound()
}

// put makes b our version of its page.
func (w *writer) put(b *buffer) {
	b.owner, b.tx, b.birth = w.owner, w.id, w.base.number+1
	w.dirty = append(w.dirty, b)
	w.bytes += int64(len(b.data))
	w.env.writing.pages.Store(int64(len(w.dirty)))
	w.tableBytes += int64(len(b.data))
	w.leave(w.table.set(w.owner, b))
}

// leave accounts for a version that is ours no more.
func (w *writer) leave(old *buffer) {
	if old == nil {
		return
	}
	w.tableBytes -= int64(len(old.data))
	if old.owner == w.owner {
		old.gone = true // its bytes may still be looked at until we end
	} else {
		w.garbage = append(w.garbage, old)
	}
}

// bound refuses transactions that change more than may be held in memory.
func (w *writer) bound() error {
	if changed := w.tableBytes - w.base.tableBytes; changed > w.env.opts.MaxUnflushedBytes {
		return w.stick(&TxTooLargeError{Bytes: changed})
	}
	return nil
}

// Free gives back page no, or the overflow run that starts there; see btree.Pages.
func (w *writer) Free(no PageNo) error {
	w.changes++
	p, err := w.Page(no)
	if err != nil {
		return err
	}
	pages := len(p) / pageBytes
	old := w.table.remove(w.owner, no)
	if old == nil || old.owner != w.owner || old.before != nil {
		w.freed = append(w.freed, freedRun{no, pages})
	}
	w.leave(old)
	return w.stick(w.space.Free(no, pages))
}

// FreeRun gives back the pages of an AllocRun, made or not; see section.Pages.
func (w *writer) FreeRun(first PageNo, pages int) error {
	w.changes++
	for no := first; no < first+PageNo(pages); no++ {
		w.leave(w.table.remove(w.owner, no))
	}
	w.freed = append(w.freed, freedRun{first, pages})
	return w.stick(w.space.Free(first, pages))
}

// stick remembers the first error, so that a caller who goes on cannot commit half a change.
func (w *writer) stick(err error) error {
	if err != nil && w.err == nil {
		w.err = err
	}
	return err
}
