package secret

import (
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Sealed keeps one key. In memory is only the key combined with a random pad, the pad being elsewhere; the key itself is
// there from the first Open to the last Close.
type Sealed struct {
	pad *[KeyBytes]byte // in the heap, so that neither place alone tells anything

	stateMu   sync.Mutex // guards what follows
	memory    region     // the combined key, then the place for the key in clear
	opened    int        // how many have it open
	destroyed bool
	unneeded  runtime.Cleanup // of memory and pad, for when nobody refers to the key any more
}

// Offsets in Sealed.memory, a cache line apart.
const (
	combinedOff = 0
	clearOff    = 64
)

// Seal takes over key: it is wiped. The pad is drawn from random, which must be fit for keys. Errors are *MemoryError,
// *LockError when o.MustLock, and those of random; key is wiped then, too. End with Destroy, or leave it to the collector, which
// destroys what nobody refers to any more.
func Seal(key *[KeyBytes]byte, random io.Reader, o Options) (*Sealed, error) {
	defer clear(key[:])
	s := &Sealed{pad: new([KeyBytes]byte)}
	if _, err := io.ReadFull(random, s.pad[:]); err != nil {
		return nil, fmt.Errorf("draw a pad: %w", err)
	}
	var err error
	if s.memory, err = takeRegion(clearOff+KeyBytes, o); err != nil {
		return nil, err
	}
	combine(s.combined(), key, s.pad)
	s.unneeded = runtime.AddCleanup(s, sealedRest.destroy, sealedRest{pad: s.pad, memory: s.memory})
	return s, nil
}

// Open returns the key in clear. It is valid, and must only be read, until the Close that belongs to this Open.
func (s *Sealed) Open() *[KeyBytes]byte {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	invariant.Assert(!s.destroyed, "a destroyed key is opened")
	if s.opened == 0 {
		combine(s.inClear(), s.combined(), s.pad)
	}
	s.opened++
	return s.inClear()
}

// Close ends one Open. The last one wipes the key in clear.
func (s *Sealed) Close() {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	invariant.Assert(s.opened > 0, "a key is closed more often than opened")
	s.opened--
	if s.opened == 0 {
		clear(s.inClear()[:])
		s.giveIfDestroyed()
	}
}

// Destroy ends the key. Who has it open keeps it until Close; nobody can open it again. Calls after the first do nothing.
func (s *Sealed) Destroy() {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if s.destroyed {
		return
	}
	s.destroyed = true
	s.giveIfDestroyed()
}

// Locked says whether the key's memory is locked.
func (s *Sealed) Locked() bool { return s.memory.lockErr == nil }

func (s *Sealed) giveIfDestroyed() {
	if s.destroyed && s.opened == 0 {
		s.unneeded.Stop()
		sealedRest{pad: s.pad, memory: s.memory}.destroy()
		s.memory.bytes = nil
	}
}

// sealedRest is what is left of a key to destroy.
type sealedRest struct {
	pad    *[KeyBytes]byte
	memory region
}

func (r sealedRest) destroy() {
	clear(r.pad[:])
	r.memory.give()
}

func (s *Sealed) combined() *[KeyBytes]byte { return (*[KeyBytes]byte)(s.memory.bytes[combinedOff:]) }

func (s *Sealed) inClear() *[KeyBytes]byte { return (*[KeyBytes]byte)(s.memory.bytes[clearOff:]) }

// combine writes a xor b to dst.
func combine(dst, a, b *[KeyBytes]byte) {
	for i := range dst {
		dst[i] = a[i] ^ b[i]
	}
}
