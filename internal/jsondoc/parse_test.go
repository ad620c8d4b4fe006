package jsondoc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

func mustParse(t testing.TB, text string) jsondoc.Doc {
	t.Helper()
	doc, err := jsondoc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%.200q): %v", text, err)
	}
	return doc
}

func TestParse_KeepsCanonicalText(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := string(mustParse(t, text).AppendJSON(nil)); got != want {
			t.Errorf("Parse(%q): got text %q, want %q", text, got, want)
		}
	}
	same := func(text string) { t.Helper(); f(text, text) }

	// any value may be the root
	same(`null`)
	same(`true`)
	same(`false`)
	same(`0`)
	same(`""`)
	same(`[]`)
	same(`{}`)
	// properties stay in their order
	same(`{"z":1,"a":2,"m":{"y":[],"b":{}},"":0}`)
	// numbers stay as written
	same(`[0,-0,0.0,-0.0,1.0,1.10,1e1,1E1,1e+1,1E-1,1e-999,12345678901234567890,0.1000000000000000055511151231257827]`)
	same(`[1.7976931348623157e308,-1.7976931348623157E+308]`)
	same("[" + strings.Repeat("9", 308) + "]")
	// white space goes, but not in strings
	f(" \t\r\n[ 1 , 2\n]\r", `[1,2]`)
	f("\n{ \"a b\" :\t\" c  d \" , \"e\" : [ ] , \"f\" : { } }\n", `{"a b":" c  d ","e":[],"f":{}}`)
	f(`[ { "a" : [ [ ] , [ 1 ] ] } ]`, `[{"a":[[],[1]]}]`)
	// escapes that are not needed are decoded
	f(`"\u0041\u00e4\u20AC\/"`, `"Aä€/"`)
	f(`"\ud83d\uDE00"`, `"😀"`)
	f(`"\u007f\u2028\u2029"`, "\"\u007f\u2028\u2029\"")
	// those that are needed are kept in their shortest form
	same(`"\"\\\b\f\n\r\t"`)
	f(`"\u0022\u005C\u0008\u000c\u000A\u000d\u0009"`, `"\"\\\b\f\n\r\t"`)
	f(`"\u0000\u001F\u000b"`, `"\u0000\u001f\u000b"`)
	// halves of surrogate pairs that stand alone are kept
	f(`"\uD800 \uDFFF \uDC00\uD800 \uD800\u0041 \uD800\n \uD800x"`, `"\ud800 \udfff \udc00\ud800 \ud800A \ud800\n \ud800x"`)
	f(`"\ud800\ud83d\ude00"`, `"\ud800😀"`)
	same(`"\udc01\udc02 \ud801\ud802"`)
	// names are strings as well
	f(`{"\u0061\/":1, "\ud800":2, "\ud801":3, "\u0000":4}`, `{"a/":1,"\ud800":2,"\ud801":3,"\u0000":4}`)
	// what is copied around escapes and white space arrives unharmed
	f(`{ "aaaaaaaaaaaaaaaaaaaa\/bbbbbbbbbbbbbbbbbbb" : "cccccccccccc\u001Fdddddddddddd" , "e":"f" }`,
		`{"aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbb":"cccccccccccc\u001fdddddddddddd","e":"f"}`)
}

func TestParse_KeepsEveryCodePoint(t *testing.T) {
	var b strings.Builder
	for r := rune(0); r <= 0x10FFFF; r++ {
		if 0xD800 <= r && r <= 0xDFFF {
			continue
		}
		b.WriteRune(r)
	}
	all := b.String()
	quoted := jsondoc.AppendString(nil, all)
	doc := mustParse(t, string(quoted))
	if !bytes.Equal(doc.Text(), quoted) {
		t.Error("AppendString and Parse do not agree on the canonical form")
	}
	if doc.Root().Str() != all {
		t.Error("the decoded string is not what was quoted")
	}
	var decoded string
	if err := json.Unmarshal(quoted, &decoded); err != nil || decoded != all {
		t.Errorf("encoding/json reads another string (err %v)", err)
	}
	for r := rune(0); r <= 0xFFFF; r++ {
		text := fmt.Sprintf(`"\u%04X"`, r)
		doc := mustParse(t, text)
		again := mustParse(t, string(doc.Text()))
		if !bytes.Equal(doc, again) {
			t.Fatalf("%s: %q is not canonical", text, doc.Text())
		}
		if got := string(jsondoc.AppendString(nil, doc.Root().Str())); got != string(doc.Text()) {
			t.Fatalf("%s: content quoted again is %q, want %q", text, got, doc.Text())
		}
	}
}

func TestParse_TakesDepth128(t *testing.T) {
	for _, pair := range []string{"[]", "{}"} {
		open, inner, end := pair[:1], "1", pair[1:]
		if pair == "{}" {
			open, inner = `{"a":`, "1"
		}
		text := strings.Repeat(open, jsondoc.DepthMax) + inner + strings.Repeat(end, jsondoc.DepthMax)
		v := mustParse(t, text).Root()
		for range jsondoc.DepthMax {
			v = v.At(0)
		}
		if n, ok := v.Int64(); !ok || n != 1 {
			t.Errorf("%s: innermost value is %q", pair, v.Raw())
		}
		deeper := open + text + end
		if _, err := jsondoc.Parse([]byte(deeper)); err == nil {
			t.Errorf("%s: depth %d was taken", pair, jsondoc.DepthMax+1)
		}
		// an empty one inside counts like any other
		empty := strings.Repeat(open, jsondoc.DepthMax) + pair + strings.Repeat(end, jsondoc.DepthMax)
		if _, err := jsondoc.Parse([]byte(empty)); err == nil {
			t.Errorf("%s: depth %d with an empty one innermost was taken", pair, jsondoc.DepthMax+1)
		}
		mustParse(t, strings.Repeat(open, jsondoc.DepthMax-1)+pair+strings.Repeat(end, jsondoc.DepthMax-1))
	}
}

func TestParse_RefusesSize(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 256 MiB")
	}
	text := bytes.Repeat([]byte(" "), jsondoc.TextBytesMax+1)
	text[0] = '1'
	_, err := jsondoc.Parse(text)
	if fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want an error of kind too large", err)
	}
}

func TestParse_RefusesIndexSize(t *testing.T) {
	if testing.Short() {
		t.Skip("needs much memory")
	}
	text := append(append([]byte("["), bytes.Repeat([]byte("[1],"), 20<<20)...), "0]"...)
	_, err := jsondoc.Parse(text)
	if fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want an error of kind too large", err)
	}
}

func TestAppend_LeavesDstOnError(t *testing.T) {
	var p jsondoc.Parser
	dst := append(make([]byte, 0, 100), "before"...)
	got, err := p.Append(dst, []byte(`{"a":1,}`))
	var syntax *jsondoc.SyntaxError
	if !errors.As(err, &syntax) || string(got) != "before" {
		t.Fatalf("got %q, %v; want before and a syntax error", got, err)
	}
	got, err = p.Append(got, []byte(`{"a": 1}`))
	if err != nil || string(got[:6]) != "before" {
		t.Fatalf("got %q, %v", got, err)
	}
	if v, ok := jsondoc.Doc(got[6:]).Root().Field("a"); !ok || string(v.Raw()) != "1" {
		t.Errorf("document behind other bytes: got %q", v.Raw())
	}
}

func TestAppend_DoesNotAllocateOnceWarm(t *testing.T) {
	var p jsondoc.Parser
	text := []byte(`{"a":[1,2,{"b":"c\/d","x":null}], "e":{"f":1.5e3}}`)
	var dst []byte
	allocs := testing.AllocsPerRun(100, func() {
		var err error
		if dst, err = p.Append(dst[:0], text); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("got %v allocations a document, want 0", allocs)
	}
}

// widthTexts returns texts around the borders at which offsets take more bytes.
func widthTexts() []string {
	var texts []string
	for _, border := range []int{1 << 15, 1 << 23} {
		for d := -3; d <= 3; d++ {
			filler := strings.Repeat("x", border+d-len(`{"a":"","b":[7]}`))
			texts = append(texts, `{"a":"`+filler+`","b":[7]}`)
		}
	}
	// an index longer than its text needs
	texts = append(texts, "["+strings.Repeat("[1],", 8000)+"0]", "["+strings.Repeat("1,", 16380)+"[2]]")
	// counts that take one byte, and five
	for _, n := range []int{253, 254, 255, 256} {
		texts = append(texts, "["+strings.Repeat(`[1,{"a":2}],`, n-1)+"[2]]")
	}
	return texts
}

func TestParse_EncodesATextInOneWay(t *testing.T) {
	for _, text := range widthTexts() {
		doc := mustParse(t, text)
		if got := string(doc.Text()); got != text {
			t.Fatalf("%.20s... of %d bytes: text is not kept", text, len(text))
		}
		spaced := mustParse(t, "\n\n"+strings.ReplaceAll(text, ",", " , ")+"   ")
		if !bytes.Equal(doc, spaced) {
			t.Errorf("%.20s... of %d bytes: white space leaves a trace", text, len(text))
		}
		root := doc.Root()
		last := root.At(root.Len() - 1)
		if last.Kind() == jsondoc.Array && last.At(0).Kind() != jsondoc.Number {
			t.Errorf("%.20s... of %d bytes: last element is %q", text, len(text), last.Raw())
		}
		if len(text) < 1<<20 {
			wantDocument(t, doc, []byte(text))
		}
		if _, err := jsondoc.Check(doc); err != nil {
			t.Errorf("%.20s... of %d bytes: %v", text, len(text), err)
		}
	}
}
