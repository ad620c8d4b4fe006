package dump_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rookerydb/rookery/internal/dump"
	"github.com/rookerydb/rookery/internal/fault"
)

func TestNext_SaysWhereAFileIsWrong(t *testing.T) {
	f := func(form dump.Form, file, wantError string, wantItems int) {
		t.Helper()
		r, err := dump.Open(strings.NewReader(file), dump.ReadOptions{Form: form})
		if err != nil {
			t.Fatal(err)
		}
		got, err := rest(r)
		if err == nil || !strings.Contains(err.Error(), wantError) || len(got) != wantItems {
			t.Errorf("%s: got %d items and %v, want %d and %s", file, len(got), err, wantItems, wantError)
		}
		if fault.Of(err) != fault.Invalid {
			t.Errorf("%s: kind %s", file, fault.Of(err))
		}
	}
	const head = "{\"BuildVersion\":1,\"Docs\":[\n"
	// between items
	f(dump.Dump, head+`{"a":1} {"b":2}]}`, "line 2, column 9 (byte 35): a comma or ] was expected behind an item of Docs", 1)
	f(dump.Dump, head+`{"a":1}] "x":1}`, "line 2, column 10 (byte 36): a comma or } was expected behind a member", 1)
	f(dump.Dump, head+`{"a":1}],x:1}`, "column 10 (byte 36): the name of a member was expected", 1)
	f(dump.Dump, head+`{"a":1}],"x" 1}`, "column 14 (byte 40): a colon was expected", 1)
	f(dump.Dump, head+`{"a":1}]}x`, "column 10 (byte 36): something follows the end of a dump", 1)
	f(dump.Dump, head+`{"a":[1}]}`, "column 8 (byte 34): a bracket of another kind is open", 0)
	f(dump.Dump, head+`,]}`, "a value was expected", 0)
	f(dump.Dump, `[]`, "a dump begins with {", 0)
	f(dump.Dump, `{"Docs":5}`, "column 9 (byte 8): the value of Docs must be an array", 0)
	f(dump.Dump, `{"Docs":{}}`, "the value of Docs must be an array", 0)
	f(dump.Dump, `{"DatabaseRecord":[]}`, "the value of DatabaseRecord must be an object", 0)
	f(dump.Dump, `{"BuildVersion":"x"}`, "BuildVersion must be a whole number", 0)
	f(dump.Dump, `{"BuildVersion":-1}`, "BuildVersion must be a whole number", 0)
	f(dump.Dump, `{"`+strings.Repeat("x", 2000)+`":1}`, "longer than 1,024 bytes", 0)
	f(dump.Dump, "{\"a\x01\":1}", "the name of a member: ", 0)
	f(dump.Dump, head+strings.Repeat("[", 200), "too deep", 0)
	// inside of items: positions are those of the file
	f(dump.Dump, head+`{"a":1},{"b":2,`+"\n"+`"b":3}]}`, `line 3, column 1 (byte 43): item 1 (Documents): property "b" appears twice`, 1)
	f(dump.Dump, head+`{"a":1},  {"b":tru}]}`, "line 2, column 16 (byte 42): item 1 (Documents)", 1)
	f(dump.Dump, head+`{"a":1},7]}`, "item 1 (Documents): an object was expected, and this is a number", 1)
	f(dump.Dump, head+`{"a":1},null]}`, "an object was expected, and this is null", 1)
	f(dump.Lines, "{\"a\":1}\n\n {\"b\":}\n{}", "line 3, column 7 (byte 15): item 1 (Documents)", 1)
	f(dump.Lines, "{\"a\":1} {\"b\":2}\n", "line 1, column 9 (byte 8): item 0", 0)
	f(dump.Array, `[{"a":1},{"a":1}x]`, "column 17 (byte 16): a comma or ] was expected", 2)
	f(dump.Array, `[{"a":1}]]`, "something follows the end of the array", 1)
	f(dump.Array, `{}`, "an array was expected", 0)
	f(dump.Single, "{}\n{}", "line 2, column 1 (byte 3): something follows the end of the document", 1)
	// cut files
	f(dump.Dump, head+`{"a":1},{"b":2},{"c"`, "line 2, column 21 (byte 47): the file ends in the middle of Docs, behind 2 whole items", 2)
	f(dump.Dump, head+`{"a":1}`, "ends in the middle of Docs, behind 1 whole items", 1)
	f(dump.Dump, head+`{"a":1},`, "ends in the middle of Docs", 1)
	f(dump.Dump, head+`{"a":1}],"X":[1`, "ends in the middle of the dump", 1)
	f(dump.Dump, `{"DatabaseRecord":{`, "ends in the middle of DatabaseRecord", 0)
	for _, part := range []string{`{`, `{"D`, `{"Docs"`, `{"Docs":`, `{"Docs":[`, `{"Docs":[]`, `{"Docs":[],`, `{"BuildVersion":1`} {
		f(dump.Dump, part, "the file ends in the middle of ", 0)
	}
	f(dump.Array, `[{"a":1}`, "ends in the middle of the array", 1)
	f(dump.Array, `[{"a":1},`, "ends in the middle of the array", 1)
	f(dump.Array, ``, "ends in the middle of the array", 0)
	f(dump.Single, `{"a":1`, "ends in the middle of the document", 0)
	f(dump.Single, ``, "ends in the middle of the document", 0)
	f(dump.Lines, "{}\n{\"a", "line 2", 1)
}

func TestNext_SaysWhereCSVIsWrong(t *testing.T) {
	f := func(file, wantError string, wantItems int) {
		t.Helper()
		got, err := read(t, file, dump.ReadOptions{Form: dump.CSV, Delimiter: ','})
		if err == nil || !strings.Contains(err.Error(), wantError) || len(got) != wantItems {
			t.Errorf("%q: got %d items and %v, want %d and %s", file, len(got), err, wantItems, wantError)
		}
	}
	f("a,b\n1,2\n3\n", "line 3, column 1 (byte 8): item 1 (Documents): the row has 1 cells, and the header 2", 1)
	f("a,b\n1,2,3\n", "cell 3 has a value, and the header no name for it", 0)
	f("a,,b\n1,2,3\n", "cell 2 has a value, and the header no name", 0)
	f("a,b\n\"x\"y,2\n", "cell 1: something follows the closing quote", 0)
	f("a,b\n\"x\ny\",1\n\"p\nq\"r,2\n", "line 4, column 1 (byte 12)", 1)
	f("a,b\n1,\"x\ny\n", "the file ends in a quoted cell of the row that begins in line 2", 0)
	f("a,b\n\xff,1\n", `cell 1 ("a") is not UTF-8`, 0)
	f("a,a.b\n1,2\n", `column "a" has a value, and so have columns below it`, 0)
	f("a,a\n", `column "a": comes twice`, 0)
	f("@metadata.@id,@id\n", `column "@id": comes twice`, 0)
	f("a,@foo\n", `column "@foo": only @id, @collection and @metadata`, 0)
	f("a..b\n", "a name is empty", 0)
	f("a.\n", "a name is empty", 0)
	f(".a\n", "a name is empty", 0)
	f("'a\n", "a quote is not closed", 0)
	f("'a'b\n", "something stands behind it", 0)
	f("\xff\n", "is not UTF-8", 0)
	f("\n\n", "ends in the middle of the header", 0)
	f("\"a\"b\n", "the header: cell 1", 0)
	f(strings.Repeat("a.", 200)+"a\n", "too deep", 0)
	f(strings.Repeat(",", 5000)+"\n", "columns of a CSV file: at most 4096 are taken", 0)
}

func TestNext_CollectsBadItems(t *testing.T) {
	f := func(form dump.Form, file string, opts dump.ReadOptions, wantGood, wantBad int) {
		t.Helper()
		opts.Form = form
		r := open(t, strings.NewReader(file), opts)
		got, err := rest(r)
		report := r.Report()
		if err != nil || len(got) != wantGood || len(report.Errors) != wantBad || report.Bad != int64(wantBad) || report.Read[dump.Documents] != int64(wantGood) {
			t.Errorf("%s: got %d good ones, %v, and report %+v", file, len(got), err, report)
		}
		if r.Mark().Items != int64(wantGood+wantBad) {
			t.Errorf("%s: mark %s", file, r.Mark())
		}
	}
	ten := dump.ReadOptions{BadMax: 10}
	f(dump.Dump, `{"Docs":[{},{"a":tru},7,{"a":1,"a":2},{}]}`, ten, 2, 3)
	f(dump.Lines, "{}\n}\n{\"a\n{}", ten, 2, 2)
	f(dump.Array, `[{},[],{}]`, ten, 2, 1)
	f(dump.CSV, "a,b\n1,2\n3\n4,5\n\"x\"y,3\n6,7", ten, 3, 2)
	// items that are too large are passed over too, in every form
	ten.ItemBytesMax = 20
	huge := `{"a":"` + strings.Repeat("x\\\"", 1<<20) + `"}`
	f(dump.Dump, `{"Docs":[{},`+huge+`,{}]}`, ten, 2, 1)
	f(dump.Lines, "{}\n"+huge+"\n{}", ten, 2, 1)
	f(dump.Array, `[{},`+huge+`,{}]`, ten, 2, 1)
	f(dump.CSV, "a,b\n1,2\n"+strings.Repeat("xxxxxxx,", 1<<18)+"\n4,5\n", ten, 2, 1)
}

func TestNext_StopsAtTooManyBadItems(t *testing.T) {
	r := open(t, strings.NewReader("{}\nx\n{}\ny\n{}\n"), dump.ReadOptions{Form: dump.Lines, BadMax: 1})
	got, err := rest(r)
	bad, ok := errors.AsType[*dump.ItemError](err)
	if len(got) != 2 || !ok || bad.Ordinal != 3 || bad.At.Line != 4 {
		t.Fatalf("got %d items and %v, want 2 and the error of item 3 in line 4", len(got), err)
	}
	if got, err = rest(r); len(got) != 1 || err != nil { // whoever wants to can go on
		t.Errorf("behind it: got %d items and %v, want 1", len(got), err)
	}
}

func TestNext_TooLargeIsAKind(t *testing.T) {
	_, err := read(t, `{"aaaaaaaaaaaaaaaa":1}`, dump.ReadOptions{ItemBytesMax: 10})
	if fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want an error of kind too large", err)
	}
}

// A file that is cut anywhere gives the items before the cut, and a *CutError.
func TestNext_CutAnywhere(t *testing.T) {
	for _, c := range []dump.Compression{dump.Plain, dump.Gzip, dump.Zstd} {
		var file bytes.Buffer
		w := dump.NewWriter(&file, dump.WriteOptions{Compression: c})
		ends := make([]int, 0, 5) // how long the file was when so many items and one were flushed
		for i := range 5 {
			check(t, w.AddText(dump.Documents, fmt.Appendf(nil, `{"n":%d,"s":"]}\"{["}`, i)))
			check(t, w.Flush())
			ends = append(ends, file.Len())
		}
		check(t, w.Close())
		for n := range file.Len() - 1 {
			r, err := dump.Open(bytes.NewReader(file.Bytes()[:n]), dump.ReadOptions{Form: dump.Dump, Compression: c})
			var got []thing
			if err == nil {
				got, err = rest(r)
			}
			if _, ok := errors.AsType[*dump.CutError](err); !ok {
				if c == dump.Plain && n == file.Len()-1 {
					continue // only the line's end is missing
				}
				t.Fatalf("%s cut behind %d of %d bytes: got %v", c, n, file.Len(), err)
			}
			flushed := 0
			for flushed < len(ends) && ends[flushed] <= n {
				flushed++
			}
			if len(got) < flushed {
				t.Fatalf("%s cut behind %d bytes: got %d items, and %d were flushed", c, n, len(got), flushed)
			}
		}
	}
}

func TestNext_PassesErrorsOfTheFileOn(t *testing.T) {
	broken := errors.New("broken")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write([]byte("{\"a\":1}\n{\"a\":2}\n"))
	check(t, err)
	check(t, z.Close())
	for _, file := range [][]byte{[]byte("{\"a\":1}\n{\"a\":2}\n{\"a"), zipped.Bytes()[:zipped.Len()-3]} {
		r, err := dump.Open(io.MultiReader(bytes.NewReader(file), iotest.ErrReader(broken)), dump.ReadOptions{})
		check(t, err)
		got, err := rest(r)
		if !errors.Is(err, broken) || len(got) != 2 {
			t.Errorf("got %d items and %v, want 2 and the error of the file", len(got), err)
		}
		if _, again := r.Next(); !errors.Is(again, broken) {
			t.Errorf("the second time: %v", again)
		}
	}
	if _, err := dump.Open(iotest.ErrReader(broken), dump.ReadOptions{}); !errors.Is(err, broken) {
		t.Errorf("Open: got %v", err)
	}
}

func TestNext_SaysThatCompressedDataIsDamaged(t *testing.T) {
	for _, c := range []dump.Compression{dump.Gzip, dump.Zstd} {
		var file bytes.Buffer
		w := dump.NewLinesWriter(&file, c)
		for i := range 1000 {
			check(t, w.Add(func(dst []byte) []byte { return fmt.Appendf(dst, `{"n":%d}`, i*i*7919) }))
		}
		check(t, w.Close())
		damaged := file.Bytes()
		damaged[len(damaged)-6] ^= 0x55 // in the checksum, or just before it
		r, err := dump.Open(bytes.NewReader(damaged), dump.ReadOptions{})
		if err == nil {
			_, err = rest(r)
		}
		if err == nil || fault.Of(err) != fault.Invalid {
			t.Errorf("%s: got %v, want an error of kind invalid", c, err)
		}
	}
	_, err := dump.Open(strings.NewReader("\x1f\x8bxxxxxxxxxxxx"), dump.ReadOptions{})
	if _, ok := errors.AsType[*dump.CompressionError](err); !ok {
		t.Errorf("got %v, want a CompressionError", err)
	}
	_, err = dump.Open(strings.NewReader("\x1f\x8b"), dump.ReadOptions{})
	if _, ok := errors.AsType[*dump.CutError](err); !ok {
		t.Errorf("got %v, want a CutError", err)
	}
}

func TestSkipTo_RefusesMarksOfOtherFiles(t *testing.T) {
	const file = "{\"a\":1}\n{\"a\":2}\n"
	for _, m := range []dump.Mark{{Items: 1, Off: 8}, {Items: 3, Off: 16}, {Items: 0, Off: 1}} {
		r := open(t, strings.NewReader(file), dump.ReadOptions{})
		err := r.SkipTo(m)
		if _, ok := errors.AsType[*dump.MarkError](err); !ok {
			t.Errorf("%s: got %v, want a MarkError", m, err)
		}
		if _, again := r.Next(); again == nil {
			t.Errorf("%s: the reader goes on", m)
		}
	}
	for _, text := range []string{"", "1", ":", "1:", "-1:0", "1:-1", "01:1", "1:1:1", "a:b", "+1:1"} {
		if m, err := dump.ParseMark(text); err == nil {
			t.Errorf("ParseMark(%q) = %v, want an error", text, m)
		}
	}
}

// failing takes n bytes.
type failing struct{ n int }

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriter_KeepsItsFirstError(t *testing.T) {
	text := []byte(`{"a":"` + strings.Repeat("x", 1<<16) + `"}`)
	for _, c := range []dump.Compression{dump.Plain, dump.Gzip, dump.Zstd} {
		w := dump.NewWriter(&failing{}, dump.WriteOptions{Compression: c})
		_ = w.AddText(dump.Documents, text)
		if err := w.Flush(); !errors.Is(err, errFull) {
			t.Errorf("%s: Flush: %v", c, err)
		}
		if err := w.AddText(dump.Documents, text); !errors.Is(err, errFull) {
			t.Errorf("%s: Add: %v", c, err)
		}
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("%s: Close: %v", c, err)
		}
	}
	w := dump.NewWriter(io.Discard, dump.WriteOptions{})
	check(t, w.Close())
	check(t, w.Close())
	if err := w.AddText(dump.Documents, text); fault.Of(err) != fault.Unavailable {
		t.Errorf("Add behind Close: %v", err)
	}
}

func TestAddAttachment_RefusesOtherSizes(t *testing.T) {
	for _, size := range []int64{2, 4, dump.ChunkBytes * 2} {
		w := dump.NewWriter(io.Discard, dump.WriteOptions{})
		if err := w.AddAttachment("h", size, strings.NewReader("abc")); err == nil {
			t.Errorf("size %d: no error", size)
		}
		if err := w.Close(); err == nil {
			t.Errorf("size %d: Close gives no error", size)
		}
	}
}

func TestChunks_MustFollowEachOther(t *testing.T) {
	f := func(want string, items ...string) {
		t.Helper()
		var chunks dump.Chunks
		var err error
		for _, item := range items {
			if _, e := chunks.Take(parse(t, item)); err == nil {
				err = e
			}
		}
		if e := chunks.Close(); err == nil {
			err = e
		}
		if err == nil && want != "" || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v: got %v, want %q", items, err, want)
		}
	}
	const a0, a3, b = `{"Hash":"a","Size":5,"Off":0,"Data":"YWJj"}`, `{"Hash":"a","Size":5,"Off":3,"Data":"ZGU="}`, `{"Hash":"b","Size":0,"Off":0,"Data":""}`
	f("", a0, a3, b, a0, a3)
	f("the content ends behind 3 of 5 bytes", a0)
	f("the content ends behind 3 of 5 bytes", a0, b)
	f("byte 3 does not follow", a3)
	f("byte 3 does not follow", a0, a3, a3)
	f("byte 3 does not follow", a0, `{"Hash":"c","Size":5,"Off":3,"Data":"ZGU="}`)
	f("byte 3 does not follow", a0, `{"Hash":"a","Size":6,"Off":3,"Data":"ZGU="}`)
	f("byte 6 does not follow", `{"Hash":"a","Size":9,"Off":0,"Data":"YWJj"}`, `{"Hash":"a","Size":9,"Off":6,"Data":"YWJj"}`)
	f("not base64", `{"Hash":"a","Size":5,"Off":0,"Data":"?"}`)
	f("whole numbers", `{"Hash":"a","Size":5.5,"Off":0,"Data":""}`)
	f("whole numbers", `{"Size":5,"Off":0,"Data":""}`)
	f("no piece", `{"Hash":"a","Size":2,"Off":0,"Data":"YWJj"}`)
	f("no piece", `{"Hash":"a","Size":2,"Off":0,"Data":""}`)
	f("no piece", `{"Hash":"a","Size":-9223372036854775808,"Off":9223372036854775807,"Data":"YQ=="}`)
	f("no piece", `{"Hash":"a","Size":9,"Off":-1,"Data":"YWJj"}`)
}
