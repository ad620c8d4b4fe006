package zdict

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFormat_AgreesWithTheDocument: the offsets in docs/format are those in the code.
func TestFormat_AgreesWithTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../../docs/format/compression.md")
	if err != nil {
		t.Fatal(err)
	}
	row := func(off, bytes int, field string) string { return fmt.Sprintf("%d %d %s", off, bytes, field) }
	want := [][]string{
		{row(0, 1, "kind"), "1 … value"},
		{row(0, 1, "kind"), "1 1…5 dictionary", "… 1…4 length", "… … blocks"},
		{
			row(recordVersionOff, 1, "version"), row(recordZeroOff, 3, "zero"), row(recordIDOff, 4, "id"), row(recordTrainedOff, 8, "time"),
			row(recordSamplesOff, 4, "samples"), row(recordRatioOff, 4, "ratio"), row(recordNameBytesOff, 4, "name"),
			row(recordDictBytesOff, 4, "dictionary"), row(recordCheckOff, 8, "checksum"), fmt.Sprintf("%d … name", recordHeaderBytes),
		},
		{
			row(copiesMagicOff, 8, "magic"), row(copiesVersionOff, 4, "version"), row(copiesFlagsOff, 4, "flags"),
			row(copiesBodyOff, 8, "body"), row(copiesCheckOff, 8, "checksum"), fmt.Sprintf("%d … body", copiesHeaderBytes),
		},
		{row(bodyNextOff, 4, "next"), row(bodyCountOff, 4, "number"), fmt.Sprintf("%d … records", bodyHeaderBytes)},
	}
	if diff := cmp.Diff(want, documented(string(text))); diff != "" {
		t.Errorf("code (-) and document (+) differ:\n%s", diff)
	}
	for _, says := range []string{
		fmt.Sprintf("kind: 0x%X", kindPlain), fmt.Sprintf("kind: 0x%X", kindCompressed), fmt.Sprintf("magic: %q", copiesMagic),
		fmt.Sprintf("version: %d", recordVersion), fmt.Sprintf("version: %d", copiesVersion), fmt.Sprintf("%d = the body is encrypted", flagSealed),
		fmt.Sprintf("bytes 0 to %d", copiesBoundBytes-1), CopyNames()[0], CopyNames()[1],
		fmt.Sprintf("at most %d |", NameBytesMax), "at most " + thousands(DictionaryBytesMax), "1 to " + thousands(RawBytesMax),
	} {
		if !strings.Contains(string(text), says) {
			t.Errorf("the document does not say %q", says)
		}
	}
	if got, want := example(t, string(text)), exampleValue(t); !bytes.Equal(got, want) {
		t.Errorf("the example is % x, want % x", got, want)
	}
}

func exampleValue(t *testing.T) []byte {
	t.Helper()
	e, err := NewEncoder(nil)
	if err != nil {
		t.Fatal(err)
	}
	return e.Append(nil, bytes.Repeat([]byte("a"), 64))
}

// documented are the rows of each table that begins with an offset: offset, bytes, first word of the field.
func documented(text string) (tables [][]string) {
	inside := false
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case cells[0] == "offset":
			inside, tables = true, append(tables, nil)
		case inside && !strings.HasPrefix(cells[0], "---"):
			word, _, _ := strings.Cut(cells[2], " ")
			last := len(tables) - 1
			tables[last] = append(tables[last], strings.Join([]string{cells[0], cells[1], strings.TrimRight(word, ":,")}, " "))
		}
	}
	return tables
}

// example are the bytes of the example.
func example(t *testing.T, text string) []byte {
	t.Helper()
	_, text, _ = strings.Cut(text, "<!-- example -->\n```text\n")
	text, _, _ = strings.Cut(text, "```")
	var all []byte
	for line := range strings.Lines(text) {
		digits, _, _ := strings.Cut(line, "|")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// thousands writes n with commas.
func thousands(n int) string {
	digits := slices.Collect(strings.SplitSeq(fmt.Sprint(n), ""))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ",")
	}
	return strings.Join(digits, "")
}
