package crypt_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
)

func TestAlgorithm_PrintsAndParsesItself(t *testing.T) {
	for _, a := range algorithms {
		for _, text := range []string{a.String(), strings.ToLower(a.String())} {
			if got, err := crypt.ParseAlgorithm(text); got != a || err != nil {
				t.Errorf("%q: got %v, %v", text, got, err)
			}
		}
		if !a.Known() {
			t.Errorf("%v is not known", a)
		}
	}
	for _, text := range []string{"", "aes", "algorithm 1"} {
		_, err := crypt.ParseAlgorithm(text)
		var wrong *crypt.AlgorithmError
		if !errors.As(err, &wrong) || wrong.Text != text || fault.Of(err) != fault.Invalid {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if got := crypt.Algorithm(9); got.Known() || got.String() != "algorithm 9" {
		t.Errorf("got %v, known %v", got, got.Known())
	}
	if !crypt.Preferred().Known() {
		t.Errorf("this machine prefers %v", crypt.Preferred())
	}
}

// TestKeys_ServeManyAtOnce: one goroutine's pages never end up with another's.
func TestKeys_ServeManyAtOnce(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		var workers sync.WaitGroup
		for no := range page.No(8) {
			workers.Go(func() {
				for round := range 50 {
					pages := 1 + round%3
					run := sealedRun(k, no, pages)
					if err := k.OpenPage(run, run, no); err != nil || !bytes.Equal(run, plainRun(no, pages)) {
						t.Errorf("page %d: %v, or other bytes", no, err)
					}
				}
			})
		}
		workers.Wait()
	})
}

func TestKeys_RefuseMistakes(t *testing.T) {
	f := func(name string, mistake func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: accepted", name)
			}
		}()
		mistake()
	}
	f("a short key", func() { crypt.NewKeys(crypt.AESGCM, make([]byte, 31), make([]byte, 16)) })
	f("no algorithm", func() { crypt.NewKeys(0, make([]byte, 32), make([]byte, 16)) })
	f("half a run", func() { newKeys(crypt.AESGCM).SealPage(plainRun(7, 2)[:page.SizeBytes], nonce(1)) })
	f("more than a page", func() { newKeys(crypt.AESGCM).SealPage(make([]byte, 2*page.SizeBytes), nonce(1)) })
}

// FuzzOpenPage: no bytes make OpenPage panic, and what SealPage made opens until any one bit changes.
func FuzzOpenPage(f *testing.F) {
	f.Add([]byte{}, uint64(0), uint32(0))
	f.Add(plainRun(7, 1), uint64(7), uint32(288))
	f.Add(plainRun(7, 2), uint64(7), uint32(70_000))
	f.Fuzz(func(t *testing.T, run []byte, no uint64, bit uint32) {
		for _, a := range algorithms {
			k, dst := newKeys(a), make([]byte, len(run)+page.SizeBytes)
			if k.OpenPage(dst, run, page.No(no)) == nil {
				t.Fatal("opened what nobody sealed")
			}
			if len(run) < page.SizeBytes {
				return
			}
			plain := append([]byte(nil), run[:len(run)/page.SizeBytes*page.SizeBytes]...)
			page.Init(plain, page.No(no), page.Leaf)
			if len(plain) > page.SizeBytes {
				page.Init(plain, page.No(no), page.Overflow)
				page.SetOverflowBytes(plain, len(plain)-page.HeaderBytes)
			}
			clear(page.MAC(plain))
			clear(page.Nonce(plain))
			sealed := append([]byte(nil), plain...)
			k.SealPage(sealed, nonce(byte(bit)))
			if err := k.OpenPage(dst, sealed, page.No(no)); err != nil || !bytes.Equal(dst[:len(plain)], plain) {
				t.Fatalf("as sealed: %v, or other bytes", err)
			}
			at := int(bit) % (len(sealed) * 8)
			sealed[at/8] ^= 1 << (at % 8)
			if k.OpenPage(dst, sealed, page.No(no)) == nil {
				t.Fatalf("flipped bit %d was not found", at)
			}
		}
	})
}

// FuzzOpenRecord: the same for records of any length.
func FuzzOpenRecord(f *testing.F) {
	f.Add([]byte{}, []byte{}, uint64(0), uint32(0))
	f.Add([]byte("payload"), []byte("header"), uint64(7), uint32(3))
	f.Fuzz(func(t *testing.T, plain, associated []byte, tx uint64, bit uint32) {
		for _, a := range algorithms {
			k, tag := newKeys(a), [16]byte{}
			if k.OpenRecord(append([]byte(nil), plain...), tag, nonce(1), tx, associated) == nil {
				t.Fatal("opened what nobody sealed")
			}
			sealed := append([]byte(nil), plain...)
			k.SealRecord(sealed, &tag, nonce(1), tx, associated)
			opened := append([]byte(nil), sealed...)
			if err := k.OpenRecord(opened, tag, nonce(1), tx, associated); err != nil || !bytes.Equal(opened, plain) {
				t.Fatalf("as sealed: %v, or other bytes", err)
			}
			if len(sealed) == 0 {
				continue
			}
			at := int(bit) % (len(sealed) * 8)
			sealed[at/8] ^= 1 << (at % 8)
			if k.OpenRecord(sealed, tag, nonce(1), tx, associated) == nil {
				t.Fatalf("flipped bit %d was not found", at)
			}
		}
	})
}
