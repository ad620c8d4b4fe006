package compression

import (
	"os"
	"strings"
	"testing"
)

// The bytes of the registry are a format: this is how they look, and what the document calls them.
func TestFormat_Bytes(t *testing.T) {
	f := func(what string, got []byte, want string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("%s = %q, want %q", what, got, want)
		}
	}
	f("key of a dictionary", appendDictionaryKey(nil, 0x01020304), "d\x01\x02\x03\x04")
	f("key of a name", appendNameKey(nil, "Orders"), "nOrders")
	f("state", appendState(nil, 0x01020304), "\x01\x01\x02\x03\x04")
	f("count", appendUsage(nil, usage{values: 5, since: 258}), "\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x01\x02")
	if got := decodeUsage(appendUsage(nil, usage{values: 5, since: 258})); got.values != 5 || got.since != 258 {
		t.Errorf("count became %+v", got)
	}
	text, err := os.ReadFile("../../docs/format/compression.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{
		"| `" + registryTree + "` | `d`, then the id (4 bytes) |", "| `n`, then a name |", "| `" + stateKey + "` | version, 1 (1 byte)",
		"| `" + valuesTree + "`, fixed-size, 16 bytes | id |",
	} {
		if !strings.Contains(string(text), says) {
			t.Errorf("the document does not say %q", says)
		}
	}
}

func FuzzDecodeRegistry(f *testing.F) {
	f.Add([]byte("\x01\x01\x02\x03\x04"))
	f.Add([]byte("\x01\x02\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if next, err := decodeState(b); err == nil && string(appendState(nil, next)) != string(b) {
			t.Errorf("state %q became %d", b, next)
		}
		if id, err := decodeID(b); err == nil && string(appendDictionaryKey(nil, id)[1:]) != string(b) {
			t.Errorf("id %q became %d", b, id)
		}
	})
}
