package crypt_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
)

var algorithms = []crypt.Algorithm{crypt.AESGCM, crypt.ChaCha20Poly1305}

// eachAlgorithm runs f with keys for each of them.
func eachAlgorithm(t *testing.T, f func(t *testing.T, k *crypt.Keys)) {
	t.Helper()
	for _, a := range algorithms {
		t.Run(a.String(), func(t *testing.T) { f(t, newKeys(a)) })
	}
}

// newKeys returns the same keys each time.
func newKeys(a crypt.Algorithm) *crypt.Keys {
	return crypt.NewKeys(a, numbered(32, 0), numbered(16, 100))
}

// numbered returns n bytes that count up from first.
func numbered(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// newRandom is a stream of chance that is the same for the same seed.
func newRandom(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// plainRun returns page or overflow run no as a writer leaves it.
func plainRun(no page.No, pages int) []byte {
	run := make([]byte, pages*page.SizeBytes)
	_, _ = newRandom(byte(no)).Read(run)
	clear(run[:page.HeaderBytes])
	page.Init(run, no, page.Leaf)
	if pages > 1 {
		page.Init(run, no, page.Overflow)
		page.SetOverflowBytes(run, pages*page.SizeBytes-page.HeaderBytes)
	}
	page.SetFlags(run, 3)
	page.SetLower(run, 100)
	page.SetUpper(run, 8000)
	page.SetDead(run, 20)
	page.SetTx(run, 1234567)
	page.SetOwner(run, 89)
	return run
}

// sealedRun returns plainRun(no, pages) as it is in a file.
func sealedRun(k *crypt.Keys, no page.No, pages int) []byte {
	run := plainRun(no, pages)
	k.SealPage(run, nonce(1))
	return run
}

func nonce(n byte) [crypt.NonceBytes]byte {
	return [crypt.NonceBytes]byte(numbered(crypt.NonceBytes, n))
}
