package btree_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// documentTable returns offset and length of the rows of the table whose first column is called first, as the document says.
func documentTable(t *testing.T, first string) [][2]string {
	t.Helper()
	file, err := os.Open("../../../docs/format/btree.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows [][2]string
	inside := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		cells := strings.Split(strings.Trim(lines.Text(), "| "), "|")
		switch {
		case !strings.HasPrefix(lines.Text(), "|"):
			inside = false
		case strings.TrimSpace(cells[0]) == first:
			inside = true
		case inside && !strings.HasPrefix(cells[0], "-"):
			rows = append(rows, [2]string{strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])})
		}
	}
	return rows
}

func TestState_IsWhereTheDocumentSays(t *testing.T) {
	state := btree.FixedState{
		State:      btree.State{Root: 0x11, Depth: 2, Entries: 0x33, LeafPages: 0x44, BranchPages: 0x55, OverflowPages: 0x66},
		ValueBytes: 7,
	}
	data := btree.AppendFixedState(nil, state)
	var got []byte
	for _, row := range documentTable(t, "state offset") {
		off, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, data[off])
	}
	if want := []byte{0x11, 2, 0x33, 0x44, 0x55, 0x66, 7}; !bytes.Equal(got, want) {
		t.Errorf("fields at the document's offsets: %x, want %x", got, want)
	}
	if len(data) != btree.FixedStateBytes || btree.FixedStateBytes != btree.StateBytes+1 {
		t.Errorf("%d bytes, constants say %d and %d", len(data), btree.FixedStateBytes, btree.StateBytes)
	}
}

func TestEntry_IsWhereTheDocumentSays(t *testing.T) {
	want := [][2]string{{"0", "2"}, {"2", "2"}, {"4", "K"}, {"4 + K", "V"}}
	if diff := cmp.Diff(want, documentTable(t, "entry offset")); diff != "" {
		t.Fatalf("the document moved:\n%s", diff)
	}
	want = [][2]string{{"0", "8"}, {"8", "4"}}
	if diff := cmp.Diff(want, documentTable(t, "reference offset")); diff != "" {
		t.Fatalf("the document moved:\n%s", diff)
	}
	pages := newMemPages()
	tree := btree.New(pages, btree.State{})
	mustPut(t, tree, "abc", "value")                  // 12 bytes at the end
	mustPut(t, tree, "b", strings.Repeat("x", 9_000)) // 17 bytes before it: a reference
	p := pages.runs[tree.State().Root]
	wantBytes := []byte{
		1, 0, 12, 0x80, 'b', 4, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x23, 0, 0,
		3, 0, 5, 0, 'a', 'b', 'c', 'v', 'a', 'l', 'u', 'e',
	}
	if got := p[page.Upper(p):]; !bytes.Equal(got, wantBytes) {
		t.Errorf("entries\n%x, want\n%x", got, wantBytes)
	}
	if got, want := p[64:68], []byte{0xF4, 0x1F, 0xE3, 0x1F}; !bytes.Equal(got, want) { // 8180 and 8163
		t.Errorf("slots %x, want %x", got, want)
	}
}

func TestFixedPage_IsAsTheDocumentSays(t *testing.T) {
	pages := newMemPages()
	tree := btree.NewFixed(pages, btree.FixedState{ValueBytes: 4})
	for _, key := range []uint64{9, 5} {
		if err := tree.Put(key, binary.LittleEndian.AppendUint32(nil, uint32(key*10))); err != nil {
			t.Fatal(err)
		}
	}
	p := pages.runs[tree.State().Root]
	const capacity = 8128 / 12
	if got, want := page.Upper(p), 64+8*capacity; got != want {
		t.Errorf("upper %d, want %d", got, want)
	}
	if got, want := p[64:page.Lower(p)], []byte{5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("keys %x, want %x", got, want)
	}
	if got, want := p[page.Upper(p):page.Upper(p)+8], []byte{50, 0, 0, 0, 90, 0, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("values %x, want %x", got, want)
	}
}
