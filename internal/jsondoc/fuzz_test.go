package jsondoc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

func seeds() []string {
	large := new(strings.Builder)
	for i := range 140 {
		fmt.Fprintf(large, `,"field %d":%d`, i, i)
	}
	return []string{
		``, ` `, `1`, `-0.5e+10`, `1e999`, `01`, `""`, `"a\u0062\/\ud83d\ude00\ud800"`, "\"\xff\"", `[]`, `[1,[2,{"a":[]}],null,true,false]`,
		`{"a":1,"b":{"c":"d"},"e":[{},{"f":0}]}`, `{"a":1,"a":2}`, `{ "a" : [ 1 , 2 ] , "b" : "c" }`, "\uFEFF{}", `[1,]`, `{'a':1}`, `[1`, `nul`,
		`{` + large.String()[1:] + `}`, `{"a":"` + strings.Repeat("long ", 30) + `","b":1}`, strings.Repeat("[", 130),
	}
}

// FuzzParse: what we take, encoding/json takes and reads alike; what we refuse, it refuses too, but for what our
// messages name.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		given := bytes.Clone(text)
		doc, err := jsondoc.Parse(text)
		if !bytes.Equal(given, text) {
			t.Fatal("Parse has changed its input")
		}
		if err == nil {
			if !json.Valid(text) {
				t.Fatalf("%q was taken, encoding/json refuses it", text)
			}
			wantDocument(t, doc, text)
			return
		}
		var syntax *jsondoc.SyntaxError
		if !errors.As(err, &syntax) || syntax.Off < 0 || syntax.Off > len(text) {
			t.Fatalf("got error %v", err)
		}
		if json.Valid(text) && !ourReason(text, syntax.Msg) {
			t.Fatalf("%q was refused, encoding/json takes it: %v", text, err)
		}
	})
}

// ourReason reports whether msg is a reason to refuse text that encoding/json does not have, and is true.
func ourReason(text []byte, msg string) bool {
	switch {
	case strings.Contains(msg, "UTF-8"):
		return !utf8.Valid(text)
	case strings.Contains(msg, "twice"):
		tree, err := decode(text)
		return err == nil && tree.namesTwice()
	case strings.Contains(msg, "deep"):
		return bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > jsondoc.DepthMax
	case strings.Contains(msg, "too large for a float64"):
		var v any
		return json.Unmarshal(text, &v) != nil
	}
	return false
}

// FuzzCheck: Check never panics, and what passes can be read to the last value.
func FuzzCheck(f *testing.F) {
	for _, seed := range seeds() {
		if doc, err := jsondoc.Parse([]byte(seed)); err == nil {
			f.Add([]byte(doc))
		}
	}
	f.Add([]byte{0xD1, 0, 5, 0, '1'})
	f.Fuzz(func(t *testing.T, b []byte) {
		doc, err := jsondoc.Check(b)
		if err != nil {
			if _, ok := errors.AsType[*jsondoc.CorruptError](err); !ok {
				t.Fatalf("got error %v", err)
			}
			return
		}
		wantDocument(t, doc, doc.Text())
	})
}

// FuzzSet: an edit is the same as the edit of the tree.
func FuzzSet(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2}],"c":{}}`), "a\x001\x00b", []byte(`"new"`))
	f.Add([]byte(`{"a":1}`), "x\x00y\x00z", []byte(`[]`))
	f.Add([]byte(`[]`), "0", []byte(`1`))
	f.Fuzz(func(t *testing.T, text []byte, path string, value []byte) {
		doc, err := jsondoc.Parse(text)
		if err != nil {
			return
		}
		parts := strings.Split(path, "\x00")
		set, err := jsondoc.Set(doc, parts, value)
		if err != nil {
			return
		}
		wantDocument(t, set, set.Text())
		removed, err := jsondoc.Remove(set, parts)
		if err != nil {
			t.Fatal(err)
		}
		wantDocument(t, removed, removed.Text())
		if len(removed.Text()) >= len(set.Text()) {
			t.Fatalf("Remove(%s, %q) has removed nothing: %s", set.Text(), parts, removed.Text())
		}
	})
}
