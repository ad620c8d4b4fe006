package storage

import (
	"sync/atomic"
	"time"
)

// Transaction describes the write transaction that is open, or the read transactions on one snapshot.
type Transaction struct {
	Write bool
	ID    TxID  // of the write transaction; of the last one that the readers see
	Count int64 // of read transactions on the snapshot; 1 for a write transaction
	// OldestAge is how long the write transaction has been open. Readers do not say when they come: theirs is the age of the
	// snapshot, which none of them is older than.
	OldestAge time.Duration
	// ReplacedAge is how long ago newer changes were committed: readers are at least so old, and hold back flushes for so long.
	// 0 while their snapshot is the newest one, and for a write transaction.
	ReplacedAge time.Duration
	// PagesHeld is how many versions of pages are in memory for the transaction only: those that it made, or that it or
	// older ones may still read while newer ones do not.
	PagesHeld int
}

// Transactions returns what is open: the write transaction first, if there is one, then readers from the oldest snapshot
// to the newest.
func (e *Env) Transactions() []Transaction {
	now := e.opts.Now()
	var list []Transaction
	if tx, ok := e.writing.look(now); ok {
		list = append(list, tx)
	}
	return e.chain.appendReaders(list, now)
}

// writing is what others may know of the open write transaction, which sets it.
type writing struct {
	tx    atomic.Uint64 // 0 when there is none
	since atomic.Int64  // nanoseconds since 1970
	pages atomic.Int64
}

func (w *writing) begin(id TxID, now time.Time) {
	w.pages.Store(0)
	w.since.Store(now.UnixNano())
	w.tx.Store(uint64(id))
}

func (w *writing) end() { w.tx.Store(0) }

func (w *writing) look(now time.Time) (Transaction, bool) {
	id := w.tx.Load()
	if id == 0 {
		return Transaction{}, false
	}
	age := max(0, time.Duration(now.UnixNano()-w.since.Load()))
	return Transaction{Write: true, ID: TxID(id), Count: 1, OldestAge: age, PagesHeld: int(w.pages.Load())}, true
}

// appendReaders appends an element for each snapshot that is read.
func (c *chain) appendReaders(list []Transaction, now time.Time) []Transaction {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := c.oldest; s != nil; s = s.newer {
		readers := s.readers.Load()
		if readers <= 0 {
			continue
		}
		tx := Transaction{ID: s.tx, Count: readers, OldestAge: max(0, now.Sub(s.publishedAt))}
		if s.newer != nil {
			tx.ReplacedAge, tx.PagesHeld = max(0, now.Sub(s.replacedAt)), len(s.newer.garbage)
		}
		list = append(list, tx)
	}
	return list
}
