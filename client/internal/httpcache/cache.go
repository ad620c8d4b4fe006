package httpcache

import (
	"container/list"
	"sync"
)

// entryOverheadBytes is what an entry costs beside its texts: the list element, the map slot and the headers of the texts,
// about that much on 64-bit machines.
const entryOverheadBytes = 256

// shareMax is the part of the cache that one entry may take: a larger one would push out too many others.
const shareMax = 8

// Entry is an answer that was kept. Nobody may change Body.
type Entry struct {
	ETag string // as it was sent, quotes included
	Body []byte
}

// Cache keeps entries by key. It is safe for concurrent use. The zero value keeps nothing.
type Cache struct {
	bytesMax int64

	mu    sync.Mutex // guards what follows
	bytes int64
	byKey map[string]*list.Element
	used  *list.List // of *kept; the last used in front
}

type kept struct {
	key   string
	entry Entry
}

func (k *kept) size() int64 {
	return int64(len(k.key)+len(k.entry.ETag)+len(k.entry.Body)) + entryOverheadBytes
}

// New returns a cache of at most bytesMax bytes; 0 or less for one that keeps nothing.
func New(bytesMax int64) *Cache {
	return &Cache{bytesMax: bytesMax, byKey: map[string]*list.Element{}, used: list.New()}
}

// Get finds what was put under key.
func (c *Cache) Get(key string) (Entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return Entry{}, false
	}
	c.used.MoveToFront(e)
	return e.Value.(*kept).entry, true
}

// Put keeps entry under key in place of what was there. An entry that would take more than an eighth of the cache is not
// kept; what was there before goes all the same. Body must not be changed afterwards.
func (c *Cache) Put(key string, entry Entry) {
	if c.bytesMax <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byKey[key]; ok {
		c.removeLocked(old)
	}
	k := &kept{key: key, entry: entry}
	if k.size() > c.bytesMax/shareMax {
		return
	}
	c.byKey[key] = c.used.PushFront(k)
	c.bytes += k.size()
	for c.bytes > c.bytesMax {
		c.removeLocked(c.used.Back())
	}
}

// Stats is how full the cache is.
type Stats struct {
	Entries int
	Bytes   int64 // at most what New was given
}

// Stats counts what is kept now.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{Entries: len(c.byKey), Bytes: c.bytes}
}

func (c *Cache) removeLocked(e *list.Element) {
	k := e.Value.(*kept)
	c.used.Remove(e)
	delete(c.byKey, k.key)
	c.bytes -= k.size()
}
