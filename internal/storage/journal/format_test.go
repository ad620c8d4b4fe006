package journal

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFormat_AgreesWithTheDocument: the offsets in docs/format/journal.md are those in the code.
func TestFormat_AgreesWithTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../../docs/format/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| offset | bytes | field |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var got []string
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		word, _, _ := strings.Cut(strings.TrimSpace(cells[2]), " ")
		got = append(got, strings.TrimSpace(cells[0])+" "+strings.TrimSpace(cells[1])+" "+strings.TrimRight(word, ":"))
	}
	row := func(off, bytes int, field string) string { return fmt.Sprintf("%d %d %s", off, bytes, field) }
	want := []string{
		row(magicOff, 8, "magic"), row(hashOff, 8, "hash"), row(versionOff, 2, "version"), row(flagsOff, 2, "flags"),
		row(stateLenOff, 2, "bytes"), row(envOff, 16, "environment"), row(journalOff, 8, "journal"), row(txOff, 8, "transaction"),
		row(prevOff, 8, "previous"), row(storedOff, 8, "stored"), row(rawOff, 8, "raw"), row(nextPageOff, 8, "next"),
		row(stateOff, StateBytesMax, "state"), row(tagOff, TagBytes, "tag"), row(nonceOff, NonceBytes, "nonce"), row(cipherOff, 1, "algorithm"), fmt.Sprintf("%d  payload", HeaderBytes),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("code (-) and document (+) differ:\n%s", diff)
	}
}
