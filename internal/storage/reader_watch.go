package storage

import "time"

// readerWatch logs readers that stay for long: each snapshot once, when it was replaced longer ago than
// Options.OldReaderAfter while it is still read; and once when page versions fill half of their bound, until they fill less
// than a quarter.
type readerWatch struct {
	env    *Env
	warned TxID // the newest transaction whose readers were logged
	tight  bool // it was logged that memory is short
}

// look is called now and then.
func (w *readerWatch) look() {
	oldest := w.old()
	held, bound := w.env.pool.heldBytes.Load(), w.env.opts.MaxUnflushedBytes
	switch {
	case held > bound/2 && !w.tight:
		w.tight = true
		w.env.opts.Logger.Warn("page versions fill half of their memory", "dir", w.env.opts.Dir, "held_bytes", held, "bound_bytes", bound,
			"unflushed_bytes", w.env.unflushedBytes(), "tx", uint64(oldest.ID), "readers", oldest.Count,
			"age", oldest.ReplacedAge.String(), "pages_held", oldest.PagesHeld)
	case held < bound/4:
		w.tight = false
	}
}

// old logs the readers that became old, and returns those of the oldest snapshot; none when nobody reads an old one.
func (w *readerWatch) old() (oldest Transaction) {
	for _, tx := range w.env.chain.appendReaders(nil, w.env.opts.Now()) {
		if tx.ReplacedAge > oldest.ReplacedAge {
			oldest = tx // the first of them: later ones were replaced later
		}
		if limit := w.env.opts.OldReaderAfter; limit < 0 || tx.ReplacedAge < max(limit, time.Nanosecond) || tx.ID <= w.warned {
			continue
		}
		w.warned = tx.ID
		w.env.opts.Logger.Warn("old reader holds page versions and journals", "dir", w.env.opts.Dir, "tx", uint64(tx.ID),
			"readers", tx.Count, "age", tx.ReplacedAge.String(), "pages_held", tx.PagesHeld,
			"held_bytes", w.env.pool.heldBytes.Load(), "bound_bytes", w.env.opts.MaxUnflushedBytes)
	}
	return oldest
}

// unflushedBytes is the size of the newest versions that the data file does not have.
func (e *Env) unflushedBytes() int64 {
	if snap := e.chain.current.Load(); snap != nil {
		return snap.tableBytes
	}
	return 0
}
