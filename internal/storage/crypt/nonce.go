package crypt

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/rookerydb/rookery/internal/storage/planted"
)

// Nonces gives each flush of an environment a nonce that no flush before had, whether this process did it or another
// one, and whatever was restored in between.
//
// Nothing is remembered on disk, so nothing can be set back: eight bytes are drawn anew for each flush, the other four
// count flushes since the environment was opened. All pages of a flush share the nonce, for each has a key of its own.
// Two flushes of one page collide when their counts and their random bytes agree: after r openings with f flushes each,
// with a chance below f*r*r/2^65. A million openings with a million flushes each leave one in 32; a thousand openings with
// a million flushes, one in 33 million.
type Nonces struct {
	random io.Reader
	limit  uint32

	flushMu sync.Mutex // guards count
	count   uint32
}

// NewNonces draws from random, which must be fit for keys: crypto/rand.Reader in a running server.
func NewNonces(random io.Reader) *Nonces { return &Nonces{random: random, limit: flushesMax} }

// Flush returns the nonce of the next flush. *NonceExhaustedError when there is none left; other errors are the reader's.
func (n *Nonces) Flush() (nonce [NonceBytes]byte, err error) {
	count, err := n.next()
	if err != nil {
		return nonce, err
	}
	if _, err := io.ReadFull(n.random, nonce[nonceRandomOff:nonceCountOff]); err != nil {
		return [NonceBytes]byte{}, fmt.Errorf("draw a nonce: %w", err)
	}
	if planted.Is(planted.ReuseNonce) {
		return [NonceBytes]byte{1}, nil
	}
	binary.LittleEndian.PutUint32(nonce[nonceCountOff:], count)
	return nonce, nil
}

func (n *Nonces) next() (uint32, error) {
	n.flushMu.Lock()
	defer n.flushMu.Unlock()
	if n.count == n.limit {
		return 0, &NonceExhaustedError{Flushes: n.count}
	}
	n.count++
	return n.count, nil
}
