package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/invariant"
	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// deriver makes the key of one page or record from the key of all pages or all records.
//
// AES: as RFC 8452, section 4, derives its encryption key, with the number in the place of the nonce. Four blocks, of
// each of which half is used: so the result cannot be told from random, where a block cipher alone never repeats itself.
// ChaCha20: HChaCha20 with the number, as XChaCha20 derives its key.
type deriver struct {
	algorithm Algorithm
	secret    [KeyBytes]byte // for ChaCha20
	block     cipher.Block   // for AES
}

func newDeriver(a Algorithm, secret *[KeyBytes]byte) deriver {
	d := deriver{algorithm: a}
	if a == ChaCha20Poly1305 {
		d.secret = *secret
		return d
	}
	d.block = mustAES(secret[:])
	return d
}

// derive leaves the key of number in s.key.
func (d *deriver) derive(s *scratch, number uint64) {
	clear(s.in[:])
	if d.algorithm == ChaCha20Poly1305 {
		binary.LittleEndian.PutUint64(s.in[:], number)
		key, err := chacha20.HChaCha20(d.secret[:], s.in[:])
		invariant.Assert(err == nil, "HChaCha20: %v", err)
		copy(s.key[:], key)
		wipe(key)
		return
	}
	binary.LittleEndian.PutUint64(s.in[4:], number)
	for i := range uint32(4) {
		binary.LittleEndian.PutUint32(s.in[:], i+2) // 0 and 1 make the authentication key of RFC 8452, which GCM does without
		d.block.Encrypt(s.out[:], s.in[:])
		copy(s.key[8*i:], s.out[:8])
	}
	wipe(s.out[:])
}

// newAEAD returns the cipher for s.key, and wipes s.key.
func (k *Keys) newAEAD(s *scratch) cipher.AEAD {
	defer wipe(s.key[:])
	if k.algorithm == ChaCha20Poly1305 {
		aead, err := chacha20poly1305.New(s.key[:])
		invariant.Assert(err == nil, "ChaCha20-Poly1305: %v", err)
		return aead
	}
	block := mustAES(s.key[:])
	aead, err := cipher.NewGCM(block) // takes a copy of the block
	invariant.Assert(err == nil, "GCM: %v", err)
	k.blocks.erase(block)
	return aead
}

func mustAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	invariant.Assert(err == nil, "AES: %v", err)
	return block
}
