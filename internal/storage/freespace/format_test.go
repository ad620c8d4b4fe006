package freespace_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
)

func TestFormat_AgreesWithTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../../docs/format/freespace.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("| first bitmap page | %d |", freespace.FirstPage),
		fmt.Sprintf("| pages in a span | %d |", freespace.SpanPages),
		fmt.Sprintf("| longest run | %d |", freespace.RunPagesMax),
	} {
		if !strings.Contains(string(text), row) {
			t.Errorf("the document does not say %q", row)
		}
	}
}

func TestFormat_PutsCellsWhereTheDocumentSays(t *testing.T) {
	s, pages := newSpace(t)
	alloc(t, s, 20, 0)
	free(t, s, freespace.FirstPage+11, 1) // bit 3 of byte 1
	got := page.Payload(pages.now[freespace.FirstPage])[:4]
	if want := []byte{0xFF, 0xF7, 0x1F, 0}; string(got) != string(want) {
		t.Errorf("cells %x, want %x", got, want)
	}
}
