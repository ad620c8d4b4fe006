package dump_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/dump"
)

// example returns the block of the format's page behind a mark.
func example(t *testing.T, mark string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/format/dump.md")
	check(t, err)
	_, block, ok := strings.Cut(string(page), "<!-- "+mark+" -->\n```")
	if !ok {
		t.Fatalf("docs/format/dump.md has no %s", mark)
	}
	_, block, _ = strings.Cut(block, "\n")
	block, _, _ = strings.Cut(block, "```")
	return block
}

// TestFormat_PageShowsADump holds the page to the code.
func TestFormat_PageShowsADump(t *testing.T) {
	var file bytes.Buffer
	w := dump.NewWriter(&file, dump.WriteOptions{Compression: dump.Plain})
	check(t, w.AddText(dump.Documents, []byte(`{"Name":"Ada","@metadata":{"@id":"users/1","@collection":"Users"}}`)))
	check(t, w.AddText(dump.Documents, []byte(`{"n":[],"@metadata":{"@id":"Things/2"}}`)))
	check(t, w.AddAttachment("EcmnQ+PqZsQGrqEmxyv8hDqcPqDRH9Oq3J5TZ8tTqX0=", 5, strings.NewReader("hello")))
	check(t, w.AddText(dump.DatabaseRecord, []byte(`{"DatabaseName":"shop"}`)))
	check(t, w.Close())
	if diff := cmp.Diff(file.String(), example(t, "example")); diff != "" {
		t.Errorf("(-code +page)\n%s", diff)
	}
}

func TestFormat_PageShowsCSV(t *testing.T) {
	got, err := read(t, example(t, "csv"), dump.ReadOptions{})
	check(t, err)
	want, err := read(t, example(t, "documents"), dump.ReadOptions{})
	check(t, err)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-code +page)\n%s", diff)
	}
}

// Each member is in the page's table, and each line of it is a member.
func TestFormat_PageListsTheMembers(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/dump.md")
	check(t, err)
	members := 0
	for k := range dump.Counters {
		if row := fmt.Sprintf("\n| `%s` | `%s` | ", k.Member(), k); !strings.Contains(string(page), row) {
			t.Errorf("the page has no row %s", row)
		}
		members++
	}
	_, table, _ := strings.Cut(string(page), "| member |")
	table, _, _ = strings.Cut(table, "\n\n")
	if rows := strings.Count(table, "\n") - 1; rows != members {
		t.Errorf("the page has %d members, want %d", rows, members)
	}
}

// What others wrote before is read: the example of the page of the older export.
func TestFormat_ReadsExports(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/export.md")
	check(t, err)
	_, file, _ := strings.Cut(string(page), "```json\n")
	file, _, _ = strings.Cut(file, "```")
	got, err := read(t, file, dump.ReadOptions{})
	if err != nil || len(got) != 2 || got[1].Kind != dump.Documents {
		t.Errorf("got %v and %v, want two documents", got, err)
	}
}
