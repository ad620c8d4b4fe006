package database

import (
	"sync"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// outbox holds what commits have to tell those who watch, until the commits are durable.
//
// A batch puts its changes in while its goroutine has the role of the committer, so in the order of commits. Batches end in any
// order, as their goroutines get a processor; each publishes its own changes and, before them, those that others have not
// come to yet. So a caller who has its answer knows that its changes were published, and nobody waits for a goroutine
// that has not run.
type outbox struct {
	publishing sync.Mutex // held by who publishes, so that the order holds; above mu, never taken by a committer

	mu      sync.Mutex // guards what follows; held for a moment
	letters []letter   // in the order of their commits
	taken   uint64     // letters that were here before them
}

// letter is what one commit has to tell.
type letter struct {
	commit *storage.Pending // nil: durable already
	list   []changes.Change
}

// put adds what the transactions that end with commit have written, if anything, and returns its place; 0 for nothing.
func (o *outbox) put(commit *storage.Pending, written []docstore.Written) (place uint64) {
	if len(written) == 0 {
		return 0
	}
	l := letter{commit: commit, list: make([]changes.Change, 0, len(written))}
	for _, w := range written {
		c := changes.Document{Act: changes.Put, ID: w.ID, Collection: w.Collection, ChangeVector: w.ChangeVector}
		if w.Deleted {
			c.Act = changes.Delete
		}
		l.list = append(l.list, c)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.letters = append(o.letters, l)
	return o.taken + uint64(len(o.letters))
}

// publish tells of the letters up to that place, whose commits have ended.
func (o *outbox) publish(to *changes.Hub, place uint64) {
	if place == 0 {
		return
	}
	o.publishing.Lock()
	defer o.publishing.Unlock()
	for {
		l, ok := o.take(place)
		if !ok {
			return
		}
		if l.commit.Wait() == nil { // else it never was
			to.Publish(l.list)
		}
	}
}

// take takes out the first letter, if its place is at most last.
func (o *outbox) take(last uint64) (letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken >= last {
		return letter{}, false
	}
	first := o.letters[0]
	n := copy(o.letters, o.letters[1:])
	o.letters[n] = letter{}
	o.letters = o.letters[:n]
	o.taken++
	return first, true
}
