package dump_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/dump"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// thing is an item as tests compare it.
type thing struct {
	Kind dump.Kind
	Text string
}

func parse(t testing.TB, text string) jsondoc.Doc {
	t.Helper()
	doc, err := jsondoc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

func open(t testing.TB, file io.Reader, opts dump.ReadOptions) *dump.Reader {
	t.Helper()
	r, err := dump.Open(file, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// rest takes all items that are left, and returns the error behind them: nil at a proper end.
func rest(r *dump.Reader) ([]thing, error) {
	var things []thing
	for {
		item, err := r.Next()
		if errors.Is(err, io.EOF) {
			return things, nil
		}
		if err != nil {
			return things, err
		}
		things = append(things, thing{item.Kind, string(item.Doc.Text())})
	}
}

func read(t testing.TB, file string, opts dump.ReadOptions) ([]thing, error) {
	t.Helper()
	return rest(open(t, strings.NewReader(file), opts))
}

// drawName makes names that are hard on columns and quotes.
var drawName = rapid.OneOf(
	rapid.StringMatching(`[a-c]{1,2}`),
	rapid.SampledFrom([]string{"", "@id", "@x", "a.b", "'", "it's", " a", "a,b", "x;y", "\"", "é", "a\nb", "𝄞"}),
)

func drawValue(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), toAny[bool]), rapid.Map(rapid.Int32(), toAny[int32]),
		rapid.Map(rapid.SampledFrom([]json.Number{"0", "-0.0", "1e3", "12345678901234567890.10"}), toAny[json.Number]),
		rapid.Map(rapid.String(), toAny[string]),
		rapid.Map(rapid.SampledFrom([]string{"", "12", "007", "true", "null", "[1]", "[1", "{", "\"q\"", " 5", "5 ", "a\r\nb", "a,b", "x\x01", "]", "}", "\\", "-"}), toAny[string]),
	)
	if depth == 0 {
		return leaf
	}
	below := drawValue(depth - 1)
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(below, 0, 3), func(v []any) any { return v }),
		rapid.Map(rapid.MapOfN(drawName, below, 0, 4), func(m map[string]any) any { return m }))
}

func toAny[T any](v T) any { return v }

// drawDocument returns a document's canonical text.
func drawDocument(t *rapid.T) string {
	m := rapid.MapOfN(drawName, drawValue(2), 0, 5).Draw(t, "document")
	if rapid.Bool().Draw(t, "metadata") {
		m["@metadata"] = map[string]any{"@id": rapid.String().Draw(t, "id"), "@collection": "Users", "@expires": "2030"}
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsondoc.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc.Text())
}

// reader wraps file in one of several ways to hand out its bytes.
func drawReader(t *rapid.T, file []byte) io.Reader {
	r := io.Reader(bytes.NewReader(file))
	switch rapid.IntRange(0, 3).Draw(t, "pieces") {
	case 0:
		r = iotest.OneByteReader(r)
	case 1:
		r = iotest.DataErrReader(r)
	case 2:
		r = iotest.HalfReader(r)
	}
	return r
}

var compressions = rapid.SampledFrom([]dump.Compression{dump.Plain, dump.Gzip, dump.Zstd})

func TestDump_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []thing
		var file bytes.Buffer
		w := dump.NewWriter(&file, dump.WriteOptions{Compression: compressions.Draw(t, "compression")})
		kinds := rapid.Permutation([]dump.Kind{
			dump.Documents, dump.RevisionDocuments, dump.Indexes, dump.DatabaseRecord, dump.Tombstones, dump.CompareExchange,
			dump.Identities, dump.TimeSeriesDeletedRanges,
		}).Draw(t, "kinds")
		for _, kind := range kinds {
			n := rapid.IntRange(0, 4).Draw(t, "items")
			if kind == dump.DatabaseRecord {
				n = min(n, 1)
			}
			for range n {
				want = append(want, thing{kind, drawDocument(t)})
				check(t, w.AddText(kind, []byte(want[len(want)-1].Text)))
				if rapid.IntRange(0, 3).Draw(t, "flush") == 0 {
					check(t, w.Flush())
				}
			}
		}
		check(t, w.Close())

		r, err := dump.Open(drawReader(t, file.Bytes()), dump.ReadOptions{})
		check(t, err)
		got, err := rest(r)
		check(t, err)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("(-got +want)\n%s", diff)
		}
		if r.Form() != dump.Dump || r.Report().BuildVersion != dump.BuildVersion {
			t.Fatalf("got a %s of build %d", r.Form(), r.Report().BuildVersion)
		}
		resumes(t, file.Bytes(), want)
	})
}

func check(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// resumes reads a file in two parts, with a new Reader for the second.
func resumes(t *rapid.T, file []byte, want []thing) {
	n := rapid.IntRange(0, len(want)).Draw(t, "first part")
	first, err := dump.Open(bytes.NewReader(file), dump.ReadOptions{})
	check(t, err)
	for range n {
		_, err := first.Next()
		check(t, err)
	}
	mark, err := dump.ParseMark(first.Mark().String())
	check(t, err)
	second, err := dump.Open(bytes.NewReader(file), dump.ReadOptions{})
	check(t, err)
	check(t, second.SkipTo(mark))
	got, err := rest(second)
	check(t, err)
	if diff := cmp.Diff(got, append([]thing(nil), want[n:]...)); diff != "" {
		t.Fatalf("behind mark %s: (-got +want)\n%s", mark, diff)
	}
	if second.Mark() != (dump.Mark{Items: int64(len(want)), Off: second.Mark().Off}) {
		t.Fatalf("the mark at the end is %s, want %d items", second.Mark(), len(want))
	}
}

func TestLines_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []thing
		var file bytes.Buffer
		w := dump.NewLinesWriter(&file, compressions.Draw(t, "compression"))
		for range rapid.IntRange(1, 6).Draw(t, "documents") {
			text := drawDocument(t)
			want = append(want, thing{dump.Documents, text})
			check(t, w.Add(func(dst []byte) []byte { return append(dst, text...) }))
		}
		check(t, w.Close())
		r, err := dump.Open(drawReader(t, file.Bytes()), dump.ReadOptions{})
		check(t, err)
		got, err := rest(r)
		check(t, err)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("(-got +want)\n%s", diff)
		}
		resumes(t, file.Bytes(), want)
	})
}

func TestCSV_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []thing
		var columns dump.Columns
		for range rapid.IntRange(1, 6).Draw(t, "documents") {
			text := drawDocument(t)
			doc, err := jsondoc.Parse([]byte(text))
			check(t, err)
			check(t, columns.Note(doc))
			want = append(want, thing{dump.Documents, text})
		}
		var file bytes.Buffer
		delimiter := rapid.SampledFrom([]byte{0, ',', ';', '\t', '|'}).Draw(t, "delimiter")
		w, err := dump.NewCSVWriter(&file, dump.CSVOptions{Columns: &columns, Delimiter: delimiter, Compression: compressions.Draw(t, "compression")})
		check(t, err)
		for _, d := range want {
			doc, _ := jsondoc.Parse([]byte(d.Text))
			check(t, w.Add(doc))
		}
		check(t, w.Close())
		if w.LeftOut() != 0 || w.Count() != int64(len(want)) {
			t.Fatalf("%d values left out, %d rows", w.LeftOut(), w.Count())
		}
		r, err := dump.Open(drawReader(t, file.Bytes()), dump.ReadOptions{})
		check(t, err)
		got, err := rest(r)
		if err != nil {
			t.Fatalf("%v\n%s", err, file.Bytes())
		}
		if diff := cmp.Diff(sorted(t, got), sorted(t, want)); diff != "" {
			t.Fatalf("(-got +want)\n%s\n%s", diff, file.Bytes())
		}
	})
}

// sorted returns the things with their properties in alphabetical order and numbers as written.
func sorted(t *rapid.T, things []thing) []thing {
	var out []thing
	for _, x := range things {
		d := json.NewDecoder(strings.NewReader(x.Text))
		d.UseNumber()
		var v any
		check(t, d.Decode(&v))
		text, err := json.Marshal(v)
		check(t, err)
		out = append(out, thing{x.Kind, string(text)})
	}
	return out
}

func TestAttachments_RoundTrip(t *testing.T) {
	sizes := []int{0, 1, dump.ChunkBytes - 1, dump.ChunkBytes, dump.ChunkBytes + 1, 3*dump.ChunkBytes + 7}
	var file bytes.Buffer
	w := dump.NewWriter(&file, dump.WriteOptions{})
	content := func(i int) []byte {
		b := make([]byte, sizes[i])
		for j := range b {
			b[j] = byte(i + j*7 + j>>8)
		}
		return b
	}
	for i := range sizes {
		check(t, w.AddAttachment(fmt.Sprint("hash", i), int64(sizes[i]), bytes.NewReader(content(i))))
	}
	check(t, w.Close())

	r := open(t, &file, dump.ReadOptions{})
	var chunks dump.Chunks
	var whole []byte
	i := 0
	for {
		item, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
		chunk, err := chunks.Take(item.Doc)
		check(t, err)
		whole = append(whole, chunk.Data...)
		if chunk.Last() {
			if chunk.Hash != fmt.Sprint("hash", i) || !bytes.Equal(whole, content(i)) {
				t.Errorf("attachment %d came back as %s with %d bytes, want %d", i, chunk.Hash, len(whole), sizes[i])
			}
			whole = whole[:0]
			i++
		}
	}
	check(t, chunks.Close())
	if i != len(sizes) {
		t.Errorf("got %d attachments, want %d", i, len(sizes))
	}
}
