package script_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/script"
)

// order is a document of about 1 KB.
func order() string {
	var lines []string
	for i := range 6 {
		lines = append(lines, fmt.Sprintf(`{"Product":"products/%d-A","ProductName":"Queso Cabrales %d","PricePerUnit":%d.50,"Quantity":12,"Discount":0.05}`, i, i, 14+i))
	}
	return `{"Company":"companies/85-A","Employee":"employees/5-A","Freight":32.38,"Lines":[` + strings.Join(lines, ",") +
		`],"OrderedAt":"1996-07-04T00:00:00.0000000","RequireAt":"1996-08-01T00:00:00.0000000","n":1,"x":1,"ShipTo":{"City":"Reims","Country":"France","Line1":"59 rue de l'Abbaye","Line2":null,"Location":{"Latitude":49.25,"Longitude":4.03},"PostalCode":"51100","Region":null},"ShipVia":"shippers/3-A","ShippedAt":"1996-07-16T00:00:00.0000000","@metadata":{"@collection":"Orders"}}`
}

func BenchmarkRun(b *testing.B) {
	e := newEngine(b, 1)
	in := script.Input{Document: parse(b, order()), Args: parse(b, `{"v":5}`)}
	f := func(name, source string, kind script.Kind) {
		b.Run(name, func(b *testing.B) {
			p, err := e.Compile(source, kind)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Run(context.Background(), p, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	f("nothing", ``, script.PatchBody)
	f("assign", `this.x = args.v`, script.PatchBody)
	f("increment", `this.n = this.n ? this.n + args.v : args.v`, script.PatchBody)
	f("push", `this.Lines.push(args.v)`, script.PatchBody)
	f("map", `({ company: this.Company, city: this.ShipTo.City, total: this.Lines.reduce((t, l) => t + l.PricePerUnit * l.Quantity, 0) })`, script.Expression)
	// what it would take to go through JSON text, without the engine's own way in and out
	f("throughJSON", fmt.Sprintf(`const o = JSON.parse(%q); o.x = args.v; return JSON.stringify(o)`, order()), script.PatchBody)
	f("loop=4000", `for (let i = 0; i < 4000; i++) {}`, script.PatchBody)
}

func BenchmarkCompile(b *testing.B) {
	e := newEngine(b, 1)
	i := 0
	for b.Loop() {
		i++
		if _, err := e.Compile(fmt.Sprintf("this.x = args.v + %d", i), script.PatchBody); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRuntime is what a stopped script costs: its runtime is thrown away.
func BenchmarkRuntime(b *testing.B) {
	e := newEngine(b, 1)
	p, err := e.Compile(`for (;;) {}`, script.PatchBody)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Run(context.Background(), p, script.Input{Limits: script.Limits{Steps: 1}}); err == nil {
			b.Fatal("not stopped")
		}
	}
}
