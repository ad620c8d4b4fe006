package crypt_test

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"golang.org/x/crypto/chacha20poly1305"
)

// TestErase_KnowsTheCiphersOfThisGo fails when a new version of Go or x/crypto gives its ciphers a shape that cannot be
// cleared. Then erase.go has to learn it; until then keys of pages would stay in memory for the collector.
func TestErase_KnowsTheCiphersOfThisGo(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		memory, erase := k.SealingCipher(7)
		if len(memory) < crypt.KeyBytes {
			t.Fatalf("erases %d bytes of the cipher", len(memory))
		}
		wantErased(t, memory, erase)
		if k.Algorithm() != crypt.AESGCM {
			return
		}
		key := [32]byte(numbered(32, 50))
		memory, erase = k.DerivingBlock(key)
		if !bytes.Contains(memory, key[:]) && !bytes.Contains(memory, swapped(key[:])) {
			t.Error("the key is not in the memory that is erased")
		}
		wantErased(t, memory, erase)
	})
}

// swapped returns b with the bytes of each 32-bit word in the other order, as some processors' key schedules have them.
func swapped(b []byte) []byte {
	var s []byte
	for i := 0; i < len(b); i += 4 {
		s = binary.BigEndian.AppendUint32(s, binary.LittleEndian.Uint32(b[i:]))
	}
	return s
}

func wantErased(t *testing.T, memory []byte, erase func()) {
	t.Helper()
	if bytes.Count(memory, []byte{0}) > len(memory)/2 {
		t.Errorf("before: mostly zeros, %x", memory)
	}
	erase()
	if bytes.Count(memory, []byte{0}) != len(memory) {
		t.Errorf("after: not all zeros, %x", memory)
	}
}

func TestWipe_LeavesNoKey(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		for name, memory := range k.Secrets() {
			if len(memory) < crypt.KeyBytes || bytes.Count(memory, []byte{0}) > len(memory)/2 {
				t.Errorf("%s before: %x", name, memory)
			}
		}
		secrets := k.Secrets()
		k.Wipe()
		for name, memory := range secrets {
			if bytes.Count(memory, []byte{0}) != len(memory) {
				t.Errorf("%s after: %x", name, memory)
			}
		}
	})
}

// TestKeys_StayOutOfTheHeap writes the heap to a file, garbage included, and searches it: for the key of a page that was
// sealed and opened, for the database key, and after Wipe for the keys of the environment.
func TestKeys_StayOutOfTheHeap(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		defer debug.SetGCPercent(debug.SetGCPercent(-1)) // garbage stays where the dump finds it
		const mask = 0x5A                                // what we search for must not be in the heap because we search for it
		random := rand.New(rand.NewPCG(1, uint64(k.Algorithm())))
		databaseKey := make([]byte, 32)
		for i := range databaseKey {
			databaseKey[i] = byte(random.Uint32())
		}
		fresh := crypt.NewKeys(k.Algorithm(), databaseKey, numbered(16, 1))
		secrets := map[string][]byte{"database key": maskedCopy(databaseKey, mask)}
		crypt.Passing(secrets, databaseKey, numbered(16, 1), func(b []byte) []byte { return maskedCopy(b, mask) })
		clear(databaseKey)
		addPageKey(secrets, fresh, mask)
		if len(secrets) != 4 {
			t.Fatal("the cipher's memory does not show its key")
		}
		run := sealedRun(fresh, 7, 1)
		if err := fresh.OpenPage(run, run, 7); err != nil {
			t.Fatal(err)
		}
		fresh.HeaderMAC(run)
		if found := inHeap(t, secrets, mask); found != nil {
			t.Errorf("after use: %q are in the heap", found)
		}
		for name, memory := range fresh.Secrets() {
			secrets[name] = maskedCopy(memory[:32], mask)
		}
		if len(inHeap(t, secrets, mask)) != 3 {
			t.Error("the search does not find keys that are in the heap: it is worth nothing")
		}
		fresh.Wipe()
		if found := inHeap(t, secrets, mask); found != nil {
			t.Errorf("after Wipe: %q are in the heap", found)
		}
	})
}

// addPageKey adds the key of page 7, as the cipher holds it in memory.
func addPageKey(secrets map[string][]byte, k *crypt.Keys, mask byte) {
	memory, erase := k.SealingCipher(7)
	for off := 0; off+32 <= min(len(memory), 64); off += 8 { // the cipher may have a few fields before the key
		part := memory[off : off+32]
		if bytes.Count(part, []byte{0}) < 4 {
			secrets["page key"] = maskedCopy(part, mask)
			break
		}
	}
	erase()
}

func maskedCopy(b []byte, mask byte) []byte {
	masked := make([]byte, len(b))
	for i := range b {
		masked[i] = b[i] ^ mask
	}
	return masked
}

// inHeap says which of the secrets are in the heap.
func inHeap(t *testing.T, secrets map[string][]byte, mask byte) (found []string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "heap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	debug.WriteHeapDump(file.Fd())
	dump, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer clear(dump) // the next dump must not find this one
	for i := range dump {
		dump[i] ^= mask
	}
	for name, secret := range secrets {
		if bytes.Contains(dump, secret) {
			found = append(found, name)
		}
	}
	return found
}

// Sizes of the library's own keys, which ours must be.
func TestKeyBytes_IsWhatTheCiphersTake(t *testing.T) {
	if _, err := aes.NewCipher(make([]byte, crypt.KeyBytes)); err != nil {
		t.Error(err)
	}
	if chacha20poly1305.KeySize != crypt.KeyBytes || chacha20poly1305.Overhead != crypt.TagBytes || chacha20poly1305.NonceSize != crypt.NonceBytes {
		t.Error("ChaCha20-Poly1305 has other lengths")
	}
}
