package crypt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/zeebo/xxh3"
)

func TestNonces_AreRandomBytesAndTheCount(t *testing.T) {
	n := crypt.NewNonces(bytes.NewReader(numbered(16, 1)))
	for _, want := range [][12]byte{
		{1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0},
		{9, 10, 11, 12, 13, 14, 15, 16, 2, 0, 0, 0},
	} {
		got, err := n.Flush()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, %s", err, diff)
		}
	}
	if _, err := n.Flush(); !errors.Is(err, io.EOF) {
		t.Errorf("without chance: got %v, want EOF", err)
	}
}

func TestNonces_EndBeforeTheyRepeat(t *testing.T) {
	n := crypt.NewNoncesUpTo(2, newRandom(1))
	for range 2 {
		if _, err := n.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // and stay ended
		_, err := n.Flush()
		var exhausted *crypt.NonceExhaustedError
		if !errors.As(err, &exhausted) || exhausted.Flushes != 2 || fault.Of(err) != fault.Unavailable {
			t.Errorf("got %v, want *NonceExhaustedError after 2", err)
		}
	}
}

// A reader that fails in the middle of a nonce gives no half one.
func TestNonces_GiveNoneWhenChanceFails(t *testing.T) {
	broken := errors.New("no entropy")
	n := crypt.NewNonces(io.MultiReader(bytes.NewReader(numbered(3, 1)), iotest.ErrReader(broken)))
	if got, err := n.Flush(); !errors.Is(err, broken) || got != [12]byte{} {
		t.Errorf("got %x, %v", got, err)
	}
}

// TestNonces_NeverRepeatForAPage writes pages through openings, power cuts and restored snapshots, and looks whether any
// page was ever sealed twice with one nonce. What is restored has no say in the nonces: that is what the model shows.
func TestNonces_NeverRepeatForAPage(t *testing.T) {
	writes, opens := 10_000_000, 1_000_000
	if testing.Short() {
		writes, opens = 500_000, 50_000
	}
	const seed = 7
	t.Logf("seed %d", seed)
	world, chance := rand.New(rand.NewPCG(seed, 0)), newRandom(seed)
	seals := make([]uint64, 0, writes) // hashes of page and nonce: with 64 bits, 10 million agree by chance once in 370,000 runs
	nextPage, kept := uint64(1), uint64(1)
	nonces, opened := crypt.NewNonces(chance), 1
	for len(seals) < writes {
		if opened < opens && world.IntN(writes/opens) < 4 {
			nonces, opened = crypt.NewNonces(chance), opened+1
			switch world.IntN(10) {
			case 0: // a backup is put back
				nextPage = kept
			case 1:
				kept = nextPage
			}
		}
		nonce, err := nonces.Flush()
		if err != nil {
			t.Fatal(err)
		}
		for range min(1+world.IntN(6), writes-len(seals)) { // a hot page, then others that are written more than once
			var seal [20]byte
			binary.LittleEndian.PutUint64(seal[:], nextPage/4)
			copy(seal[8:], nonce[:])
			seals = append(seals, xxh3.Hash(seal[:]))
			nextPage += 4
		}
		nextPage -= uint64(world.IntN(8))
	}
	if opened < opens*9/10 {
		t.Errorf("only %d of %d openings", opened, opens)
	}
	slices.Sort(seals)
	if distinct := len(slices.Compact(seals)); distinct != writes {
		t.Errorf("%d of %d page writes used a nonce again", writes-distinct, writes)
	}
}
