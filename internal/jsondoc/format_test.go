package jsondoc_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// formatPage is the description of the bytes for people.
const formatPage = "../../docs/format/jsondoc.md"

// TestFormat_PageShowsTheBytes holds the page to the code: each example is a line with a text in backquotes, then a block
// of bytes in hexadecimal digits, in which everything behind "|" is comment.
func TestFormat_PageShowsTheBytes(t *testing.T) {
	page, err := os.ReadFile(formatPage)
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(page), "\nExample: `")[1:]
	if len(examples) < 3 {
		t.Fatalf("the page has %d examples, want 3 or more", len(examples))
	}
	for _, example := range examples {
		text, rest, _ := strings.Cut(example, "`")
		_, rest, _ = strings.Cut(rest, "```text\n")
		block, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatalf("example %s has no block", text)
		}
		var want []byte
		for line := range strings.Lines(block) {
			digits, _, _ := strings.Cut(line, "|")
			b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
			if err != nil {
				t.Fatalf("example %s, line %q: %v", text, line, err)
			}
			want = append(want, b...)
		}
		if got := mustParse(t, text); !bytes.Equal(got, want) {
			t.Errorf("example %s: (-page +code)\n%s", text, cmp.Diff(hex.Dump(want), hex.Dump(got)))
		}
	}
}

// Fingerprints are a part of the format: they are in what is stored.
func TestFormat_FingerprintsNeverChange(t *testing.T) {
	// computed from the definition, not by this program
	f := func(name string, want byte) {
		t.Helper()
		doc := mustParse(t, fmt.Sprintf(`{%q:0}`, name))
		const behind = 2 + 1 // start and count
		if got := doc[len(doc)-behind-1]; got != want {
			t.Errorf("fingerprint of %q: got %#02x, want %#02x", name, got, want)
		}
	}
	f("", 0x00)
	f("a", 0x2A)
	f("abc", 0x43)
	f("abcd", 0xF0)
	f("abcdefg", 0xEC)
	f("abcdefgh", 0x3A)
	f("abcdefghi", 0x75)
	f("a much longer name of a property", 0xA8)
}

func TestFormat_WidthIsTheLeast(t *testing.T) {
	f := func(text string, want byte) {
		t.Helper()
		if got := mustParse(t, text)[1]; got != want {
			t.Errorf("%.10s... of %d bytes: got width code %d, want %d", text, len(text), got, want)
		}
	}
	quoted := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	f(quoted(1<<15-1), 0)
	f(quoted(1<<15), 1)
	f(quoted(1<<23-1), 1)
	f(quoted(1<<23), 2)
	// the index decides: 3+2n+5+2 bytes of it for n elements, the last an array of one
	f("["+strings.Repeat("1,", 16374)+"[2]]", 0)
	f("["+strings.Repeat("1,", 16379)+"[2]]", 1)
	// white space does not
	f(strings.Repeat(" ", 1<<15)+"[1]", 0)
}

func TestFormat_IndexIsSmall(t *testing.T) {
	text, index := 0, 0
	for _, order := range orders(64) {
		doc, err := jsondoc.Parse(order)
		if err != nil {
			t.Fatal(err)
		}
		text += len(doc.Text())
		index += len(doc) - len(doc.Text())
	}
	if got := float64(index) / float64(text); got > 0.18 {
		t.Errorf("index of orders is %.1f %% of their text, want 18 %% or less", 100*got)
	}
}
