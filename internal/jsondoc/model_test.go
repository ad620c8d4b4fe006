package jsondoc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// node is the obvious form of a JSON value, to compare documents with.
type node struct {
	kind     jsondoc.Kind
	scalar   string // true, false, a number as written, or the content of a string
	names    []string
	children []node
}

// decode reads a text with encoding/json, which makes U+FFFD of lone surrogates.
func decode(text []byte) (node, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return decodeValue(dec)
}

func decodeValue(dec *json.Decoder) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	switch x := token.(type) {
	case nil:
		return node{kind: jsondoc.Null}, nil
	case bool:
		return node{kind: jsondoc.Bool, scalar: fmt.Sprint(x)}, nil
	case json.Number:
		return node{kind: jsondoc.Number, scalar: string(x)}, nil
	case string:
		return node{kind: jsondoc.String, scalar: x}, nil
	}
	n := node{kind: jsondoc.Array}
	if token == json.Delim('{') {
		n.kind = jsondoc.Object
	}
	for dec.More() {
		if n.kind == jsondoc.Object {
			name, err := dec.Token()
			if err != nil {
				return node{}, err
			}
			n.names = append(n.names, name.(string))
		}
		child, err := decodeValue(dec)
		if err != nil {
			return node{}, err
		}
		n.children = append(n.children, child)
	}
	_, err = dec.Token()
	return n, err
}

// namesTwice reports whether an object in n has a name twice, for encoding/json.
func (n node) namesTwice() bool {
	seen := map[string]bool{}
	for _, name := range n.names {
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	for _, child := range n.children {
		if child.namesTwice() {
			return true
		}
	}
	return false
}

// asEncodingJSON returns s with U+FFFD for each surrogate.
func asEncodingJSON(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			size = 3
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}

// wantNode fails unless v, read through every accessor, is what want says.
func wantNode(t rapid.TB, v jsondoc.Value, want node) {
	t.Helper()
	if v.Kind() != want.kind || v.Len() != len(want.children) {
		t.Fatalf("%.100q: got %v with %d entries, want %v with %d", v.Raw(), v.Kind(), v.Len(), want.kind, len(want.children))
	}
	switch want.kind {
	case jsondoc.Bool:
		if b, ok := v.Bool(); !ok || fmt.Sprint(b) != want.scalar {
			t.Fatalf("got %v, %v, want %s", b, ok, want.scalar)
		}
	case jsondoc.Number:
		wantNumber(t, v, want.scalar)
	case jsondoc.String:
		if got := asEncodingJSON(v.Str()); got != want.scalar {
			t.Fatalf("got string %q, want %q", got, want.scalar)
		}
	case jsondoc.Array, jsondoc.Object:
		wantChildren(t, v, want)
	}
	if start, end := v.Span(); v.Len() > 0 && end-start != len(v.Raw()) {
		t.Fatalf("span %d to %d of %q", start, end, v.Raw())
	}
}

func wantNumber(t rapid.TB, v jsondoc.Value, want string) {
	t.Helper()
	if string(v.Raw()) != want {
		t.Fatalf("got number %q, want %q", v.Raw(), want)
	}
	n := json.Number(want)
	if f, ok := v.Float64(); true {
		if g, err := n.Float64(); ok != (err == nil) || f != g {
			t.Fatalf("%s: got float64 %v, %v", want, f, ok)
		}
	}
	g, err := n.Int64()
	if i, ok := v.Int64(); ok != (err == nil) || ok && i != g {
		t.Fatalf("%s: got int64 %v, %v", want, i, ok)
	}
}

func wantChildren(t rapid.TB, v jsondoc.Value, want node) {
	t.Helper()
	i := 0
	for child := range v.Items() {
		wantNode(t, child, want.children[i])
		i++
	}
	i = 0
	for name, child := range v.Fields() {
		if asEncodingJSON(name) != want.names[i] {
			t.Fatalf("field %d is called %q, want %q", i, name, want.names[i])
		}
		found, ok := v.Field(name)
		if !ok || !bytes.Equal(found.Raw(), child.Raw()) {
			t.Fatalf("Field(%q): got %q, %v, want %q", name, found.Raw(), ok, child.Raw())
		}
		a, b := found.Span()
		if c, d := child.Span(); a != c || b != d {
			t.Fatalf("Field(%q) lies from %d to %d, want %d to %d", name, a, b, c, d)
		}
		i++
	}
	if v.Kind() == jsondoc.Object && i != len(want.children) {
		t.Fatalf("got %d fields, want %d", i, len(want.children))
	}
	for _, name := range []string{"", "no such field", "a\"b", `\`, "\xff"} {
		if _, ok := v.Field(name); ok != contains(v, name) {
			t.Fatalf("Field(%q): got %v", name, ok)
		}
	}
}

func contains(v jsondoc.Value, want string) bool {
	for name := range v.Fields() {
		if name == want {
			return true
		}
	}
	return false
}

// wantDocument fails unless doc is a sound encoding of text.
func wantDocument(t rapid.TB, doc jsondoc.Doc, text []byte) {
	t.Helper()
	want, err := decode(text)
	if err != nil {
		t.Fatalf("encoding/json refuses %q: %v", text, err)
	}
	wantNode(t, doc.Root(), want)
	fromText, err := decode(doc.Text())
	if err != nil {
		t.Fatalf("encoding/json refuses the canonical text %q: %v", doc.Text(), err)
	}
	wantNode(t, doc.Root(), fromText)
	again, err := jsondoc.Parse(doc.Text())
	if err != nil || !bytes.Equal(again, doc) {
		t.Fatalf("canonical text %q parses to other bytes (err %v)", doc.Text(), err)
	}
	if _, err := jsondoc.Check(doc); err != nil {
		t.Fatal(err)
	}
}

// drawText draws a JSON text: any tree, any spelling.
func drawText(t *rapid.T) []byte {
	return appendDrawn(t, nil, rapid.IntRange(0, 4).Draw(t, "depth"))
}

func appendDrawn(t *rapid.T, dst []byte, depth int) []byte {
	dst = appendSpace(t, dst)
	kinds := 5
	if depth > 0 {
		kinds = 9
	}
	switch kind := rapid.IntRange(0, kinds).Draw(t, "kind"); kind {
	case 0:
		dst = append(dst, rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "literal")...)
	case 1, 2:
		dst = append(dst, rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")...)
	case 3, 4, 5:
		dst = appendSpelled(t, dst, drawString(t))
	case 6, 7:
		dst = append(dst, '[')
		for i := range rapid.IntRange(0, 6).Draw(t, "elements") {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendDrawn(t, dst, depth-1)
		}
		dst = append(appendSpace(t, dst), ']')
	default:
		dst = appendObject(t, dst, depth)
	}
	return appendSpace(t, dst)
}

func appendObject(t *rapid.T, dst []byte, depth int) []byte {
	names := rapid.SliceOfNDistinct(rapid.Custom(drawString), 0, 12, rapid.ID).Draw(t, "names")
	if rapid.IntRange(0, 9).Draw(t, "large") == 0 {
		for i := range rapid.IntRange(110, 140).Draw(t, "more") {
			names = append(names, fmt.Sprintf("more than enough %d", i))
		}
	}
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendSpelled(t, appendSpace(t, dst), name)
		dst = append(appendSpace(t, dst), ':')
		if i < 12 {
			dst = appendDrawn(t, dst, depth-1)
		} else {
			dst = append(dst, '0')
		}
	}
	return append(appendSpace(t, dst), '}')
}

func appendSpace(t *rapid.T, dst []byte) []byte {
	return append(dst, rapid.SampledFrom([]string{"", "", "", "", " ", "\n\t ", "\r\n"}).Draw(t, "space")...)
}

// drawString draws a string without surrogates, of plain letters or of what is awkward.
func drawString(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z@_-]{0,20}`),
		rapid.StringOfN(rapid.RuneFrom([]rune("ab\"\\/\x00\x1f\n\t\bäé€😀\u2028\u007f\uFFFD")), 0, 12, -1),
		rapid.StringN(0, 20, -1),
	).Draw(t, "string")
}

// appendSpelled appends s as a JSON string; each character is escaped or not, as drawn.
func appendSpelled(t *rapid.T, dst []byte, s string) []byte {
	if rapid.IntRange(0, 2).Draw(t, "spelling") > 0 {
		return jsondoc.AppendString(dst, s)
	}
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r < ' ' || r == '"' || r == '\\' || r < 0x10000 && rapid.Bool().Draw(t, "escaped"):
			dst = fmt.Appendf(dst, `\u%04X`, r)
		case r == '/' || r >= 0x10000:
			dst = append(dst, asJSON(r)...)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

func asJSON(r rune) string {
	if r == '/' {
		return `\/`
	}
	r -= 0x10000
	return fmt.Sprintf(`\u%04x\u%04X`, 0xD800+r>>10, 0xDC00+r&0x3FF)
}

func TestParse_AgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		doc, err := jsondoc.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		wantDocument(t, doc, text)
	})
}

func TestParse_CompactsLikeEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, err := jsondoc.Parse(drawText(t))
		if err != nil {
			t.Fatal(err)
		}
		var wide, compact bytes.Buffer
		if err := json.Indent(&wide, doc.Text(), " ", "\t"); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&compact, wide.Bytes()); err != nil {
			t.Fatal(err)
		}
		again, err := jsondoc.Parse(wide.Bytes())
		if err != nil || !bytes.Equal(again, doc) || !bytes.Equal(again.Text(), compact.Bytes()) {
			t.Fatalf("indented text parses to %q, want %q (err %v)", again.Text(), doc.Text(), err)
		}
	})
}
