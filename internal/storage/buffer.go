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
	born  TxID   // that made the page, unless it was taken from the data file; else 0
	birth uint64 // number of the first snapshot that has it
	owner owner  // the transaction that may change it

	before []byte // within that transaction: the version before, nil for a new page
	hash   uint64 // during recovery: of the page after its last record
	early  span   // within that transaction: what changed, encoded; empty when it was changed since
	gone   bool   // within that transaction: freed again
}

func (b *buffer) pages() int { return len(b.data) / pageBytes }

// pool keeps released buffers of single pages for reuse, and counts the memory of all that are out.
type pool struct {
	heldBytes atomic.Int64
	bytesMax  int64      // of free buffers; set at open
	secret    pageMemory // nil unless pages are secret: then their memory comes from there and goes back at once

	mu   sync.Mutex
	free []*buffer
}

// poisonByte fills released buffers under invariants: what still reads one fails loudly.
const poisonByte = 0xDB

func poison(data []byte) {
	if invariant.Enabled {
		for i := range data {
			data[i] = poisonByte
		}
	}
}

// take returns a buffer for page no. Its bytes are whatever they were. The error is that of secret memory.
func (p *pool) take(no page.No, pages int) (*buffer, error) {
	b, _, err := p.takeMemory(no, pages)
	return b, err
}

// takeZero is take with all bytes zero.
func (p *pool) takeZero(no page.No, pages int) (*buffer, error) {
	b, fresh, err := p.takeMemory(no, pages)
	if err == nil && !fresh {
		clear(b.data)
	}
	return b, err
}

// takeMemory is fresh when the memory was never used, and so is zero.
func (p *pool) takeMemory(no page.No, pages int) (b *buffer, fresh bool, err error) {
	switch {
	case p.secret != nil:
		var data []byte
		if data, err = p.secret.take(pages * pageBytes); err != nil {
			return nil, false, err
		}
		b = &buffer{data: data}
	case pages == 1:
		b = p.takeFree()
	}
	if b == nil {
		b, fresh = &buffer{data: make([]byte, pages*pageBytes)}, true
	}
	b.no = no
	p.heldBytes.Add(int64(pages) * pageBytes)
	return b, fresh, nil
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

// release takes back buffers that nobody can reach any more.
func (p *pool) release(buffers []*buffer) {
	if len(buffers) == 0 {
		return
	}
	var bytes int64
	for _, b := range buffers {
		bytes += int64(len(b.data))
		poison(b.data)
	}
	p.heldBytes.Add(-bytes)
	if p.secret != nil {
		for _, b := range buffers {
			p.secret.give(b.data)
			b.data = nil
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range buffers {
		if b.pages() == 1 && int64(len(p.free)) < p.bytesMax/pageBytes {
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
