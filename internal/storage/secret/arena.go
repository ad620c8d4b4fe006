package secret

import (
	"slices"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Arena lends memory for pages in clear, in frames of FrameBytes. It grows as needed: who takes keeps the bound. Of what the system
// lets us lock it leaves some for keys, unless it must lock everything.
type Arena struct {
	options Options

	chunksMu     sync.Mutex // guards what follows
	chunks       []*chunk   // by address
	usedFrames   int64
	lockFailures int64
}

// Stats is what an arena has now.
type Stats struct {
	Bytes        int64 // taken from the system
	UsedBytes    int64 // of these, lent
	LockedBytes  int64 // of Bytes, locked in memory
	LockFailures int64 // how often the system did not lock, since the arena was made
}

// NewArena returns an arena without memory.
func NewArena(o Options) *Arena { return &Arena{options: o} }

// Take lends n bytes, a multiple of FrameBytes above zero. What they hold is of no meaning. The borrower owns them until
// Give. Errors are *MemoryError, and *LockError when Options.MustLock.
func (a *Arena) Take(n int) ([]byte, error) {
	invariant.Assert(n > 0 && n%FrameBytes == 0, "memory is taken that is no whole frames")
	a.chunksMu.Lock()
	defer a.chunksMu.Unlock()
	frames := n / FrameBytes
	for _, c := range a.chunks {
		if b := c.take(frames); b != nil {
			a.usedFrames += int64(frames)
			return b, nil
		}
	}
	c, err := a.grow(frames)
	if err != nil {
		return nil, err
	}
	a.usedFrames += int64(frames)
	return c.take(frames), nil
}

// grow adds a chunk with room for a run of frames.
func (a *Arena) grow(frames int) (*chunk, error) {
	memory, err := takeRegion(max(frames, chunkFrames)*FrameBytes, a.options)
	if !a.options.MustLock {
		memory.leaveHeadroom()
	}
	if memory.lockErr != nil {
		a.lockFailures++
	}
	if err != nil {
		return nil, err
	}
	c := newChunk(memory)
	i, _ := a.find(c.address)
	a.chunks = slices.Insert(a.chunks, i, c)
	return c, nil
}

// Give returns what Take lent: the same slice, whole. It is wiped. Giving twice, or something else, is a mistake that ends
// the process.
func (a *Arena) Give(b []byte) {
	wipe(b)
	a.chunksMu.Lock()
	defer a.chunksMu.Unlock()
	i, exact := a.find(addressOf(b))
	if !exact {
		i--
	}
	invariant.Assert(i >= 0, "memory is given that is not of this arena")
	c := a.chunks[i]
	a.usedFrames -= int64(c.give(b))
	if c.isEmpty() && c.frames() > chunkFrames { // made for one long run: the next one will have another length
		a.drop(i)
	}
}

// Shrink returns chunks to the system that were empty the last time too, and not used in between. Call it now and then.
func (a *Arena) Shrink() {
	a.chunksMu.Lock()
	defer a.chunksMu.Unlock()
	a.chunks = slices.DeleteFunc(a.chunks, func(c *chunk) bool {
		unused := c.isEmpty() && c.idle
		c.idle = c.isEmpty()
		if unused {
			c.memory.give()
		}
		return unused
	})
}

// Close returns everything to the system. Nothing may be lent any more.
func (a *Arena) Close() {
	a.chunksMu.Lock()
	defer a.chunksMu.Unlock()
	invariant.Assert(a.usedFrames == 0, "an arena is closed while memory of it is lent")
	for _, c := range a.chunks {
		c.memory.give()
	}
	a.chunks = nil
}

// Stats returns what the arena has now.
func (a *Arena) Stats() Stats {
	a.chunksMu.Lock()
	defer a.chunksMu.Unlock()
	s := Stats{UsedBytes: a.usedFrames * FrameBytes, LockFailures: a.lockFailures}
	for _, c := range a.chunks {
		s.Bytes += int64(len(c.memory.bytes))
		if c.memory.lockErr == nil {
			s.LockedBytes += int64(len(c.memory.bytes))
		}
	}
	return s
}

// drop returns chunk i to the system.
func (a *Arena) drop(i int) {
	a.chunks[i].memory.give()
	a.chunks = slices.Delete(a.chunks, i, i+1)
}

// find returns the first chunk at or after address, and whether it begins just there.
func (a *Arena) find(address uintptr) (i int, exact bool) {
	return slices.BinarySearchFunc(a.chunks, address, func(c *chunk, address uintptr) int {
		switch {
		case c.address < address:
			return -1
		case c.address > address:
			return 1
		}
		return 0
	})
}
