package crypt

import (
	"crypto/cipher"

	"github.com/rookerydb/rookery/internal/invariant"
	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// Lengths of a wrapped key.
const (
	WrapNonceBytes = 24                  // long enough to be random every time
	WrappedBytes   = KeyBytes + TagBytes // a key under a master key
	MasterIDBytes  = 8
)

// What is derived from a master key, which encrypts nothing itself: the info of HKDF.
const (
	wrapInfo     = "rookery wrap 1"
	masterIDInfo = "rookery master id 1"
)

// MasterID returns by which a master key is known. It tells nothing of the key.
func MasterID(master *[KeyBytes]byte) [MasterIDBytes]byte {
	var id [KeyBytes]byte
	fromMaster(&id, master, masterIDInfo)
	return [MasterIDBytes]byte(id[:])
}

// AppendWrapped appends key, sealed under master with XChaCha20-Poly1305: WrappedBytes bytes. nonce must be random.
func AppendWrapped(dst []byte, master, key *[KeyBytes]byte, nonce *[WrapNonceBytes]byte, associated []byte) []byte {
	aead, erase := newWrapper(master, nonce)
	defer erase()
	return aead.Seal(dst, shortNonce(nonce), key[:], associated)
}

// Unwrap puts the key that AppendWrapped sealed into key. It is false, and key wiped, when wrapped, nonce or associated are not
// those of then, or master is another one. wrapped has WrappedBytes.
func Unwrap(key, master *[KeyBytes]byte, nonce *[WrapNonceBytes]byte, wrapped, associated []byte) bool {
	invariant.Assert(len(wrapped) == WrappedBytes, "a wrapped key of %d bytes", len(wrapped))
	aead, erase := newWrapper(master, nonce)
	defer erase()
	_, err := aead.Open(key[:0], shortNonce(nonce), wrapped, associated)
	if err != nil {
		clear(key[:])
	}
	return err == nil
}

// newWrapper returns the cipher for one nonce, as XChaCha20 derives it, and what erases it.
func newWrapper(master *[KeyBytes]byte, nonce *[WrapNonceBytes]byte) (cipher.AEAD, func()) {
	var wrapping [KeyBytes]byte
	defer wipe(wrapping[:])
	fromMaster(&wrapping, master, wrapInfo)
	key, err := chacha20.HChaCha20(wrapping[:], nonce[:16])
	invariant.Assert(err == nil, "HChaCha20: %v", err)
	defer wipe(key)
	aead, err := chacha20poly1305.New(key)
	invariant.Assert(err == nil, "ChaCha20-Poly1305: %v", err)
	return aead, func() { chachaEraser().erase(aead) }
}

// shortNonce is what XChaCha20 leaves of the nonce for ChaCha20: four zero bytes, then the last eight.
func shortNonce(nonce *[WrapNonceBytes]byte) []byte { return append(make([]byte, 4), nonce[16:]...) }

func fromMaster(dst, master *[KeyBytes]byte, info string) {
	var extracted [KeyBytes]byte
	hkdfExtract(&extracted, nil, master[:])
	hkdfExpand(dst, &extracted, info)
	wipe(extracted[:])
}
