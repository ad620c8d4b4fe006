package dump_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/dump"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// wantSameInPieces reads file whole and byte by byte, under a bound for items that real ones pass: both must give the same
// items and the same end. It returns them.
func wantSameInPieces(t *testing.T, file []byte, opts dump.ReadOptions) ([]thing, *dump.Reader, error) {
	t.Helper()
	opts.BadMax = 1 << 20
	whole, err := dump.Open(bytes.NewReader(file), opts)
	pieces, err2 := dump.Open(iotest.OneByteReader(bytes.NewReader(file)), opts)
	if message(err) != message(err2) {
		t.Fatalf("Open: %v whole, %v in pieces", err, err2)
	}
	if err != nil {
		return nil, nil, err
	}
	got, err := rest(whole)
	got2, err2 := rest(pieces)
	if diff := cmp.Diff(got, got2); diff != "" || message(err) != message(err2) || whole.Mark() != pieces.Mark() {
		t.Fatalf("whole: %v, in pieces: %v (-whole +pieces)\n%s", err, err2, diff)
	}
	if diff := cmp.Diff(messages(whole), messages(pieces)); diff != "" {
		t.Fatalf("bad items: (-whole +pieces)\n%s", diff)
	}
	skipped, openErr := dump.Open(bytes.NewReader(file), opts)
	if openErr != nil {
		t.Fatal(openErr)
	}
	if skipErr := skipped.SkipTo(whole.Mark()); skipErr != nil {
		t.Fatalf("SkipTo(%s): %v", whole.Mark(), skipErr)
	}
	return got, whole, err
}

func message(err error) string {
	if _, ok := errors.AsType[*dump.CompressionError](err); ok {
		return "damaged" // before which byte depends on the pieces
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

func messages(r *dump.Reader) []string {
	var list []string
	for _, e := range r.Report().Errors {
		list = append(list, e.Error())
	}
	return list
}

func FuzzOpen(f *testing.F) {
	for _, seed := range []string{
		`{"BuildVersion":1,"Docs":[{"a":1},{"b":"]}\""}],"X":{},"DatabaseRecord":{}}`, `[{},{"a":[1,{}]}]`, "{}\n{\"a\":1}\n", "{\n}", "a,b.c\n1,\"x\ny\"\n",
		"\x1f\x8b\x08", "\x28\xb5\x2f\xfd\x04", "\xEF\xBB\xBF{}",
	} {
		f.Add([]byte(seed), uint8(0))
	}
	for _, c := range []dump.Compression{dump.Gzip, dump.Zstd} {
		var file bytes.Buffer
		w := dump.NewWriter(&file, dump.WriteOptions{Compression: c})
		_ = w.AddText(dump.Documents, []byte(`{"a":1}`))
		_ = w.Close()
		f.Add(file.Bytes(), uint8(0))
	}
	f.Fuzz(func(t *testing.T, file []byte, form uint8) {
		_, _, _ = wantSameInPieces(t, file, dump.ReadOptions{Form: dump.Form(form % 6)})
	})
}

// A file that encoding/json takes is a dump or not, but never one that lost an item.
func FuzzDump(f *testing.F) {
	f.Add([]byte(`{"BuildVersion":1,"Docs":[{"a":1},{"b":"]}\""}],"X":{},"DatabaseRecord":{},"Indexes":null}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, r, err := wantSameInPieces(t, file, dump.ReadOptions{Form: dump.Dump, Compression: dump.Plain})
		if r == nil || bytes.HasPrefix(file, []byte("\xEF\xBB\xBF")) {
			return
		}
		if err == nil && !json.Valid(file) && r.Report().Bad == 0 && r.Report().UnknownCount == 0 {
			t.Fatalf("read %d items from what is no JSON", len(got))
		}
		var members map[string]json.RawMessage
		var want []json.RawMessage
		if err != nil || json.Unmarshal(file, &members) != nil || json.Unmarshal(members["Docs"], &want) != nil {
			return
		}
		docs := r.Report().Bad
		for _, x := range got {
			if x.Kind == dump.Documents {
				docs++
			}
		}
		if docs < int64(len(want)) {
			t.Fatalf("got %d documents, and there are %d", docs, len(want))
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{}\n\n{\"a\":1}\r\nx\n{\"a"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, r, err := wantSameInPieces(t, file, dump.ReadOptions{Form: dump.Lines, Compression: dump.Plain, ItemBytesMax: 1000})
		if r == nil {
			return
		}
		if err != nil {
			t.Fatalf("lines have no errors but bad items: %v", err)
		}
		var want []thing
		for line := range bytes.Lines(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))) {
			line = bytes.TrimLeft(bytes.TrimSuffix(line, []byte("\n")), " \t\r\n")
			if doc, err := jsondoc.Parse(line); err == nil && doc.Root().Kind() == jsondoc.Object && len(line) <= 1000 {
				want = append(want, thing{dump.Documents, string(doc.Text())})
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("(-got +want)\n%s", diff)
		}
	})
}

// Whatever encoding/csv takes, the reader takes, with as many rows.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"x\"\"y\n\"\n\n3,4\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, r, err := wantSameInPieces(t, file, dump.ReadOptions{Form: dump.CSV, Compression: dump.Plain, Delimiter: ','})
		if r == nil || err != nil {
			return
		}
		std := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))))
		std.FieldsPerRecord = -1
		rows, stdErr := std.ReadAll()
		if stdErr != nil || len(rows) == 0 || bytes.Contains(file, []byte("\r")) {
			return // lone \r are not the same to both
		}
		if n := int64(len(got)) + r.Report().Bad; n != int64(len(rows)-1) {
			t.Fatalf("got %d rows, want %d", n, len(rows)-1)
		}
	})
}

func FuzzChunks(f *testing.F) {
	f.Add([]byte("{\"Hash\":\"a\",\"Size\":5,\"Off\":0,\"Data\":\"YWJj\"}\n{\"Hash\":\"a\",\"Size\":5,\"Off\":3,\"Data\":\"ZGU=\"}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := dump.Open(bytes.NewReader(file), dump.ReadOptions{Form: dump.Lines, Compression: dump.Plain})
		if err != nil {
			return
		}
		var chunks dump.Chunks
		for {
			item, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				continue
			}
			if c, err := chunks.Take(item.Doc); err == nil && (c.Off < 0 || c.Off+int64(len(c.Data)) > c.Size) {
				t.Fatalf("took %+v", c)
			}
		}
	})
}

func FuzzParseOptions(f *testing.F) {
	f.Add([]byte(sent))
	f.Add([]byte(`{"Collections":["a"],"CompressionAlgorithm":"Zstd","IncludeArchived":false,"RemoveAnalyzers":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := dump.ParseOptions(text)
		if err != nil {
			return
		}
		first.Unknown = nil
		printed := first.AppendJSON(nil)
		second, err := dump.ParseOptions(printed)
		if err != nil {
			t.Fatalf("%s is not read back: %v", printed, err)
		}
		if again := second.AppendJSON(nil); !bytes.Equal(again, printed) {
			t.Fatalf("printed %s, and then %s", printed, again)
		}
	})
}

func FuzzParseMark(f *testing.F) {
	f.Add("12:345")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := dump.ParseMark(text); err == nil && m.String() != text {
			t.Fatalf("%q is printed as %s", text, m)
		}
	})
}
