package jsondoc_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

func TestAppendString(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := string(jsondoc.AppendString([]byte("x"), s)); got != "x"+want {
			t.Errorf("AppendString(%q): got %s, want %s", s, got[1:], want)
		}
	}
	f("", `""`)
	f("plain/ä€😀", `"plain/ä€😀"`)
	f("\"\\\b\f\n\r\t\x00\x1f\x7f", `"\"\\\b\f\n\r\t\u0000\u001f`+"\x7f\"")
	// surrogates: alone, in the wrong order, and as a pair, which is one character
	f("\xED\xA0\x80", `"\ud800"`)
	f("\xED\xBF\xBFx\xED\xA0\xBD", `"\udfffx\ud83d"`)
	f("\xED\xB8\x80\xED\xA0\xBD", `"\ude00\ud83d"`)
	f("\xED\xA0\xBD\xED\xB8\x80", `"😀"`)
	// what is not UTF-8
	f("a\xFFb\xC3", "\"a\uFFFDb\uFFFD\"")
	f("\xED\xA0", "\"\uFFFD\uFFFD\"")
	f("\uFFFD", "\"\uFFFD\"")
}

func TestAppendString_IsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOfN(rapid.SampledFrom([]byte("a\"\\\x00\n\xED\xA0\xBD\xB8\x80\xC3\xA4\xF0\x9F\x98")), 0, 20).Draw(t, "s"))
		quoted := jsondoc.AppendString(nil, s)
		doc, err := jsondoc.Parse(quoted)
		if err != nil {
			t.Fatalf("AppendString(%q) = %s: %v", s, quoted, err)
		}
		if string(doc.Text()) != string(quoted) {
			t.Fatalf("AppendString(%q) = %s, canonical is %s", s, quoted, doc.Text())
		}
	})
}
