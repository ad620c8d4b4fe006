package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// WriteTx is the one write transaction of an environment. It sees its own changes; nobody else does before Commit. It must
// be used by one goroutine at a time, and ended by Commit or Rollback.
//
// After an error from a structure that was being changed, only Rollback makes sense; Commit then returns that error.
type WriteTx struct {
	env  *Env
	base *snapshot
	id   TxID

	owner      owner
	table      table // base's, with our versions
	tableBytes int64
	space      *freespace.Space
	catalog    *btree.Tree
	scratch    *scratch

	changes uint64 // calls of the verbs that change pages
	err     error  // the first error of a verb
	done    bool
}

// scratch is memory that one write transaction after another uses.
type scratch struct {
	dirty   []*buffer  // our versions, in the order they were made; some are gone again
	freed   []freedRun // runs of base that are free now
	garbage []*buffer  // versions of base that we replaced or freed
	handles []*handle  // structures opened to be written
	payload []byte     // of the journal record
}

type freedRun struct {
	no    PageNo
	pages int
}

// Write waits for its turn and begins a write transaction.
//
// *ClosedError, *ReadOnlyError, *FailedError; *ReaderTooOldError or *DiskFullError when memory of page versions is at its
// bound and flushing cannot free any: try again later.
func (e *Env) Write() (*WriteTx, error) {
	if e.opts.ReadOnly {
		return nil, &ReadOnlyError{Dir: e.opts.Dir}
	}
	if err := e.relieve(); err != nil {
		return nil, err
	}
	e.turn.Lock()
	if e.closed {
		e.turn.Unlock()
		return nil, &ClosedError{Dir: e.opts.Dir}
	}
	if err := e.Failed(); err != nil {
		e.turn.Unlock()
		return nil, err
	}
	return e.begin(), nil
}

// begin starts a transaction on the current snapshot; the turn is ours.
func (e *Env) begin() *WriteTx {
	base := e.chain.current.Load()
	e.owners++
	tx := &WriteTx{
		env: e, base: base, id: base.tx + 1, owner: e.owners,
		table: base.table, tableBytes: base.tableBytes, scratch: &e.scratch,
	}
	tx.catalog = btree.New(tx, base.catalog)
	tx.space = freespace.New(tx, base.nextPage, &e.hints)
	return tx
}

// Update calls fn with a write transaction, which is committed when fn returns nil, else rolled back.
func (e *Env) Update(fn func(*WriteTx) error) error {
	tx, err := e.Write()
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit; lets others write when fn panics
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Rollback drops all changes. After Commit or Rollback it does nothing.
func (tx *WriteTx) Rollback() {
	if tx.done {
		return
	}
	tx.env.pool.release(tx.scratch.dirty)
	tx.env.hints.Drop()
	tx.end()
}

// end gives up the turn.
func (tx *WriteTx) end() {
	tx.done = true
	tx.scratch.reset()
	tx.env.turn.Unlock()
}

// reset forgets the contents, and keeps memory unless one huge transaction made it large.
func (s *scratch) reset() {
	const keep = 1 << 14
	if cap(s.dirty) > keep || cap(s.freed) > keep || cap(s.payload) > keep*pageBytes/16 {
		*s = scratch{}
		return
	}
	clear(s.dirty)
	clear(s.handles)
	s.dirty, s.freed, s.handles, s.payload = s.dirty[:0], s.freed[:0], s.handles[:0], s.payload[:0]
	s.garbage = nil // belongs to the snapshot now
}

// Changes grows with each page that is made, opened for change or freed. While it stays the same, nothing was changed.
func (tx *WriteTx) Changes() uint64 { return tx.changes }

// ID is the number that the transaction will have when it commits.
func (tx *WriteTx) ID() TxID { return tx.id }

// Page returns page no, or the overflow run that starts there, with our changes; see btree.Reader.
func (tx *WriteTx) Page(no PageNo) ([]byte, error) {
	if b := tx.table.get(no); b != nil {
		return b.data, nil
	}
	p, err := tx.base.mapped.page(no, tx.base.tx)
	if err != nil {
		return nil, tx.stick(tx.env.sawDamage(err))
	}
	return p, nil
}

// Alloc returns a new page, or a run of pages for one large value; see btree.Pages.
func (tx *WriteTx) Alloc(pages int) (PageNo, []byte, error) {
	no, err := tx.AllocRun(pages)
	if err != nil {
		return 0, nil, err
	}
	b, err := tx.create(no, pages)
	if err != nil {
		return 0, nil, err
	}
	return no, b.data, nil
}

// AllocRun takes a run of numbers for pages of their own; Create makes each of them. See section.Pages.
func (tx *WriteTx) AllocRun(pages int) (PageNo, error) {
	tx.changes++
	no, err := tx.space.Alloc(pages, 0)
	if err != nil {
		return 0, tx.stick(err)
	}
	return no, nil
}

// Create makes page no, zero bytes but for the transaction. It must be of an AllocRun and not made yet, or a bitmap page
// that comes into use; see section.Pages and freespace.Pages.
func (tx *WriteTx) Create(no PageNo) ([]byte, error) {
	if tx.table.get(no) != nil {
		invariant.Assert(false, "page %d exists already", no)
	}
	b, err := tx.create(no, 1)
	if err != nil {
		return nil, err
	}
	return b.data, nil
}

// create makes the version of a page or run that has none, of zero bytes.
func (tx *WriteTx) create(no PageNo, pages int) (*buffer, error) {
	b := tx.env.pool.takeZero(no, pages)
	page.SetTx(b.data, uint64(tx.id))
	tx.put(b)
	return b, tx.bound()
}

// Copy returns page no, or the overflow run that starts there, to be changed; see btree.Pages.
func (tx *WriteTx) Copy(no PageNo) ([]byte, error) {
	tx.changes++
	old := tx.table.get(no)
	if old != nil && old.owner == tx.owner {
		return old.data, nil
	}
	before, err := tx.Page(no)
	if err != nil {
		return nil, err
	}
	b := tx.env.pool.take(no, len(before)/pageBytes)
	copy(b.data, before)
	clear(page.MAC(b.data))
	page.SetTx(b.data, uint64(tx.id))
	b.before = before
	tx.put(b)
	return b.data, tx.bound()
}

// put makes b our version of its page.
func (tx *WriteTx) put(b *buffer) {
	b.owner, b.tx, b.birth = tx.owner, tx.id, tx.base.number+1
	tx.scratch.dirty = append(tx.scratch.dirty, b)
	tx.tableBytes += int64(len(b.data))
	tx.leave(tx.table.set(tx.owner, b))
}

// leave accounts for a version that is ours no more.
func (tx *WriteTx) leave(old *buffer) {
	if old == nil {
		return
	}
	tx.tableBytes -= int64(len(old.data))
	if old.owner == tx.owner {
		old.gone = true // its bytes may still be looked at until we end
	} else {
		tx.scratch.garbage = append(tx.scratch.garbage, old)
	}
}

// bound refuses transactions that change more than may be held in memory.
func (tx *WriteTx) bound() error {
	if tx.tableBytes-tx.base.tableBytes > tx.env.opts.MaxUnflushedBytes {
		return tx.stick(&TxTooLargeError{Bytes: tx.tableBytes - tx.base.tableBytes})
	}
	return nil
}

// Free gives back page no, or the overflow run that starts there; see btree.Pages.
func (tx *WriteTx) Free(no PageNo) error {
	tx.changes++
	p, err := tx.Page(no)
	if err != nil {
		return err
	}
	pages := len(p) / pageBytes
	old := tx.table.remove(tx.owner, no)
	if old == nil || old.owner != tx.owner || old.before != nil {
		tx.scratch.freed = append(tx.scratch.freed, freedRun{no, pages})
	}
	tx.leave(old)
	return tx.stick(tx.space.Free(no, pages))
}

// FreeRun gives back the pages of an AllocRun, made or not; see section.Pages.
func (tx *WriteTx) FreeRun(first PageNo, pages int) error {
	for no := first; no < first+PageNo(pages); no++ {
		tx.leave(tx.table.remove(tx.owner, no))
	}
	tx.scratch.freed = append(tx.scratch.freed, freedRun{first, pages})
	return tx.stick(tx.space.Free(first, pages))
}

// stick remembers the first error, so that a caller who goes on cannot commit half a change.
func (tx *WriteTx) stick(err error) error {
	if err != nil && tx.err == nil {
		tx.err = err
	}
	return err
}

// Tree returns the tree called name as it is now; see Tx.
func (tx *WriteTx) Tree(name string) (btree.View, bool) {
	if h := tx.find(name); h != nil {
		return h.treeView()
	}
	return treeIn(tx, name)
}

// FixedTree returns the fixed-size tree called name as it is now; see Tx.
func (tx *WriteTx) FixedTree(name string) (btree.FixedView, bool) {
	if h := tx.find(name); h != nil {
		return h.fixedView()
	}
	return fixedTreeIn(tx, name)
}

// Sections returns the section set called name as it is now; see Tx.
func (tx *WriteTx) Sections(name string) (section.View, bool) {
	if h := tx.find(name); h != nil {
		return h.sectionsView()
	}
	return sectionsIn(tx, name)
}

// Names yields the names of all structures; see Tx.
func (tx *WriteTx) Names() iter.Seq[string] {
	if err := tx.storeHandles(); err != nil {
		_ = tx.stick(err) // Commit reports it
	}
	return namesIn(tx)
}

func (tx *WriteTx) settle() error { return tx.storeHandles() }

// catalogView has the states as of the last settle; structures that the transaction opened are known beside it.
func (tx *WriteTx) catalogView() btree.View { return tx.catalog.View() }

func (tx *WriteTx) pageReader() btree.Reader { return tx }

func (tx *WriteTx) distrustful() btree.Reader { return tx }

func (tx *WriteTx) nextPage() PageNo { return tx.space.NextPage() }
