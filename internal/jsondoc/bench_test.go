package jsondoc_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// orders returns n documents like those of a shop, about 1 KB each, minified. Not all the same: a branch predictor that
// learns one document by heart makes every parser look good.
func orders(n int) [][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	products := []string{"Queso Cabrales", "Singaporean Hokkien Fried Mee", "Mozzarella di Giovanni", "Tofu", "Chai"}
	streets := []string{"59 rue de l'Abbaye", "Luisenstr. 48", "Rua do Paço, 67", "2, rue du Commerce", "Boulevard Tirou, 255"}
	var out [][]byte
	for range n {
		var b strings.Builder
		fmt.Fprintf(&b, `{"Company":"companies/%d-A","Employee":"employees/%d-A","Freight":%.2f,"Lines":[`,
			rng.IntN(90), rng.IntN(9), rng.Float64()*100)
		for i := range 4 + rng.IntN(3) {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"Discount":%.2f,"PricePerUnit":%.1f,"Product":"products/%d-A","ProductName":%q,"Quantity":%d}`,
				rng.Float64()/4, rng.Float64()*50, rng.IntN(77), products[rng.IntN(5)], 1+rng.IntN(40))
		}
		fmt.Fprintf(&b, `],"OrderedAt":"1996-%02d-%02dT00:00:00.0000000","RequireAt":"1996-08-%02dT00:00:00.0000000"`,
			1+rng.IntN(12), 1+rng.IntN(28), 1+rng.IntN(28))
		fmt.Fprintf(&b, `,"ShipTo":{"City":"Reims","Country":"France","Line1":%q,"Line2":null,"Location":{"Latitude":%.7f,"Longitude":%.7f},`+
			`"PostalCode":"%d","Region":null},"ShipVia":"shippers/%d-A","ShippedAt":"1996-07-16T00:00:00.0000000",`+
			`"@metadata":{"@collection":"Orders","@flags":"HasRevisions"}}`,
			streets[rng.IntN(5)], rng.Float64()*90, rng.Float64()*180, 10000+rng.IntN(90000), 1+rng.IntN(3))
		out = append(out, []byte(b.String()))
	}
	return out
}

func totalBytes(texts [][]byte) (n int64) {
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}

func BenchmarkParse(b *testing.B) {
	texts := orders(64)
	b.Run("doc=order/by=jsondoc", func(b *testing.B) {
		var p jsondoc.Parser
		var dst []byte
		b.SetBytes(totalBytes(texts))
		b.ReportAllocs()
		for b.Loop() {
			for _, text := range texts {
				var err error
				if dst, err = p.Append(dst[:0], text); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("doc=order/by=encoding-json", func(b *testing.B) {
		b.SetBytes(totalBytes(texts))
		for b.Loop() {
			for _, text := range texts {
				var v any
				if err := json.Unmarshal(text, &v); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("doc=order/by=json-valid", func(b *testing.B) {
		b.SetBytes(totalBytes(texts))
		for b.Loop() {
			for _, text := range texts {
				if !json.Valid(text) {
					b.Fatal("invalid")
				}
			}
		}
	})
	b.Run("doc=order-indented/by=jsondoc", func(b *testing.B) {
		var p jsondoc.Parser
		var dst []byte
		var wide [][]byte
		for _, text := range texts {
			var v json.RawMessage = text
			w, err := json.MarshalIndent(v, "", "  ")
			if err != nil {
				b.Fatal(err)
			}
			wide = append(wide, w)
		}
		b.SetBytes(totalBytes(wide))
		for b.Loop() {
			for _, text := range wide {
				dst, _ = p.Append(dst[:0], text)
			}
		}
	})
}

func BenchmarkField(b *testing.B) {
	text := orders(1)[0]
	doc, err := jsondoc.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("at=first", func(b *testing.B) { benchField(b, doc, "Company") })
	b.Run("at=last", func(b *testing.B) { benchField(b, doc, "@metadata") })
	b.Run("at=nowhere", func(b *testing.B) { benchField(b, doc, "Nothing") })
	b.Run("at=nested", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, _ := doc.Root().Field("@metadata")
			if v, ok := v.Field("@collection"); !ok || v.Kind() != jsondoc.String {
				b.Fatal("not found")
			}
		}
	})
}

func BenchmarkField_Large(b *testing.B) {
	for _, n := range []int{8, 32, 128, 129, 1000, 10000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `,"property%d":%d`, i*7919%n, i)
		}
		minified := []byte("{" + text.String()[1:] + "}")
		doc, err := jsondoc.Parse(minified)
		if err != nil {
			b.Fatal(err)
		}
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("property", i)
		}
		b.Run(fmt.Sprintf("fields=%d/act=find", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				if _, ok := doc.Root().Field(names[i]); !ok {
					b.Fatal("not found")
				}
				if i++; i == n {
					i = 0
				}
			}
		})
		b.Run(fmt.Sprintf("fields=%d/act=parse", n), func(b *testing.B) {
			var p jsondoc.Parser
			var dst []byte
			b.SetBytes(int64(len(minified)))
			for b.Loop() {
				dst, _ = p.Append(dst[:0], minified)
			}
		})
	}
}

func benchField(b *testing.B, doc jsondoc.Doc, name string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		doc.Root().Field(name)
	}
}

func BenchmarkSet(b *testing.B) {
	doc, err := jsondoc.Parse(orders(1)[0])
	if err != nil {
		b.Fatal(err)
	}
	path, value := []string{"ShipTo", "City"}, []byte(`"Lyon"`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsondoc.Set(doc, path, value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	texts := orders(64)
	var docs []jsondoc.Doc
	index := 0
	for _, text := range texts {
		doc, err := jsondoc.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		docs = append(docs, doc)
		index += len(doc) - len(doc.Text())
	}
	var dst []byte
	b.SetBytes(totalBytes(texts))
	for b.Loop() {
		for _, doc := range docs {
			dst = doc.AppendJSON(dst[:0])
		}
	}
	b.ReportMetric(100*float64(index)/float64(totalBytes(texts)), "index-%")
}
