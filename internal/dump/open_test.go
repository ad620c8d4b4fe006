package dump_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/dump"
)

func TestOpen_TellsTheForm(t *testing.T) {
	f := func(file string, want dump.Form, wantItems ...string) {
		t.Helper()
		r := open(t, strings.NewReader(file), dump.ReadOptions{})
		things, err := rest(r)
		var got []string
		for _, x := range things {
			got = append(got, x.Text)
		}
		if err != nil || r.Form() != want || !cmp.Equal(got, wantItems) {
			t.Errorf("%q: got %s with %q and %v, want %s with %q", file, r.Form(), got, err, want, wantItems)
		}
	}
	f(`{"BuildVersion":1,"Docs":[{"a":1}]}`, dump.Dump, `{"a":1}`)
	f("\xEF\xBB\xBF \n{ \"BuildVersion\" : 1 , \"Docs\" : [ {\"a\":1} , {} ] } \n", dump.Dump, `{"a":1}`, `{}`)
	f(`[]`, dump.Array)
	f(` [ {"a":1} , {} ] `, dump.Array, `{"a":1}`, `{}`)
	f(`{"a":1}`, dump.Lines, `{"a":1}`) // one document on one line is a file of one line
	f("{\"a\":1}\r\n\r\n\t{\"a\":2}\r\n", dump.Lines, `{"a":1}`, `{"a":2}`)
	f("{\"a\":\"}\\\"\"}\n{}", dump.Lines, `{"a":"}\""}`, `{}`)
	f("{\n \"a\": 1\n}\n", dump.Single, `{"a":1}`)
	f(`{"a":"`+strings.Repeat("x", 1<<17)+`"}`, dump.Lines, `{"a":"`+strings.Repeat("x", 1<<17)+`"}`)
	f("{\n\"a\":\""+strings.Repeat("x", 1<<17)+`"}`, dump.Single, `{"a":"`+strings.Repeat("x", 1<<17)+`"}`)
	f("a,b\n1,x\n", dump.CSV, `{"a":1,"b":"x"}`)
	f("\xEF\xBB\xBFa;b\r\n1;x,y\r\n", dump.CSV, `{"a":1,"b":"x,y"}`)
	f("a\tb\n1\t2", dump.CSV, `{"a":1,"b":2}`)
	f("\"x,y\"|b\n1|2\n", dump.CSV, `{"x,y":1,"b":2}`)
	f("name\n\n\"\"\nx\n", dump.CSV, `{}`, `{"name":"x"}`)
}

func TestOpen_RefusesWhatIsNoForm(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		_, err := dump.Open(strings.NewReader(file), dump.ReadOptions{})
		if _, ok := errors.AsType[*dump.FormError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", file, err, want)
		}
	}
	f("", "the file is empty")
	f(" \n", "the file is empty")
	f("\xEF\xBB\xBF", "the file is empty")
	f("PK\x03\x04", "no text")
	f("\xFF\xFEa\x00", "UTF-16")
	for _, c := range []byte{'"', '\n', '\r', 0xE9} {
		_, err := dump.Open(strings.NewReader("a"), dump.ReadOptions{Delimiter: c})
		if _, ok := errors.AsType[*dump.OptionError](err); !ok {
			t.Errorf("delimiter %q: got %v", c, err)
		}
	}
	if _, err := dump.Open(strings.NewReader("a"), dump.ReadOptions{Form: 99}); err == nil {
		t.Error("form 99: no error")
	}
}

// The order of members does not matter, and what is not known is passed over and told.
func TestDump_ToleratesOtherMembers(t *testing.T) {
	const file = `{"BuildVersion":60002,"New":{"x":["]}\"",{}]},"Indexes":[{"Name":"i"}],"Compressed":true,"Docs":null,` +
		`"n":12.5,"s":"x","Docs":[{"a":1}],"DatabaseRecord":{"DatabaseName":"db"},"Identities":[],"DatabaseRecord":null,"Docs":[{"a":2}]}`
	r := open(t, strings.NewReader(file), dump.ReadOptions{})
	got, err := rest(r)
	if err != nil {
		t.Fatal(err)
	}
	want := []thing{
		{dump.Indexes, `{"Name":"i"}`}, {dump.Documents, `{"a":1}`}, {dump.DatabaseRecord, `{"DatabaseName":"db"}`}, {dump.Documents, `{"a":2}`},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	report := r.Report()
	var unknown []string
	for _, u := range report.Unknown {
		unknown = append(unknown, u.Name)
	}
	if report.BuildVersion != 60002 || report.UnknownCount != 4 || !cmp.Equal(unknown, []string{"New", "Compressed", "n", "s"}) {
		t.Errorf("report %+v", report)
	}
	if at := report.Unknown[0].At; file[at.Off:at.Off+5] != `"New"` || at.Line != 1 || at.Col != at.Off+1 {
		t.Errorf("New is said to be at %s", at)
	}
	if !cmp.Equal(report.MembersInFile, []string{"Indexes", "Docs", "DatabaseRecord", "Identities"}) {
		t.Errorf("members %q", report.MembersInFile)
	}
}

func TestDump_PassesOverKindsNotAskedFor(t *testing.T) {
	const file = `{"BuildVersion":1,"Docs":[{"a":1},{"a":tru}],"DatabaseRecord":{},"Indexes":[{"Name":"i"}]}`
	r := open(t, strings.NewReader(file), dump.ReadOptions{Kinds: dump.KindsOf(dump.Indexes)})
	got, err := rest(r)
	if err != nil || !cmp.Equal(got, []thing{{dump.Indexes, `{"Name":"i"}`}}) {
		t.Errorf("got %v and %v", got, err)
	}
	report := r.Report()
	if report.Skipped[dump.Documents] != 2 || report.Skipped[dump.DatabaseRecord] != 1 || report.Read[dump.Indexes] != 1 || report.Bad != 0 {
		t.Errorf("report %+v", report)
	}
}

func TestProgress_EndsAtTheTotal(t *testing.T) {
	for _, c := range []dump.Compression{dump.Plain, dump.Gzip, dump.Zstd} {
		var file bytes.Buffer
		w := dump.NewWriter(&file, dump.WriteOptions{Compression: c})
		for range 100 {
			check(t, w.AddText(dump.Documents, []byte(`{"a":1}`)))
		}
		check(t, w.Close())
		total := int64(file.Len())
		r := open(t, &file, dump.ReadOptions{TotalBytes: total})
		_, err := rest(r)
		check(t, err)
		want := dump.Progress{FileBytes: total, TotalBytes: total, TextBytes: w.TextBytes(), Items: 100}
		if got := r.Progress(); got != want || r.Compression() != c {
			t.Errorf("%s: got %+v, want %+v", r.Compression(), got, want)
		}
	}
}

func TestReader_PositionsOfItems(t *testing.T) {
	r := open(t, strings.NewReader("{}\n  {\"a\":1}\n\n{}"), dump.ReadOptions{})
	for i, want := range []dump.Position{{Off: 0, Line: 1, Col: 1}, {Off: 5, Line: 2, Col: 3}, {Off: 14, Line: 4, Col: 1}} {
		item, err := r.Next()
		if err != nil || item.At != want || item.Ordinal != int64(i) {
			t.Errorf("item %d at %v, and %v, want %v", item.Ordinal, item.At, err, want)
		}
	}
	if r.Close(); r.Close() != nil {
		t.Error("Close is not idempotent")
	}
	if _, err := r.Next(); err == nil {
		t.Error("Next behind Close gives an item")
	}
}

func TestCSV_CellsAndPaths(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		got, err := read(t, file, dump.ReadOptions{Form: dump.CSV})
		if err != nil || len(got) != 1 || got[0].Text != want {
			t.Errorf("%q: got %v and %v, want %s", file, got, err, want)
		}
	}
	// ids and collections go into the metadata, dotted names into objects
	f("@id,@collection,Name,Address.City,Address.Geo.Lat\nusers/1,Users,Ada,London,51.50\n",
		`{"@metadata":{"@id":"users/1","@collection":"Users"},"Name":"Ada","Address":{"City":"London","Geo":{"Lat":51.50}}}`)
	f("@metadata.@expires,@id\n2030,a\n", `{"@metadata":{"@expires":2030,"@id":"a"}}`)
	f("'@id','a.b'.'it''s',''\n1,2,3\n", `{"@id":1,"a.b":{"it's":2},"":3}`)
	// numbers keep their text; what is no number of JSON is a string
	f("a,b,c,d,e,f\n1.50,-0,1e3,007,+5,1.\n", `{"a":1.50,"b":-0,"c":1e3,"d":"007","e":"+5","f":"1."}`)
	f("a,b,c,d,e\ntrue,false,null,True,nil\n", `{"a":true,"b":false,"c":null,"d":"True","e":"nil"}`)
	f("a,b,c\n\"[1,\"\"x\"\"]\",\"{\"\"k\"\":1}\",[1\n", `{"a":[1,"x"],"b":{"k":1},"c":"[1"}`)
	f("a,b,c\n\"\"\"5\"\"\",\"\"\"\"\"\", 5\n", `{"a":"5","b":"","c":" 5"}`)
	// an empty cell is no property, and no object either
	f("a,b.c,b.d\n,,\n", `{}`)
	f("a,b.c,b.d,e\n,1,,x\n", `{"b":{"c":1},"e":"x"}`)
	// a column without a name may be there as long as it is empty
	f("a,,\n1,,\n", `{"a":1}`)
	f("a,b\n\"x\r\ny\",\"p,q\"\r\n", `{"a":"x\r\ny","b":"p,q"}`)
	f("a,b\n\"x\"\"\ny\",\"\"\"\"\n", `{"a":"x\"\ny","b":"\""}`)
	f("a,b\n5\" pipe,x\n", `{"a":"5\" pipe","b":"x"}`)
}

func TestCSVWriter_Columns(t *testing.T) {
	columns, err := dump.ColumnsOf("@id", "b.c")
	check(t, err)
	var file bytes.Buffer
	w, err := dump.NewCSVWriter(&file, dump.CSVOptions{Columns: columns})
	check(t, err)
	check(t, w.Add(parse(t, `{"a":1,"b":{"c":"x,y","d":2},"@metadata":{"@id":"u/1","@collection":"U"}}`)))
	check(t, w.Close())
	if got, want := file.String(), "@id,b.c\nu/1,\"x,y\"\n"; got != want || w.LeftOut() != 3 {
		t.Errorf("got %q with %d left out, want %q with 3", got, w.LeftOut(), want)
	}
	for _, names := range [][]string{{"a", "'a'"}, {"@x"}, {""}, make([]string, dump.ColumnsMax+1)} {
		if _, err := dump.ColumnsOf(names...); err == nil {
			t.Errorf("%d columns %.20q: no error", len(names), names)
		}
	}
	if _, err := dump.NewCSVWriter(&file, dump.CSVOptions{}); err == nil {
		t.Error("no columns: no error")
	}
	if _, err := dump.NewCSVWriter(&file, dump.CSVOptions{Columns: columns, Delimiter: '"'}); err == nil {
		t.Error("a quote as delimiter: no error")
	}
}
