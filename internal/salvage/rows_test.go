package salvage_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
)

// Kinds of rows that this version does not know are counted, and never taken for documents.
func TestRun_CountsUnknownKinds(t *testing.T) {
	long := bytes.Repeat([]byte("long"), 10_000)
	disk := salvagetest.Raw(t,
		salvagetest.Row(t, "a", 1, `{}`),
		row.Append(nil, 9, []byte("revision"), []byte("x")), row.Append(nil, 9, long), row.Append(nil, 200),
		[]byte("no row at all"), nil,
	)
	got := run(t, disk)
	if unknown := got.report.Rows.Unknown; unknown["9"] != (salvage.Count{Count: 2, Bytes: int64(len(long) + 9)}) || unknown["200"].Count != 1 || len(unknown) != 2 {
		t.Errorf("unknown kinds: got %+v", unknown)
	}
	if len(got.documents) != 1 || len(got.deleted) > 0 || got.report.Damage() {
		t.Errorf("got %v and %v, damage %v", got.documents, got.deleted, got.report.Damage())
	}
}

// Rows that were deleted and never overwritten are found, in pages in use as well, and are told from the others.
func TestRun_TellsDeletedRowsFromOthers(t *testing.T) {
	long := `{"t":"` + strings.Repeat("x", 20_000) + `"}`
	disk := salvagetest.RawDeleted(t, 2,
		salvagetest.Row(t, "gone/1", 1, `{"n":1}`), salvagetest.Row(t, "gone/long", 2, long), salvagetest.Row(t, "kept/1", 3, `{"n":3}`),
		salvagetest.Row(t, "kept/long", 4, long), row.Append(nil, 9, []byte("of another table")),
	)
	got := run(t, disk)
	if len(got.documents) != 2 || got.documents["kept/1"] == "" || got.documents["kept/long"] == "" {
		t.Errorf("documents: got %.300v", got.documents)
	}
	if len(got.deleted) != 2 || got.deleted["gone/1"] == "" || got.deleted["gone/long"] == "" || got.report.Damage() {
		t.Errorf("possibly deleted: got %.300v, damage %v", got.deleted, got.report.Damage())
	}
}

// What has a sound checksum and yet makes no sense is reported with its id, and not written.
func TestRun_RefusesRowsThatMakeNoSense(t *testing.T) {
	f := func(want string, change func(fields [][]byte) [][]byte) {
		t.Helper()
		doc, err := jsondoc.Parse([]byte(`{"a":1}`))
		must(t, err)
		fields := change(salvagetest.Fields("Some/1", 7, doc))
		got := run(t, salvagetest.Raw(t, row.Append(nil, docrow.DocumentKind, fields...)))
		if len(got.documents)+len(got.deleted) > 0 || !got.report.Damage() || len(got.report.DamagedValues) != 1 {
			t.Fatalf("%s: got %v, %v, %+v", want, got.documents, got.deleted, got.report.DamagedValues)
		}
		if d := got.report.DamagedValues[0]; !strings.Contains(d.Reason, want) {
			t.Errorf("got %+v, want a reason with %q", d, want)
		}
	}
	set := func(i int, b []byte) func([][]byte) [][]byte {
		return func(fields [][]byte) [][]byte { fields[i] = b; return fields }
	}
	scalar, err := jsondoc.Parse([]byte(`7`))
	must(t, err)
	meta, err := jsondoc.Parse([]byte(`{"@metadata":[]}`))
	must(t, err)
	f("not its id in lower case", set(docrow.FieldKey, []byte("other")))
	f("etag 0 was never given", set(docrow.FieldEtag, make([]byte, 8)))
	f("change vector is none", set(docrow.FieldVector, []byte(`","@id":"forged`)))
	f("fields", func(fields [][]byte) [][]byte { return fields[:8] })
	f("must be a JSON object", set(docrow.FieldData, scalar))
	f("@metadata must be an object", set(docrow.FieldData, meta))
	f("", set(docrow.FieldData, []byte(`{"a":1}`))) // text is no stored document
	f("", set(docrow.FieldData, nil))
}

// rot13 stands for a compression.
type rot13 struct{ fails bool }

var errNoDictionary = errors.New("dictionary 3 is lost")

func (r rot13) Decompress(value []byte) ([]byte, error) {
	if r.fails {
		return nil, errNoDictionary
	}
	return rotate(value), nil
}

func rotate(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] += 128
	}
	return out
}

func TestRun_OpensCompressedBodies(t *testing.T) {
	doc, err := jsondoc.Parse([]byte(`{"a":"compressed"}`))
	must(t, err)
	disk := salvagetest.Raw(t,
		row.Append(nil, docrow.DocumentKind, salvagetest.Fields("small/1", 1, rotate(doc))...),
		salvagetest.Row(t, "plain/1", 2, `{"a":"plain"}`),
	)
	got := run(t, disk, func(o *salvage.Options) { o.Decompressor = rot13{} })
	if len(got.documents) != 2 || !strings.Contains(got.documents["small/1"], `"compressed"`) || got.report.Damage() {
		t.Errorf("got %v, damage %v", got.documents, got.report.DamagedValues)
	}
	must(t, disk.RemoveAll(out))
	got = run(t, disk, func(o *salvage.Options) { o.Decompressor = rot13{fails: true} })
	if len(got.documents) != 1 || len(got.report.DamagedValues) != 1 {
		t.Fatalf("got %v, damage %v", got.documents, got.report.DamagedValues)
	}
	if d := got.report.DamagedValues[0]; d.ID != "small/1" || !d.Verified || d.Reason != errNoDictionary.Error() {
		t.Errorf("got %+v", d)
	}
}

// The report names the document whose long value is damaged, as far as its id can be seen, and the lost pages in any case.
func TestRun_NamesDamagedLongValues(t *testing.T) {
	body := `{"text":"` + strings.Repeat("0123456789", 5000) + `"}`
	f := func(what, wantID string, at int) {
		t.Helper()
		disk := salvagetest.Raw(t, salvagetest.Row(t, "Long/1", 1, body), salvagetest.Row(t, "Long/2", 2, body))
		var run1 page.No
		disk.Corrupt(salvagetest.Data, func(b []byte) []byte {
			off := bytes.Index(b, []byte("Long/1")) &^ (page.SizeBytes - 1)
			run1 = page.No(off / page.SizeBytes)
			b[off+at] ^= 1
			return b
		})
		got := run(t, disk)
		if len(got.documents) != 1 || got.documents["long/2"] == "" {
			t.Errorf("%s: got %d documents", what, len(got.documents))
		}
		if len(got.report.DamagedValues) != 1 {
			t.Fatalf("%s: got %+v", what, got.report.DamagedValues)
		}
		if v := got.report.DamagedValues[0]; v.ID != wantID || v.Verified || v.Page != run1 {
			t.Errorf("%s: got %+v, want %q at page %d", what, v, wantID, run1)
		}
		if !got.lists(run1) {
			t.Errorf("%s: page %d is not listed: %+v", what, run1, got.report.DamagedPages)
		}
	}
	f("a bit in the last page", "Long/1", 5*page.SizeBytes)
	f("a bit in the page's number", "", 1)
	f("a bit in the row's header", "", page.HeaderBytes+1)
}

// A header is read as the engine writes it.
func TestHeader_IsAsTheEngineWritesIt(t *testing.T) {
	d := salvagetest.Build(t, smallShape(3))
	env, err := salvagetest.Open(d.Disk)
	must(t, err)
	defer env.Close()
	tx, err := env.Read()
	must(t, err)
	defer tx.Close()
	h, why := salvage.DecodeHeader(read(t, d.Disk, headerTwo))
	if other, _ := salvage.DecodeHeader(read(t, d.Disk, headerOne)); other.Sequence > h.Sequence {
		h = other
	}
	if why != "" || h.Tx != uint64(tx.ID()) || h.NextPage == 0 || h.Env == [16]byte{} {
		t.Errorf("got %+v, %q, want transaction %d", h, why, tx.ID())
	}
}
