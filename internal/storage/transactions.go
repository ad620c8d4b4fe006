package storage

import (
	"sync/atomic"
	"time"
)

// TxKind says what a Transaction describes.
type TxKind uint8

// The kinds.
const (
	Reading    TxKind = iota // read transactions on one snapshot
	Writing                  // the write transaction that is open
	Committing               // the one before it, whose record is not durable yet
)

// String returns the name that answers use.
func (k TxKind) String() string { return [...]string{"Read", "Write", "Commit"}[k] }

// Transaction describes a transaction that has not ended, or several that read the same snapshot.
type Transaction struct {
	Kind  TxKind
	ID    TxID  // of the write transaction; of the last one that the readers see
	Count int64 // of read transactions on the snapshot; 1 for a write transaction
	// OldestAge is how long ago the write transaction began. Readers do not say when they come: theirs is the age of the
	// snapshot, which none of them is older than.
	OldestAge time.Duration
	// ReplacedAge is how long ago newer changes were committed: readers are at least so old, and hold back flushes for so long.
	// 0 while their snapshot is the newest one, and for a write transaction.
	ReplacedAge time.Duration
	// PagesHeld is how many versions of pages are in memory for the transaction only: those that it made, or that it or
	// older ones may still read while newer ones do not.
	PagesHeld int
}

// Transactions returns what has not ended: the write transaction first, if there is one, then the commit that is being written, then readers from the oldest snapshot
// to the newest.
func (e *Env) Transactions() []Transaction {
	now := e.opts.Now()
	var list []Transaction
	if tx, ok := e.writing.look(Writing, now); ok {
		list = append(list, tx)
	}
	if tx, ok := e.committing.look(Committing, now); ok {
		list = append(list, tx)
	}
	return e.chain.appendReaders(list, now)
}

// openWrite is what others may know of a write transaction, which sets it.
type openWrite struct {
	tx    atomic.Uint64 // 0 when there is none
	since atomic.Int64  // nanoseconds since 1970
	pages atomic.Int64
}

func (w *openWrite) begin(id TxID, now time.Time) {
	w.pages.Store(0)
	w.since.Store(now.UnixNano())
	w.tx.Store(uint64(id))
}

// take makes w the transaction that from is.
func (w *openWrite) take(from *openWrite) {
	w.pages.Store(from.pages.Load())
	w.since.Store(from.since.Load())
	w.tx.Store(from.tx.Load())
}

func (w *openWrite) end() { w.tx.Store(0) }

func (w *openWrite) look(kind TxKind, now time.Time) (Transaction, bool) {
	id := w.tx.Load()
	if id == 0 {
		return Transaction{}, false
	}
	age := max(0, time.Duration(now.UnixNano()-w.since.Load()))
	return Transaction{Kind: kind, ID: TxID(id), Count: 1, OldestAge: age, PagesHeld: int(w.pages.Load())}, true
}

// replacedAge is how long ago a newer transaction was committed; 0 when there is none. A flush replaces snapshots too, but
// what it leaves is no older state. Needs chain.mu.
func (s *snapshot) replacedAge(now time.Time) time.Duration {
	if s.replacedAt.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.replacedAt))
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
			tx.ReplacedAge, tx.PagesHeld = s.replacedAge(now), len(s.newer.garbage)
		}
		list = append(list, tx)
	}
	return list
}
