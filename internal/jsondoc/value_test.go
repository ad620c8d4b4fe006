package jsondoc_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

func TestField(t *testing.T) {
	doc := mustParse(t, `{"a":1,"b":{"c":[true,{"d":"e"}]},"a\"b":2,"\ud800":3,"\\":4,"\u0000":5,"한":6,"":7,"nine bytes and more":8}`)
	f := func(name, want string) {
		t.Helper()
		v, ok := doc.Root().Field(name)
		if got := string(v.Raw()); got != want || ok != (want != "") {
			t.Errorf("Field(%q): got %q, %v, want %q", name, got, ok, want)
		}
	}
	f("a", "1")
	f("b", `{"c":[true,{"d":"e"}]}`)
	f(`a"b`, "2")
	f("\xED\xA0\x80", "3")
	f(`\`, "4")
	f("\x00", "5")
	f("한", "6")
	f("", "7")
	f("nine bytes and more", "8")
	// names that only look alike in the text
	f(`a\"b`, "")
	f(`\\`, "")
	f(`\ud800`, "")
	f(`a":1,"b`, "")
	f("A", "")
	f("\xFF", "")
	// fields of fields are not fields
	f("c", "")
	// other kinds have no fields
	for _, text := range []string{`null`, `"a"`, `["a"]`, `[]`, `{}`, `1`} {
		if v, ok := mustParse(t, text).Root().Field("a"); ok || v.Kind() != jsondoc.Null {
			t.Errorf("%s has a field: %q", text, v.Raw())
		}
	}
	if _, ok := (jsondoc.Value{}).Field("a"); ok {
		t.Error("the zero Value has a field")
	}
}

func TestField_FindsEachOfMany(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 64, 127, 128, 129, 130, 254, 255, 256, 257, 1000, 20000} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"f%d":%d`, i*7919%n, i)
		}
		doc := mustParse(t, "{"+b.String()[1:]+"}")
		if _, err := jsondoc.Check(doc); err != nil {
			t.Fatal(err)
		}
		if spaced := mustParse(t, "  { "+b.String()[1:]+"}"); !bytes.Equal(spaced, doc) {
			t.Fatalf("%d fields: a space before the first one leaves a trace", n)
		}
		root := doc.Root()
		if root.Len() != n {
			t.Fatalf("got %d fields, want %d", root.Len(), n)
		}
		for i := range n {
			name := fmt.Sprintf("f%d", i*7919%n)
			v, ok := root.Field(name)
			if got, _ := v.Int64(); !ok || got != int64(i) {
				t.Fatalf("%d fields: Field(%q) = %d, %v, want %d", n, name, got, ok, i)
			}
		}
		for _, name := range []string{"", "f", "e", "g", "f-1", "f0x", fmt.Sprint("f", n)} {
			if v, ok := root.Field(name); ok {
				t.Fatalf("%d fields: Field(%q) = %q", n, name, v.Raw())
			}
		}
	}
}

func TestField_FindsNamesWithEscapesAnywhere(t *testing.T) {
	for n := range 40 {
		for _, awkward := range []string{`"`, `\`, "\x00", "\xED\xA0\x80", "é", "/"} {
			name := strings.Repeat("x", n) + awkward + strings.Repeat("y", 39-n)
			doc := mustParse(t, `{"x":0,`+string(jsondoc.AppendString(nil, name))+`:1}`)
			if v, ok := doc.Root().Field(name); !ok || string(v.Raw()) != "1" {
				t.Errorf("Field(%q): got %q, %v", name, v.Raw(), ok)
			}
			if got, _ := doc.Root().Entry(1); got.Str() != name {
				t.Errorf("field is called %q, want %q", got.Str(), name)
			}
			short := strings.Repeat("x", n) + awkward
			doc = mustParse(t, `{"x":0,`+string(jsondoc.AppendString(nil, short))+`:1}`)
			if v, ok := doc.Root().Field(short); !ok || string(v.Raw()) != "1" {
				t.Errorf("Field(%q): got %q, %v", short, v.Raw(), ok)
			}
			if got, _ := doc.Root().Entry(1); got.Str() != short {
				t.Errorf("field is called %q, want %q", got.Str(), short)
			}
		}
	}
}

func TestField_FindsLongNamesAmongMany(t *testing.T) {
	var b strings.Builder
	long := func(i int) string { return fmt.Sprintf("%c%s", 'a'+i, strings.Repeat("long", 1000+i)) }
	for i := range 26 {
		fmt.Fprintf(&b, `"%s":%d,`, long(i), i)
	}
	for i := range 140 {
		fmt.Fprintf(&b, `"m%d":0,`, i)
	}
	root := mustParse(t, "{"+b.String()+`"zz":0}`).Root()
	for i := range 26 {
		if v, ok := root.Field(long(i)); !ok || string(v.Raw()) != fmt.Sprint(i) {
			t.Errorf("Field(%.5q...): got %q, %v", long(i), v.Raw(), ok)
		}
		if _, ok := root.Field(long(i) + "er"); ok {
			t.Errorf("Field(%.5q...er) is there", long(i))
		}
	}
}

func TestField_DoesNotAllocate(t *testing.T) {
	doc := mustParse(t, `{"first":1,"second":{"third":[1,2,3]}}`)
	allocs := testing.AllocsPerRun(100, func() {
		v, _ := doc.Root().Field("second")
		v, _ = v.Field("third")
		for item := range v.Items() {
			if _, ok := item.Int64(); !ok {
				t.Fatal("not a number")
			}
		}
		if n, _ := v.At(2).Float64(); n != 3 {
			t.Fatal(n)
		}
	})
	if allocs != 0 {
		t.Errorf("got %v allocations, want 0", allocs)
	}
}

func TestValue_Numbers(t *testing.T) {
	f := func(text string, wantInt int64, isInt bool, wantFloat float64) {
		t.Helper()
		v := mustParse(t, text).Root()
		if n, ok := v.Int64(); n != wantInt && isInt || ok != isInt {
			t.Errorf("%s: got int64 %d, %v, want %d, %v", text, n, ok, wantInt, isInt)
		}
		if x, ok := v.Float64(); x != wantFloat || !ok {
			t.Errorf("%s: got float64 %v, %v, want %v", text, x, ok, wantFloat)
		}
	}
	f(`0`, 0, true, 0)
	f(`-0`, 0, true, 0)
	f(`9223372036854775807`, math.MaxInt64, true, 1<<63)
	f(`-9223372036854775808`, math.MinInt64, true, -1<<63)
	f(`9223372036854775808`, 0, false, 1<<63)
	f(`1.0`, 0, false, 1)
	f(`1e2`, 0, false, 100)
	f(`1e-999`, 0, false, 0)
	for _, text := range []string{`"1"`, `null`, `[1]`, `true`} {
		v := mustParse(t, text).Root()
		if _, ok := v.Int64(); ok {
			t.Errorf("%s is an int64", text)
		}
		if _, ok := v.Float64(); ok {
			t.Errorf("%s is a float64", text)
		}
	}
}

func TestValue_Bytes(t *testing.T) {
	doc := mustParse(t, `["plain","with\nescapes \ud800",7]`)
	plain, escaped, number := doc.Root().At(0), doc.Root().At(1), doc.Root().At(2)
	if got := plain.Bytes(nil); &got[0] != &plain.Raw()[1] {
		t.Error("a string without escapes is not returned in place")
	}
	buf := make([]byte, 3, 100)
	if got := escaped.Bytes(buf); string(got) != "with\nescapes \xED\xA0\x80" || &got[0] != &buf[0] {
		t.Errorf("got %q, or not in the buffer", got)
	}
	if got := number.Bytes(buf); got != nil {
		t.Errorf("a number has content %q", got)
	}
	if got := append(plain.Bytes(nil), "xyz"...); string(doc.Text()[:8]) != `["plain"` {
		t.Errorf("appending to %q has written into the document: %s", got, doc.Text())
	}
}

func TestValue_Zero(t *testing.T) {
	for name, v := range map[string]jsondoc.Value{"zero": {}, "root of nil": jsondoc.Doc(nil).Root()} {
		if v.Kind() != jsondoc.Null || !v.IsNull() || v.Len() != 0 || len(v.Raw()) != 0 || v.Str() != "" {
			t.Errorf("%s: %v %q", name, v.Kind(), v.Raw())
		}
		if start, end := v.Span(); start != 0 || end != 0 {
			t.Errorf("%s: span %d to %d", name, start, end)
		}
	}
	if jsondoc.Doc(nil).Text() != nil {
		t.Error("nil has a text")
	}
}

func TestAt_PanicsOutOfRange(t *testing.T) {
	for _, i := range []int{-1, 2} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("At(%d) of two elements returns", i)
				}
			}()
			mustParse(t, `[1,2]`).Root().At(i)
		}()
	}
}

func TestItems_StopsWhenAsked(t *testing.T) {
	root := mustParse(t, `{"a":1,"b":2}`).Root()
	for v := range root.Items() {
		if string(v.Raw()) != "1" {
			t.Errorf("got %q", v.Raw())
		}
		break
	}
	for name := range root.Fields() {
		if name != "a" {
			t.Errorf("got %q", name)
		}
		break
	}
}

func TestWalk(t *testing.T) {
	doc := mustParse(t, `{"id":"x/1","a":{"b":"y","c.d":{"e":"z"},"it's":"q"},"none":null,"tags":["t1","t2"],`+
		`"lines":[{"product":"p/1","parts":[{"id":1},{"id":2}]},{"other":0},{"product":"p/2","parts":[]},[{"product":"p/3"}]],"x y":[[1,[2]],3],"'":4,"":5}`)
	f := func(path string, want ...string) {
		t.Helper()
		var got []string
		doc.Root().Walk(path, func(v jsondoc.Value) bool {
			got = append(got, string(v.Raw()))
			return true
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Walk(%q): (-want +got)\n%s", path, diff)
		}
	}
	f("id", `"x/1"`)
	f("a.b", `"y"`)
	f("none", `null`)
	f("missing")
	f("id.b")
	f("a.b.c")
	// arrays, with brackets and without
	f("tags", `"t1"`, `"t2"`)
	f("tags[]", `"t1"`, `"t2"`)
	f("lines[].product", `"p/1"`, `"p/2"`, `"p/3"`)
	f("lines.product", `"p/1"`, `"p/2"`, `"p/3"`)
	f("lines[].parts[].id", `1`, `2`)
	f("'x y'[]", `1`, `2`, `3`)
	f("x y", `1`, `2`, `3`)
	f("lines[][].product", `"p/1"`, `"p/2"`, `"p/3"`)
	// names in quotes
	f("a.'c.d'.e", `"z"`)
	f("'a'.'b'", `"y"`)
	f("a.'it''s'", `"q"`)
	f("a.it's", `"q"`)
	f("'", `4`)
	f("''", `5`)
	f("'a'b")
	f("'a")

	n := 0
	doc.Root().Walk("lines[].parts[].id", func(jsondoc.Value) bool { n++; return false })
	if n != 1 {
		t.Errorf("Walk went on %d times after it was told to stop", n-1)
	}
	var items []string
	mustParse(t, `[{"a":1},2]`).Root().Walk("[]", func(v jsondoc.Value) bool { items = append(items, string(v.Raw())); return true })
	mustParse(t, `[{"a":3},2]`).Root().Walk("[].a", func(v jsondoc.Value) bool { items = append(items, string(v.Raw())); return true })
	if diff := cmp.Diff([]string{`{"a":1}`, `2`, `3`}, items); diff != "" {
		t.Error(diff)
	}
}

func TestPath(t *testing.T) {
	doc := mustParse(t, `{"@metadata":{"@collection":"Users","a.b":[{"c":1}]}}`)
	f := func(path, want string) {
		t.Helper()
		v, ok := doc.Root().Path(path)
		if got := string(v.Raw()); got != want || ok != (want != "") {
			t.Errorf("Path(%q): got %q, %v, want %q", path, got, ok, want)
		}
	}
	f("@metadata.@collection", `"Users"`)
	f("@metadata.'a.b'", `[{"c":1}]`)
	f("@metadata.'a.b'.c", ``)
	f("@metadata.missing.x", ``)
	f("", string(doc.Text()))
}
