package storage

import (
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/page"
)

const pageBytes = page.SizeBytes

// buffer is one version of a page, or of an overflow run, in memory. Once its transaction committed, its bytes never
// change until it is released. The MAC field is zero: checksums are put in on the way to the data file.
type buffer struct {
	no    page.No
	data  []byte // whole pages
	tx    TxID   // that wrote it
	birth uint64 // number of the first snapshot that has it
	owner owner  // the transaction that may change it

	before []byte // within that transaction: the version before, nil for a new page
	hash   uint64 // during recovery: of the page after its last record
	gone   bool   // within that transaction: freed again
}

func (b *buffer) pages() int { return len(b.data) / pageBytes }

// pool keeps released buffers of single pages for reuse, and counts the memory of all that are out.
type pool struct {
	heldBytes atomic.Int64

	mu   sync.Mutex
	free []*buffer
}

// poisonByte fills released buffers under invariants: what still reads one fails loudly.
const poisonByte = 0xDB

// take returns a buffer for page no. Its bytes are whatever they were.
func (p *pool) take(no page.No, pages int) *buffer {
	p.heldBytes.Add(int64(pages) * pageBytes)
	if pages == 1 {
		if b := p.takeFree(); b != nil {
			b.no = no
			return b
		}
	}
	return &buffer{no: no, data: make([]byte, pages*pageBytes)}
}

func (p *pool) takeFree() *buffer {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return nil
	}
	b := p.free[n-1]
	p.free[n-1] = nil
	p.free = p.free[:n-1]
	return b
}

// takeZero is take with all bytes zero.
func (p *pool) takeZero(no page.No, pages int) *buffer {
	b := p.take(no, pages)
	clear(b.data)
	return b
}

// release takes back buffers that nobody can reach any more.
func (p *pool) release(buffers []*buffer) {
	if len(buffers) == 0 {
		return
	}
	var bytes int64
	for _, b := range buffers {
		bytes += int64(len(b.data))
		if invariant.Enabled {
			for i := range b.data {
				b.data[i] = poisonByte
			}
		}
	}
	p.heldBytes.Add(-bytes)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range buffers {
		if b.pages() == 1 && len(p.free) < poolBytesMax/pageBytes {
			*b = buffer{data: b.data}
			p.free = append(p.free, b)
		}
	}
}

// shrink gives half of the free buffers to the garbage collector; called when nothing happens.
func (p *pool) shrink() {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep := len(p.free) / 2
	clear(p.free[keep:])
	p.free = p.free[:keep]
}
