package storage

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// TxID numbers the write transactions of an environment, from 1 in the order of their commits.
type TxID uint64

// mark is what a header file remembers of a transaction: the state after it, and where its log goes on.
type mark struct {
	tx       TxID
	nextPage page.No // pages that the data file needs
	catalog  btree.State
	end      journal.Position // behind its record
	hash     uint64           // of its record
	volume   int64            // journal bytes written since open; not in the header
}

// snapshot is the environment after a transaction, for any number of readers. All but readers and known is immutable.
type snapshot struct {
	mark
	number     uint64 // counts snapshots, also those that a flush makes; the maker sets it, as versions are born in it
	table      table
	tableBytes int64 // of the versions in table
	file       *fileView
	known      atomic.Pointer[known] // nil until somebody reads

	_       [64]byte // readers count beside, not on, the cache line that they read
	readers atomic.Int64
	_       [56]byte

	// Guarded by chain.mu.
	older, newer *snapshot
	garbage      []*buffer // versions that older snapshots have and this one has not
	publishedAt  time.Time
	replacedAt   time.Time // when a newer transaction was published; zero until then
}

// chain is the list of snapshots that somebody may read: the current one, and older ones with readers.
type chain struct {
	current atomic.Pointer[snapshot] // nil when closed
	pool    *pool
	now     func() time.Time

	mu     sync.Mutex
	oldest *snapshot
}

// acquire returns the current snapshot with one reader more, or nil when the chain is closed.
//
// Counting comes before the second look at current: whoever replaces current later sees the reader; if it was replaced
// before, the snapshot may be gone, and nothing of it was touched.
func (c *chain) acquire() *snapshot {
	for {
		s := c.current.Load()
		if s == nil {
			return nil
		}
		s.readers.Add(1)
		if c.current.Load() == s {
			return s
		}
		s.readers.Add(-1)
	}
}

// acquireOldest returns the oldest snapshot that somebody reads, else the current one, with one reader more.
func (c *chain) acquireOldest() *snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := c.oldest; s != nil; s = s.newer {
		if s.newer == nil || (s.readers.Load() > 0 && !planted.Is(planted.FlushPastReader)) {
			s.readers.Add(1)
			return s
		}
	}
	return nil
}

// publish makes s the current snapshot. garbage are the versions that the one before has and s has not.
func (c *chain) publish(s *snapshot, garbage []*buffer) {
	now := c.now()
	c.mu.Lock()
	before := c.current.Load()
	s.garbage, s.publishedAt = garbage, now
	s.file.users.Add(1)
	s.older = before
	if before != nil {
		if s.number != before.number+1 { // Assert would allocate its arguments
			invariant.Assert(false, "snapshot %d follows %d: one that was pending was overtaken", s.number, before.number)
		}
		before.newer = s
		for old := before; old != nil && old.tx == before.tx && s.tx > before.tx; old = old.older {
			old.replacedAt = now
		}
	} else {
		c.oldest = s
	}
	c.current.Store(s)
	dead := c.reapLocked()
	c.mu.Unlock()
	dead.bury(c.pool)
}

// reap releases what no reader needs any more; publish does so too.
func (c *chain) reap() {
	c.mu.Lock()
	dead := c.reapLocked()
	c.mu.Unlock()
	dead.bury(c.pool)
}

// close makes acquire fail. What readers hold is released when reap is called after them.
func (c *chain) close() {
	c.current.Store(nil)
	c.reap()
}

// remains is what is released outside the lock.
type remains struct {
	buffers []*buffer
	views   []*fileView
}

func (r remains) bury(p *pool) {
	p.release(r.buffers)
	for _, v := range r.views {
		v.drop()
	}
}

func (c *chain) reapLocked() remains {
	var dead remains
	current := c.current.Load()
	for s := c.oldest; s != nil; s = s.newer {
		if s != current && s.readers.Load() == 0 {
			c.removeLocked(s, &dead)
		}
	}
	return dead
}

// removeLocked takes s out of the chain. Versions that only s had are dead: those in the garbage of the next snapshot
// that were born after the snapshot before s.
func (c *chain) removeLocked(s *snapshot, dead *remains) {
	dead.views = append(dead.views, s.file)
	older, newer := s.older, s.newer
	if older != nil {
		older.newer = newer
	} else {
		c.oldest = newer
	}
	if newer == nil { // the last one, after close
		for b := range s.table.all() {
			if older == nil {
				dead.buffers = append(dead.buffers, b)
			}
		}
		return
	}
	newer.older = older
	if older == nil {
		dead.buffers = append(dead.buffers, newer.garbage...)
		newer.garbage = nil
		return
	}
	kept := s.garbage
	for _, b := range newer.garbage {
		if b.birth > older.number || planted.Is(planted.FreeTooEarly) {
			dead.buffers = append(dead.buffers, b)
		} else {
			kept = append(kept, b)
		}
	}
	newer.garbage = kept
}
