package storage

import (
	"iter"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// ReadTx reads the environment as of one commit. It may be used by several goroutines, and must be closed once.
//
// While it is open, versions of pages that it may read stay in memory and the data file does not advance past it: see
// Stats.OldestReaderAge.
type ReadTx struct {
	env    *Env
	snap   *snapshot
	frames frames // pages that were read into memory; unused where the file is mapped
}

// Read opens a read transaction on the newest committed state. It takes no lock and does not allocate.
//
// *ClosedError after Close; a failed environment can be read.
func (e *Env) Read() (*ReadTx, error) {
	snap := e.chain.acquire()
	if snap == nil {
		_ = e.releaseUnread() // what our look at the chain may have kept Close from releasing
		return nil, &ClosedError{Dir: e.opts.Dir}
	}
	if planted.Is(planted.ShowEarly) && e.writer.ahead != nil { // in this order: ahead is the writer's
		snap.readers.Add(-1)
		snap = e.writer.ahead
		snap.readers.Add(1)
	}
	tx := e.readers.Get().(*ReadTx)
	tx.snap = snap
	return tx, nil
}

// View calls fn with a read transaction that ends with it.
func (e *Env) View(fn func(*ReadTx) error) error {
	tx, err := e.Read()
	if err != nil {
		return err
	}
	defer tx.Close()
	return fn(tx)
}

// Close ends the transaction. tx must not be used any more.
func (tx *ReadTx) Close() {
	snap := tx.snap
	invariant.Assert(snap != nil, "read transaction closed twice")
	e := tx.env
	tx.snap = nil
	if e.opts.NoMapping {
		tx.frames.drop()
	}
	e.readers.Put(tx)
	e.leave(snap)
}

// ID is the last transaction whose changes are seen.
func (tx *ReadTx) ID() TxID { return tx.snap.tx }

// Page returns page no or the overflow run that starts there; see btree.Reader. *CorruptError when the file is damaged.
func (tx *ReadTx) Page(no PageNo) ([]byte, error) {
	if b := tx.snap.table.get(no); b != nil {
		return b.data, nil
	}
	p, err := tx.snap.file.page(no, tx.snap.tx, &tx.frames)
	if err != nil {
		return nil, tx.env.sawDamage(err)
	}
	return p, nil
}

// Forget ends the validity of all bytes that were got from tx so far, and of cursors: as if the transaction had been opened
// anew on the same snapshot. Where pages are read into memory, walks over more than a transaction may hold call it now and
// then; where the file is mapped it does nothing.
func (tx *ReadTx) Forget() { tx.frames.release(0) }

// HeldBytes is how much memory the pages take whose bytes are still valid; 0 where the file is mapped. See Forget.
func (tx *ReadTx) HeldBytes() int64 { return tx.frames.heldBytes() }

// Tree returns the tree called name; see Tx.
func (tx *ReadTx) Tree(name string) (btree.View, bool) { return treeIn(tx, name) }

// FixedTree returns the fixed-size tree called name; see Tx.
func (tx *ReadTx) FixedTree(name string) (btree.FixedView, bool) { return fixedTreeIn(tx, name) }

// Sections returns the section set called name; see Tx.
func (tx *ReadTx) Sections(name string) (section.View, bool) { return sectionsIn(tx, name) }

// Names yields the names of all structures; see Tx.
func (tx *ReadTx) Names() iter.Seq[string] { return namesIn(tx) }

func (tx *ReadTx) settle() error { return nil }

func (tx *ReadTx) catalogView() btree.View { return btree.NewView(tx, tx.snap.catalog) }

func (tx *ReadTx) pageReader() btree.Reader { return tx }

func (tx *ReadTx) distrustful() btree.Reader { return freshReader{tx} }

func (tx *ReadTx) nextPage() PageNo { return tx.snap.nextPage }
