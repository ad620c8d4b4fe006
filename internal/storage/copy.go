package storage

import (
	"fmt"
	"iter"
	"slices"
)

// Part copies some structures of an environment into an empty one. It goes through its work in batches, and remembers
// where it stands.
//
// TreePart and FixedTreePart copy what leads nowhere else. Structures that hold places of each other, as the indexes of a table hold
// row ids, are copied together by whoever knows that.
type Part interface {
	// Names are the structures that the part copies. Each belongs to one part.
	Names() []string
	// Entries is how many entries Copy will count, as the original's states say.
	Entries(from Tx) uint64
	// Copy goes on until the batch is full, or the part is done. What it has kept from the batch before is its own, as
	// each has transactions of its own on the same state of the original.
	Copy(b *Batch) (done bool, err error)
}

// Batch is one write transaction of a copy, and a read transaction on the original.
type Batch struct {
	From  *ReadTx
	To    *WriteTx
	count uint64
}

// Count notes that an entry was copied.
func (b *Batch) Count() { b.count++ }

// Full says whether the batch should be committed: because of what was written, or because of the pages that are held in
// memory. One entry at least goes into each.
func (b *Batch) Full() bool {
	opts := &b.To.w.env.opts
	return b.To.changedBytes() >= opts.MaxUnflushedBytes/copyBatchPart ||
		b.From.HeldBytes() >= opts.TxPageBytesMax/copyHeldPart || b.To.w.frames.heldBytes() >= opts.TxPageBytesMax/copyHeldPart
}

// changedBytes is the memory of the page versions that the transaction has made.
func (tx *WriteTx) changedBytes() int64 { return tx.w.tableBytes - tx.w.base.tableBytes }

// CopyProgress says how far a copy is.
type CopyProgress struct {
	Structure      string // that is being copied, the first name of its part
	Entries, Total uint64 // of all parts
	Bytes          int64  // of the copy's pages so far
}

// Copy fills to, which is empty, with what from holds, in transactions of bounded size, and yields after each of them how far
// it is. Whoever stops before the end has half a copy.
//
// All structures must belong to parts; those of parts that the original does not have are passed over. In the end the copy
// has the same names with the same number of entries. Nobody may write to from meanwhile.
//
// Errors end the sequence: *UnknownStructureError and *CopyError; those of the parts, of reading and of committing.
func Copy(from, to *Env, parts []Part) iter.Seq2[CopyProgress, error] {
	return func(yield func(CopyProgress, error) bool) {
		c := &copier{from: from, to: to, parts: parts}
		if err := c.plan(); err != nil {
			yield(c.progress, err)
			return
		}
		for _, p := range c.parts {
			for done := false; !done; {
				var err error
				if done, err = c.batch(p); err != nil {
					yield(c.progress, fmt.Errorf("copy %q: %w", c.progress.Structure, err))
					return
				}
				if !yield(c.progress, nil) {
					return
				}
			}
		}
		if err := c.compare(); err != nil {
			yield(c.progress, err)
		}
	}
}

// copier is one run of Copy.
type copier struct {
	from, to *Env
	parts    []Part // those of which the original has something
	tx       TxID   // of the original
	unsynced int64  // bytes committed since the last sync of the copy
	progress CopyProgress
}

// plan finds out what there is to copy.
func (c *copier) plan() error {
	tx, err := c.from.Read()
	if err != nil {
		return err
	}
	defer tx.Close()
	c.tx = tx.ID()
	there := map[string]bool{}
	for name, s := range structuresIn(tx, &err) {
		there[name] = true
		if !claimed(c.parts, name) {
			return &UnknownStructureError{Name: name, StructureKind: s.kind.String()}
		}
	}
	if err != nil {
		return err
	}
	var wanted []Part
	for _, p := range c.parts {
		if hasAny(p.Names(), there) {
			wanted = append(wanted, p)
			c.progress.Total += p.Entries(tx)
		}
	}
	c.parts = wanted
	return nil
}

func claimed(parts []Part, name string) bool {
	for _, p := range parts {
		if slices.Contains(p.Names(), name) {
			return true
		}
	}
	return false
}

func hasAny(names []string, there map[string]bool) bool {
	for _, name := range names {
		if there[name] {
			return true
		}
	}
	return false
}

// structuresIn yields what the catalog names, by name. It ends early, with the error in err, when the catalog is damaged.
func structuresIn(tx Tx, err *error) iter.Seq2[string, structureState] {
	return func(yield func(string, structureState) bool) {
		cursor := tx.catalogView().Cursor()
		for ok := cursor.First(); ok; ok = cursor.Next() {
			s, bad := decodeStructure(cursor.Value())
			if bad != nil {
				*err = &CorruptError{File: dataName, Err: bad}
				return
			}
			if !yield(string(cursor.Key()), s) {
				return
			}
		}
		*err = cursor.Err()
	}
}

// batch copies and commits one batch of p.
func (c *copier) batch(p Part) (done bool, err error) {
	c.progress.Structure = p.Names()[0]
	from, err := c.from.Read()
	if err != nil {
		return false, err
	}
	defer from.Close()
	if from.ID() != c.tx {
		return false, &CopyError{Name: c.progress.Structure, Why: "somebody wrote to the original meanwhile"}
	}
	var size int64
	err = c.to.Update(func(to *WriteTx) error {
		b := &Batch{From: from, To: to}
		if done, err = p.Copy(b); err != nil {
			return err
		}
		c.progress.Entries += b.count
		size = to.changedBytes()
		return nil
	})
	if err != nil {
		return false, err
	}
	c.progress.Bytes = int64(c.to.chain.current.Load().nextPage) * pageBytes
	return done, c.settle(size)
}

// settle writes the copy to its data file now and then, so that neither memory nor journals grow with it.
func (c *copier) settle(committed int64) error {
	c.unsynced += committed
	if c.unsynced < c.to.opts.MaxUnflushedBytes/copySyncPart {
		return nil
	}
	c.unsynced = 0
	if err := c.to.Flush(); err != nil {
		return err
	}
	return c.to.Sync()
}

// compare sees that the copy has what the original has, as far as states tell.
func (c *copier) compare() error {
	from, err := c.from.Read()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := c.to.Read()
	if err != nil {
		return err
	}
	defer to.Close()
	for name, want := range structuresIn(from, &err) {
		got, lookErr := to.structure(name)
		switch {
		case lookErr != nil:
			return lookErr
		case got == nil || got.kind != want.kind:
			return &CopyError{Name: name, Why: "it is missing"}
		case got.entries() != want.entries() || got.fixed.ValueBytes != want.fixed.ValueBytes:
			return &CopyError{Name: name, Why: fmt.Sprintf("it has %d entries, the original says %d", got.entries(), want.entries())}
		}
	}
	return err
}

// entries is the number of entries, or of rows.
func (s *structureState) entries() uint64 {
	switch s.kind {
	case kindTree:
		return s.tree.Entries
	case kindFixed:
		return s.fixed.Entries
	default:
		return s.sections.Rows
	}
}
