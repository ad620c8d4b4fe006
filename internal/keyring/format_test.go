package keyring_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/keyring"
)

// TestFormat_AgreesWithTheDocument: the offsets in docs/format/key.md are those in the code.
func TestFormat_AgreesWithTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/format/key.md")
	if err != nil {
		t.Fatal(err)
	}
	table := func(heading string) map[string][2]int {
		_, rest, _ := strings.Cut(string(text), heading)
		_, rest, _ = strings.Cut(rest, "| offset | bytes | field |\n|---|---|---|\n")
		rest, _, _ = strings.Cut(rest, "\n\n")
		fields := map[string][2]int{}
		for line := range strings.Lines(rest) {
			cells := strings.Split(strings.Trim(line, "|\n"), "|")
			off, _ := strconv.Atoi(strings.TrimSpace(cells[0]))
			n, _ := strconv.Atoi(strings.TrimSpace(cells[1]))
			name := strings.FieldsFunc(cells[2], func(r rune) bool { return r < 'a' || r > 'z' })[0]
			fields[name] = [2]int{off, n}
		}
		return fields
	}
	if diff := cmp.Diff(keyring.Layout.Head, table("## Head")); diff != "" {
		t.Errorf("head: code (-) and document (+) differ:\n%s", diff)
	}
	if diff := cmp.Diff(keyring.Layout.Slot, table("## Slot")); diff != "" {
		t.Errorf("slot: code (-) and document (+) differ:\n%s", diff)
	}
}

// TestFormat_StaysTheSame: a file of this format, master key and key counting up from 9 and 7, opens for ever.
func TestFormat_StaysTheSame(t *testing.T) {
	disk := newDisk(t)
	if err := disk.MkdirAll("data/Databases/shop"); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("testdata/key.v1")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, disk, "data/Databases/shop/key", file)
	wantKey(t, open(t, withText(disk, numbered(9))), database("shop", idA), *numbered(7))
}

// FuzzDecodeKeyFile: no bytes make it panic, and what it takes is written as it was.
func FuzzDecodeKeyFile(f *testing.F) {
	file, err := os.ReadFile("testdata/key.v1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add(file)
	f.Add(append(append(bytes.Clone(file[:10]), 2), append(file[11:], file[32:]...)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := keyring.DecodeKeyFile(b)
		if err != nil {
			return
		}
		clear(b[11:16]) // has no meaning yet
		if !bytes.Equal(again, b) {
			t.Fatalf("got %x, want %x", again, b)
		}
	})
}
