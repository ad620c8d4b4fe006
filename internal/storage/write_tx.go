package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// WriteTx is the one write transaction of an environment. It sees its own changes; nobody else does before Commit. It must
// be used by one goroutine at a time, and ended by Commit or Rollback; then neither it nor what it opened may be used.
//
// After an error from a structure that was being changed, only Rollback makes sense; Commit then returns that error.
type WriteTx struct {
	w *writer // nil when it has ended
}

// Write waits for its turn and begins a write transaction. The commit before it may still be on its way to the disk, see
// Base.
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
	e.writer.begin(e)
	e.writing.begin(e.writer.id, e.opts.Now())
	return &WriteTx{w: &e.writer}, nil
}

// Update calls fn with a write transaction, which is committed when fn returns nil, else rolled back.
func (e *Env) Update(fn func(*WriteTx) error) error {
	tx, err := e.Write()
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit; lets others write when fn panics
	if err := fn(tx); err != nil {
		base := tx.Base()
		tx.Rollback()
		if failed := base.Wait(); failed != nil {
			return failed // fn may have refused because of a state that never was
		}
		return err
	}
	return tx.Commit()
}

// Base is the commit that the transaction builds on while that is, or was at its beginning, not durable; nil when there
// was none. If it fails, so does this transaction, and what was read in it has never been. While it is not Done, Commit
// would wait for it.
func (tx *WriteTx) Base() *Pending { return tx.w.pending }

// Prepare does a part of what Commit will have to, for as long as there is nothing better to do: while the commit is being
// written that the transaction builds on. It may be called often. Without it, Commit does the same.
func (tx *WriteTx) Prepare() {
	if tx.w.err == nil {
		tx.w.prepare()
	}
}

// Rollback drops all changes. After Commit or Rollback it does nothing.
func (tx *WriteTx) Rollback() {
	if tx.w == nil {
		return
	}
	tx.w.drop()
	tx.end()
}

// end gives up the turn.
func (tx *WriteTx) end() {
	tx.w.env.writing.end()
	turn := &tx.w.env.turn
	tx.w = nil
	turn.Unlock()
}

// ID is the number that the transaction will have when it commits.
func (tx *WriteTx) ID() TxID { return tx.w.id }

// Changes grows with each page that is made, opened for change or freed. While it stays the same, nothing was changed.
func (tx *WriteTx) Changes() uint64 { return tx.w.changes }

// Tree returns the tree called name as it is now; see Tx.
func (tx *WriteTx) Tree(name string) (btree.View, bool) {
	if h := tx.w.find(name); h != nil {
		return h.treeView()
	}
	return treeIn(tx, name)
}

// FixedTree returns the fixed-size tree called name as it is now; see Tx.
func (tx *WriteTx) FixedTree(name string) (btree.FixedView, bool) {
	if h := tx.w.find(name); h != nil {
		return h.fixedView()
	}
	return fixedTreeIn(tx, name)
}

// Sections returns the section set called name as it is now; see Tx.
func (tx *WriteTx) Sections(name string) (section.View, bool) {
	if h := tx.w.find(name); h != nil {
		return h.sectionsView()
	}
	return sectionsIn(tx, name)
}

// Names yields the names of all structures; see Tx.
func (tx *WriteTx) Names() iter.Seq[string] {
	_ = tx.settle() // sticks: Commit reports it
	return namesIn(tx)
}

func (tx *WriteTx) settle() error { return tx.w.storeHandles() }

// catalogView has the states as of the last settle; structures that the transaction opened are known beside it.
func (tx *WriteTx) catalogView() btree.View { return tx.w.catalog.View() }

func (tx *WriteTx) structure(name string) (*structureState, error) {
	s, found, err := structureOf(tx.catalogView(), name)
	if err != nil || !found {
		return nil, err
	}
	return &s, nil
}

func (tx *WriteTx) pageReader() btree.Reader { return tx.w }

func (tx *WriteTx) distrustful() btree.Reader { return tx.w }

func (tx *WriteTx) nextPage() PageNo { return tx.w.space.NextPage() }
