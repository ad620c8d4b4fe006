package secret_test

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/secret"
)

// newKey returns the same 32 bytes each time, none of them zero.
func newKey() *[secret.KeyBytes]byte {
	var key [secret.KeyBytes]byte
	for i := range key {
		key[i] = byte(i + 1)
	}
	return &key
}

// padding is a stand-in for chance.
func padding() io.Reader { return bytes.NewReader(bytes.Repeat([]byte{0xA5}, secret.KeyBytes)) }

func sealed(t *testing.T) *secret.Sealed {
	t.Helper()
	s, err := secret.Seal(newKey(), padding(), secret.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Destroy)
	return s
}

// wantPanic fails unless f finds a mistake.
func wantPanic(t *testing.T, mistake string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: accepted", mistake)
		}
	}()
	f()
}

func TestSealed_IsInClearOnlyWhileOpen(t *testing.T) {
	s := sealed(t)
	memory, pad := s.Memory()
	inClear := func() bool { return bytes.Contains(memory, newKey()[:]) || bytes.Contains(pad[:], newKey()[:]) }
	if inClear() {
		t.Error("in clear before Open")
	}
	key := s.Open()
	if *key != *newKey() {
		t.Errorf("got %x, want %x", *key, *newKey())
	}
	again := s.Open() // a second reader, who stays longer
	s.Close()
	if *again != *newKey() || !inClear() {
		t.Error("gone while somebody has it open")
	}
	s.Close()
	if inClear() {
		t.Error("in clear after the last Close")
	}
	if key := s.Open(); *key != *newKey() {
		t.Errorf("opened again: got %x", *key)
	}
	s.Close()
}

func TestSeal_WipesTheKeyThatItTakesOver(t *testing.T) {
	key := newKey()
	s, err := secret.Seal(key, padding(), secret.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Destroy()
	if *key != [secret.KeyBytes]byte{} {
		t.Errorf("left %x", *key)
	}
	key = newKey()
	if _, err := secret.Seal(key, bytes.NewReader([]byte{1}), secret.Options{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without chance: got %v", err)
	}
	if *key != [secret.KeyBytes]byte{} {
		t.Errorf("left %x after an error", *key)
	}
}

func TestDestroy_WaitsForWhoHasTheKeyOpen(t *testing.T) {
	s := sealed(t)
	key := s.Open()
	s.Destroy()
	if *key != *newKey() {
		t.Error("gone while open")
	}
	wantPanic(t, "open after Destroy", func() { s.Open() })
	s.Close()
	_, pad := s.Memory()
	if !s.IsGone() || *pad != [secret.KeyBytes]byte{} {
		t.Error("still there after the last Close")
	}
	s.Destroy() // and once more does no harm
	wantPanic(t, "one Close too many", s.Close)
}

func TestSealed_ServesManyAtOnce(t *testing.T) {
	s := sealed(t)
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range 1000 {
				if key := s.Open(); *key != *newKey() {
					t.Errorf("got %x", *key)
				}
				s.Close()
			}
		})
	}
	users.Wait()
	if memory, _ := s.Memory(); bytes.Contains(memory, newKey()[:]) {
		t.Error("in clear after the last Close")
	}
}
