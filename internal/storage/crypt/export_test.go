package crypt

import (
	"crypto/cipher"
	"crypto/sha256"
	"io"
	"unsafe"

	"golang.org/x/crypto/chacha20"
)

// HKDF is both steps, as NewKeys takes them.
func HKDF(secret, salt []byte, info string) [KeyBytes]byte {
	var extracted, key [KeyBytes]byte
	hkdfExtract(&extracted, salt, secret)
	hkdfExpand(&key, &extracted, info)
	return key
}

// Passing puts what is in memory for a moment only while keys are derived through mask, and into secrets.
func Passing(secrets map[string][]byte, databaseKey, envID []byte, mask func(b []byte) []byte) {
	var extracted [KeyBytes]byte
	hkdfExtract(&extracted, envID, databaseKey)
	secrets["extracted key"] = mask(extracted[:])
	h := sha256.New()
	keyedHash(h, &extracted, envID, 0x36, [][]byte{databaseKey})
	secrets["inner hash"] = mask(extracted[:])
	eraserFor(h).erase(h)
	wipe(extracted[:])
}

// PassingWrap is the same for keys under a master key.
func PassingWrap(secrets map[string][]byte, master *[KeyBytes]byte, nonce *[WrapNonceBytes]byte, mask func(b []byte) []byte) {
	var wrapping [KeyBytes]byte
	fromMaster(&wrapping, master, wrapInfo)
	secrets["wrapping key"] = mask(wrapping[:])
	key, _ := chacha20.HChaCha20(wrapping[:], nonce[:16])
	secrets["key of one nonce"] = mask(key)
	wipe(key)
	wipe(wrapping[:])
}

// Derive returns the key of one page or record.
func Derive(a Algorithm, secret [KeyBytes]byte, number uint64) [KeyBytes]byte {
	d, s := newDeriver(a, &secret), new(scratch)
	d.derive(s, number)
	return s.key
}

// NewAEAD returns the cipher that seals a message under key.
func NewAEAD(a Algorithm, key [KeyBytes]byte) cipher.AEAD {
	k := &Keys{algorithm: a}
	return k.newAEAD(&scratch{key: key})
}

// NewNoncesUpTo are nonces for limit flushes.
func NewNoncesUpTo(limit uint32, random io.Reader) *Nonces {
	return &Nonces{random: random, limit: limit}
}

// Associated is how much of a page's header is authenticated though in clear.
const Associated = associatedBytes

// Secrets returns the memory in which the keys of k are, as it is now and as it will be after Wipe.
func (k *Keys) Secrets() map[string][]byte {
	secrets := map[string][]byte{"header key": k.header[:]}
	for name, d := range map[string]*deriver{"pages key": &k.pages, "journal key": &k.journal} {
		secrets[name] = d.secret[:]
		if k.algorithm == AESGCM {
			secrets[name] = memoryOf(k.blocks, d.block)
		}
	}
	return secrets
}

// SealingCipher returns a cipher as SealPage uses it, with the memory it is in, and what SealPage calls to erase it.
func (k *Keys) SealingCipher(number uint64) (memory []byte, erase func()) {
	aead := k.cipherOf(new(scratch), &k.pages, number)
	return memoryOf(k.aeads, aead), func() { k.aeads.erase(aead) }
}

// DerivingBlock is the same for the block cipher from which GCM is made.
func (k *Keys) DerivingBlock(key [KeyBytes]byte) (memory []byte, erase func()) {
	block := mustAES(key[:])
	return memoryOf(k.blocks, block), func() { k.blocks.erase(block) }
}

// memoryOf returns what e would clear; nil when e does not know the shape of cipher.
func memoryOf(e eraser, cipher any) []byte {
	if e.shape == nil {
		return nil
	}
	word := (*[2]unsafe.Pointer)(unsafe.Pointer(&cipher)) // of an interface: the type, then the pointer
	return unsafe.Slice((*byte)(word[1]), e.bytes)
}
