package crypt

import (
	"crypto/cipher"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Keys are the keys of one environment, ready for use.
type Keys struct {
	algorithm Algorithm
	pages     deriver
	journal   deriver
	header    [KeyBytes]byte

	blocks, aeads eraser // of AES blocks, and of what seals and opens one message
}

// scratches are *scratch for whoever needs one next: keys come and go with transactions.
var scratches sync.Pool

// NewKeys derives the keys of the environment envID from the key of its database, of KeyBytes bytes: HKDF-SHA256, with
// the environment as salt and what a key is for as info. The algorithm must be known. Nothing of databaseKey is kept but
// what is derived from it. End with Wipe.
func NewKeys(a Algorithm, databaseKey, envID []byte) *Keys {
	invariant.Assert(a.Known(), "%v", a)
	invariant.Assert(len(databaseKey) == KeyBytes, "a database key of %d bytes", len(databaseKey))
	var extracted, pages, journal [KeyBytes]byte
	defer wipe(extracted[:])
	defer wipe(pages[:])
	defer wipe(journal[:])
	hkdfExtract(&extracted, envID, databaseKey)
	hkdfExpand(&pages, &extracted, pagesInfo)
	hkdfExpand(&journal, &extracted, journalInfo)
	k := &Keys{algorithm: a, pages: newDeriver(a, &pages), journal: newDeriver(a, &journal)}
	hkdfExpand(&k.header, &extracted, headerInfo)
	k.blocks, k.aeads = erasers(a)
	return k
}

// Algorithm returns the cipher that the keys are for.
func (k *Keys) Algorithm() Algorithm { return k.algorithm }

// Wipe clears the keys. They must not be in use, nor be used again.
func (k *Keys) Wipe() {
	for _, d := range []*deriver{&k.pages, &k.journal} {
		wipe(d.secret[:])
		k.blocks.erase(d.block)
	}
	wipe(k.header[:])
}

// HeaderMAC authenticates a header file of the environment: HMAC-SHA256 of b under the header key, cut to TagBytes. When
// it does not agree, b was changed, or the database key is another one.
func (k *Keys) HeaderMAC(b []byte) [TagBytes]byte {
	var sum [KeyBytes]byte
	hmacSHA256(&sum, k.header[:], b)
	return [TagBytes]byte(sum[:TagBytes])
}

// scratch is the memory for sealing or opening one message. Only sealed bytes stay in it.
type scratch struct {
	key     [KeyBytes]byte
	in, out [16]byte // blocks of AES
	nonce   [NonceBytes]byte
	sealed  []byte // ciphertext, then the tag, which the ciphers want there
}

func takeScratch(plainBytes int) *scratch {
	s, ok := scratches.Get().(*scratch)
	if !ok {
		s = new(scratch)
	}
	if n := plainBytes + TagBytes; cap(s.sealed) < n {
		s.sealed = make([]byte, 0, n)
	}
	return s
}

func giveScratch(s *scratch) {
	if cap(s.sealed) > scratchBytesMax {
		s.sealed = nil
	}
	scratches.Put(s)
}

// seal encrypts plain in place, and writes the tag. The key is that of number.
func (k *Keys) seal(d *deriver, number uint64, plain, tag, nonce, associated []byte) {
	sweepStack()
	defer sweepStack()
	s := takeScratch(len(plain))
	defer giveScratch(s)
	copy(s.nonce[:], nonce)
	aead := k.cipherOf(s, d, number)
	defer k.aeads.erase(aead)
	s.sealed = aead.Seal(s.sealed[:0], s.nonce[:], plain, associated)
	copy(plain, s.sealed)
	copy(tag, s.sealed[len(plain):])
}

// open decrypts sealed into dst, of the same length; they may be the same memory. When it returns false, dst is wiped.
func (k *Keys) open(d *deriver, number uint64, dst, sealed, tag, nonce, associated []byte) bool {
	sweepStack()
	defer sweepStack()
	s := takeScratch(len(sealed))
	defer giveScratch(s)
	copy(s.nonce[:], nonce)
	s.sealed = append(append(s.sealed[:0], sealed...), tag...)
	aead := k.cipherOf(s, d, number)
	defer k.aeads.erase(aead)
	_, err := aead.Open(dst[:0], s.nonce[:], s.sealed, associated)
	if err != nil {
		clear(dst)
	}
	return err == nil
}

func (k *Keys) cipherOf(s *scratch, d *deriver, number uint64) cipher.AEAD {
	d.derive(s, number)
	return k.newAEAD(s)
}
