package docstore_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// server is what the fixture's store puts behind the client's metadata of the document that it writes first.
const server = `"@change-vector":"A:1-` + databaseID + `","@id":"x","@last-modified":"2030-01-02T03:04:05.1234567Z"}`

func TestAppendJSON_PutsMetadataIn(t *testing.T) {
	g := func(given, want string) {
		t.Helper()
		f := newFixture(t)
		defer f.end()
		f.mustPut("x", given)
		if got := f.text("x"); got != want {
			t.Errorf("%s came back as\n%s, want\n%s", given, got, want)
		}
		if _, err := jsondoc.Parse([]byte(f.text("x"))); err != nil {
			t.Error(err)
		}
	}
	// no metadata, with and without a body
	g(`{}`, `{"@metadata":{"@collection":"@empty",`+server+`}`)
	g(`{"a":1.0}`, `{"a":1.0,"@metadata":{"@collection":"@empty",`+server+`}`)
	// empty metadata, at either end
	g(`{"@metadata":{},"a":1}`, `{"@metadata":{"@collection":"@empty",`+server+`,"a":1}`)
	g(`{"a":1,"@metadata":{}}`, `{"a":1,"@metadata":{"@collection":"@empty",`+server+`}`)
	// the client's own keys stay, in their order, before the server's
	g(`{"@metadata":{"@collection":"Users","@expires":"2040-01-01T00:00:00.0000000Z","Raven-Go-Type":null},"a":"\u0000"}`,
		`{"@metadata":{"@collection":"Users","@expires":"2040-01-01T00:00:00.0000000Z","Raven-Go-Type":null,`+server+`,"a":"\u0000"}`)
	g(`{"@metadata":{"@collection":"@empty"}}`, `{"@metadata":{"@collection":"@empty",`+server+`}`)
	g(`{"@metadata":{"x":{"@id":"stays"}},"@id":"stays too"}`,
		`{"@metadata":{"x":{"@id":"stays"},"@collection":"@empty",`+server+`,"@id":"stays too"}`)
	// what the server owns is taken out, wherever it stands
	g(`{"a":1,"@metadata":{"@id":"y","@collection":"Users","@change-vector":"B:1-x","@flags":"HasRevisions","k":[1,2],"@last-modified":5,`+
		`"@attachments":[{"name":"n"}],"@counters":["c"],"@timeseries":["t"],"@index-score":1.5,"@spatial":{},"@projection":true,"@conflict":true,`+
		`"@counters-snapshot":{},"@timeseries-snapshot":{}},"b":2}`,
		`{"a":1,"@metadata":{"@collection":"Users","k":[1,2],`+server+`,"b":2}`)
	g(`{"@metadata":{"\u0040id":"y"}}`, `{"@metadata":{"@collection":"@empty",`+server+`}`)
	// null and the empty name are no collection
	g(`{"@metadata":{"@collection":null,"k":1}}`, `{"@metadata":{"k":1,"@collection":"@empty",`+server+`}`)
	g(`{"@metadata":{"@collection":""}}`, `{"@metadata":{"@collection":"@empty",`+server+`}`)
}

func TestAppendJSON_QuotesIDsAndFlags(t *testing.T) {
	d := docstore.Document{
		ID: "a\"b<é", ChangeVector: "A:1-x", Flags: docstore.HasRevisions | docstore.HasCounters, Collection: "Users",
		LastModified: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Data: mustParse(t, `{"@metadata":{"@collection":"Users","k":1},"x":2}`),
	}
	const meta = `{"@collection":"Users","k":1,"@change-vector":"A:1-x","@flags":"HasRevisions, HasCounters","@id":"a\"b<é",` +
		`"@last-modified":"2030-01-02T03:04:05.0000000Z"}`
	if got, want := string(d.AppendJSON([]byte("before "))), `before {"@metadata":`+meta+`,"x":2}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := string(d.AppendMetadataOnly([]byte("before "))), `before {"@metadata":`+meta+`}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.Data, d.Collection, d.Flags = mustParse(t, `{"x":2}`), docstore.EmptyCollection, 0
	if got, want := string(d.AppendMetadataOnly(nil)), `{"@metadata":{"@collection":"@empty","@change-vector":"A:1-x",`; !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
}

// Whatever stands in the metadata: what the client owns comes back in its order, and putting back what was read changes nothing.
func TestAppendJSON_RoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(t)
		defer f.end()
		var given, kept []string
		named := false
		keys := rapid.SampledFrom([]string{"@id", "@flags", "@collection", "@expires", "k", "", "a\\\"b", "@", "é", "@change-vector"})
		for _, key := range rapid.SliceOfNDistinct(keys, 0, 6, rapid.ID[string]).Draw(t, "keys") {
			value := rapid.SampledFrom([]string{`1`, `"x"`, `{"@id":[]}`, `[{},null]`, `"\""`}).Draw(t, "value")
			if key == "@collection" {
				value, named = `"Things"`, true
			}
			pair := `"` + key + `":` + value
			given = append(given, pair)
			if key != "@id" && key != "@flags" && key != "@change-vector" {
				kept = append(kept, pair)
			}
		}
		if !named {
			kept = append(kept, `"@collection":"@empty"`)
		}
		before := rapid.SampledFrom([]string{"", `"a":1,`, `"a":{"@metadata":{}},`}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", `,"b":1`}).Draw(t, "after")
		f.mustPut("x", `{`+before+`"@metadata":{`+strings.Join(given, ",")+`}`+after+`}`)
		want := `{` + before + `"@metadata":{` + strings.Join(append(kept, server), ",") + after + `}`
		got := f.text("x")
		if got != want {
			t.Fatalf("%v came back as\n%s, want\n%s", given, got, want)
		}
		f.mustPut("x", got)
		if again := strings.Replace(f.text("x"), vector("2"), vector("1"), 1); !strings.Contains(again, `"@collection":"@empty"`) && again != want {
			t.Fatalf("put back as read, it became\n%s, want\n%s", again, want)
		}
	})
}

func TestAppendJSON_AllocatesNothing(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("x", `{"name":"Ann","@metadata":{"@collection":"Users"}}`)
	f.view(t, func(tx storage.Tx) {
		d, _, err := f.store.Get(tx, "x")
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]byte, 0, 1000)
		if n := testing.AllocsPerRun(100, func() { dst = d.AppendMetadataOnly(d.AppendJSON(dst[:0])) }); n != 0 {
			t.Errorf("got %v allocations, want none", n)
		}
	})
}
