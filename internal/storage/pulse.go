package storage

// Renew moves the transaction to the newest committed state, as if it had been closed and opened anew: everything that was
// got from it before is invalid. So a long walk lets go of what it holds back, at a place where it can go on from a key. It
// must not run beside other uses of the transaction.
//
// *ClosedError after Close of the environment; then the transaction stays where it is, and can be read on.
func (tx *ReadTx) Renew() error {
	e, old := tx.env, tx.snap
	next := e.chain.acquire()
	if next == nil {
		_ = e.releaseUnread() // what our look at the chain may have kept Close from releasing
		return &ClosedError{Dir: e.opts.Dir}
	}
	tx.snap = next
	if e.opts.NoMapping {
		tx.frames.drop()
	}
	e.leave(old)
	return nil
}

// PulseBytes is how much a walk should read before it calls Renew: Options.PulseBytes.
func (tx *ReadTx) PulseBytes() int64 { return tx.env.opts.PulseBytes }

// leave takes one reader off the snapshot.
func (e *Env) leave(snap *snapshot) {
	if snap.readers.Add(-1) == 0 && e.chain.current.Load() == nil {
		_ = e.releaseUnread() // closed before its readers; an error of closing the lock file is nobody's
	}
}
