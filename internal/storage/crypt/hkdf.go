package crypt

import (
	"crypto/sha256"
	"hash"

	"github.com/rookerydb/rookery/internal/invariant"
)

// hkdfExtract and hkdfExpand are the two steps of HKDF-SHA256 (RFC 5869), for keys of one hash. The standard library's
// leave the key between the two steps, and the hashes' keyed states, on the heap.
func hkdfExtract(extracted *[KeyBytes]byte, salt, secret []byte) { hmacSHA256(extracted, salt, secret) }

func hkdfExpand(key, extracted *[KeyBytes]byte, info string) {
	hmacSHA256(key, extracted[:], []byte(info), []byte{1})
}

// hmacSHA256 is HMAC (RFC 2104) of the parts one after the other, under a key of at most one block of the hash. Results
// go where the caller says and not through return values: what escapes to the heap is then one copy, which its owner wipes.
func hmacSHA256(sum *[sha256.Size]byte, key []byte, parts ...[]byte) {
	invariant.Assert(len(key) <= sha256.BlockSize, "HMAC with a key of %d bytes", len(key))
	h := sha256.New()
	var inner [sha256.Size]byte
	keyedHash(h, &inner, key, 0x36, parts)
	keyedHash(h, sum, key, 0x5c, [][]byte{inner[:]})
	wipe(inner[:])
	h.Reset()
	_, _ = h.Write(make([]byte, sha256.BlockSize-1)) // stays in the hash's buffer, over what was there
	h.Reset()
}

// keyedHash hashes a block of key, padded with zeros and combined with around, and then the parts.
func keyedHash(h hash.Hash, sum *[sha256.Size]byte, key []byte, around byte, parts [][]byte) {
	var block [sha256.BlockSize]byte
	copy(block[:], key)
	for i := range block {
		block[i] ^= around
	}
	h.Reset()
	_, _ = h.Write(block[:]) // a hash never fails
	for _, part := range parts {
		_, _ = h.Write(part)
	}
	h.Sum(sum[:0])
	wipe(block[:])
}

// wipe clears b. It is a call, so that the compiler does not leave it out because nobody reads b again.
//
//go:noinline
func wipe(b []byte) { clear(b) }
