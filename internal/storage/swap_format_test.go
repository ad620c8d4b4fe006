package storage

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var sampleMarker = swapMarker{
	old: [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	new: [16]byte{17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}, sequence: 0x3132333435363738,
}

func TestSwapMarker_KeepsEveryField(t *testing.T) {
	got, err := decodeSwap(appendSwap(nil, sampleMarker))
	if err != nil || got != sampleMarker {
		t.Errorf("got %+v, %v, want %+v", got, err, sampleMarker)
	}
}

func TestSwapMarker_FindsEveryFlippedBit(t *testing.T) {
	b := appendSwap(nil, sampleMarker)
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeSwap(b); err == nil {
			t.Fatalf("flipped bit %d was not found", bit)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

// FuzzDecodeSwap: no bytes make it panic, and what it accepts is encoded as it was.
func FuzzDecodeSwap(f *testing.F) {
	f.Add(appendSwap(nil, sampleMarker))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeSwap(b)
		if err != nil {
			return
		}
		if again, err := decodeSwap(appendSwap(nil, m)); err != nil || again != m {
			t.Errorf("%+v became %+v, %v", m, again, err)
		}
	})
}

// The page and the constants say the same.
func TestSwapMarker_AsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/swap.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		off, bytes int
		what       string
	}{
		{swapMagicOff, 8, `magic: "rookswp1"`},
		{swapVersionOff, 4, fmt.Sprintf("version of the format: %d", swapVersion)},
		{swapOldOff, 16, "id of the environment that is replaced"},
		{swapNewOff, 16, "id of the environment that replaces it"},
		{swapSequenceOff, 8, "sequence of the newest header of the one that is replaced"},
		{swapCheckOff, 8, "checksum: XXH3-64 of all before it"},
	} {
		if line := fmt.Sprintf("| %d | %d | %s |", row.off, row.bytes, row.what); !strings.Contains(string(page), line) {
			t.Errorf("the page lacks the line %s", line)
		}
	}
	if string(appendSwap(nil, sampleMarker)[:8]) != "rookswp1" {
		t.Error("the magic is another one")
	}
}
