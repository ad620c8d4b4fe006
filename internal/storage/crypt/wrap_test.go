package crypt_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"golang.org/x/crypto/chacha20poly1305"
)

func TestAppendWrapped_IsXChaCha20Poly1305(t *testing.T) {
	master, key, nonce := [32]byte(numbered(32, 1)), [32]byte(numbered(32, 100)), [24]byte(numbered(24, 50))
	wrapping, err := hkdf.Key(sha256.New, master[:], nil, "rookery wrap 1", 32)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(wrapping)
	if err != nil {
		t.Fatal(err)
	}
	want := aead.Seal(nil, nonce[:], key[:], []byte("name"))
	if got := crypt.AppendWrapped(nil, &master, &key, &nonce, []byte("name")); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	id, err := hkdf.Key(sha256.New, master[:], nil, "rookery master id 1", 32)
	if err != nil {
		t.Fatal(err)
	}
	if got := crypt.MasterID(&master); !bytes.Equal(got[:], id[:8]) {
		t.Errorf("id: got %x, want %x", got, id[:8])
	}
	if got := hex.EncodeToString(want[:8]); got != "24e0ed6649cba561" {
		t.Errorf("the format has changed: %s", got)
	}
}

func TestUnwrap_FindsEveryFlippedBit(t *testing.T) {
	master, key, nonce, name := [32]byte(numbered(32, 1)), [32]byte(numbered(32, 100)), [24]byte(numbered(24, 50)), []byte("name")
	wrapped := crypt.AppendWrapped(nil, &master, &key, &nonce, name)
	unwrap := func() bool {
		got := [32]byte(numbered(32, 7))
		ok := crypt.Unwrap(&got, &master, &nonce, slices.Clone(wrapped), name)
		if ok && got != key || !ok && got != [32]byte{} {
			t.Errorf("ok is %v, key %x", ok, got)
		}
		return ok
	}
	for what, part := range map[string][]byte{"master": master[:], "nonce": nonce[:], "wrapped": wrapped, "name": name} {
		for bit := range len(part) * 8 {
			part[bit/8] ^= 1 << (bit % 8)
			if unwrap() {
				t.Errorf("flipped bit %d of the %s was not found", bit, what)
			}
			part[bit/8] ^= 1 << (bit % 8)
		}
	}
	if !unwrap() {
		t.Error("does not unwrap as it was wrapped")
	}
}

// TestWrap_LeavesNoKeyInTheHeap is TestKeys_StayOutOfTheHeap for master keys.
func TestWrap_LeavesNoKeyInTheHeap(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const mask = 0x5A
	master, key, nonce := new([32]byte), new([32]byte), [24]byte{}
	random := rand.New(rand.NewPCG(1, 2)) // keeps nothing of what it gave
	for i := range master {
		master[i], key[i] = byte(random.Uint32()), byte(random.Uint32())
	}
	secrets := map[string][]byte{"master key": maskedCopy(master[:], mask), "key": maskedCopy(key[:], mask)}
	crypt.PassingWrap(secrets, master, &nonce, func(b []byte) []byte { return maskedCopy(b, mask) })
	wrapped := crypt.AppendWrapped(nil, master, key, &nonce, nil)
	if len(inHeap(t, secrets, mask)) != 2 {
		t.Error("the search does not find keys that are in the heap: it is worth nothing")
	}
	if !crypt.Unwrap(key, master, &nonce, wrapped, nil) {
		t.Error("does not unwrap")
	}
	crypt.MasterID(master)
	clear(master[:])
	clear(key[:])
	if found := inHeap(t, secrets, mask); found != nil {
		t.Errorf("%q are in the heap", found)
	}
}
