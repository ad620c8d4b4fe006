package script_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/script"
)

// grammar makes random programs: what stands in angle brackets is replaced by one of its forms.
var grammar = map[string][]string{
	"s": {
		"<l> = <e>;", "let <v> = <e>;", "delete this.<n>;", "if (<e>) { <s> } else { <s> }", "for (let i = 0; i < 5; i++) { <s> }",
		"while (<e>) { <s> }", "try { <s> } catch (x) { <s> } finally { <s> }", "for (const k in <e>) { <s> }", "<s> <s>",
		"throw <e>;", "output(<e>);", "for (const k of <e>) { <s> }", "function f() { <s> } f();", "label: for (;;) { <s> break label; }",
	},
	"l": {"this.<n>", "this.<n>.<n>", "this.<n>[<e>]", "args.<n>", "globalThis.<n>", "this[<e>]", "Object.prototype.<n>"},
	"v": {"a", "b", "c"},
	"n": {"a", "b", "list", "length", "toString", "constructor", "__proto__", "0", "x y"},
	"e": {
		"this.<n>", "this", "args.<n>", "1", "-1.5", "1e308", "2n ** 64n", "'s'", "null", "undefined", "[<e>, <e>]", "{ a: <e>, [<e>]: 1 }", "(<e>) + (<e>)",
		"(<e>).<n>", "Array(<e>)", "this.list.map((x) => <e>)", "[...<e>]", "String(<e>)", "JSON.stringify(<e>)", "JSON.parse(<e>)", "new Proxy(<e>, {})",
		"(() => <e>)()", "/(a+)+b/.test(<e>)", "'ab'.repeat(<e>)", "Object.keys(<e>)", "Object.freeze(<e>)", "Reflect.ownKeys(<e>)", "new Date(<e>)",
		"function* () { yield <e> }", "async () => { await <e> }", "new Map([[<e>, <e>]])", "this.list.splice(<e>, <e>)", "this.list.sort()", "Symbol(<e>)",
		"{ get a() { return <e> } }", "new Uint8Array(<e>)", "class { static x = <e> }", "Object.setPrototypeOf(<e>, <e>)", "`${<e>}`", "<e> instanceof <e>",
	},
}

// program expands a statement; depth bounds it.
func program(r *rand.Rand, symbol string, depth int) string {
	forms := grammar[symbol]
	form := forms[r.IntN(len(forms))]
	if depth <= 0 && symbol == "e" {
		form = forms[r.IntN(9)]
	} else if depth <= 0 && symbol == "s" {
		form = "<l> = <e>;"
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(form, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if len(rest) < 2 || rest[1] != '>' {
			b.WriteByte('<')
			form = rest
			continue
		}
		part := program(r, rest[:1], depth-1)
		if rest[:1] == "n" && strings.ContainsAny(part, " 0") {
			part = "z"
		}
		b.WriteString(part)
		form = rest[2:]
	}
}

// FuzzRun: whatever a program does, the run ends within its bounds, with JSON or a typed error, and the next one is right.
func FuzzRun(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	e, err := script.New(script.Options{RuntimesMax: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(e.Close)
	f.Fuzz(func(t *testing.T, seed uint64) {
		source := program(rand.New(rand.NewPCG(seed, 1)), "s", 7)
		doc := parse(t, `{"a":1.0,"b":{"a":{"b":9007199254740993}},"list":[1,2.0,{"a":[]}],"length":3}`)
		got, err := patch(t, e, source, script.Input{Document: doc, Args: doc, Limits: script.Limits{
			Steps: 2000, Time: 2 * time.Second, MemoryBytes: 4 << 20, OutputBytes: 4096, ResultBytes: 1 << 20,
		}})
		switch {
		case err == nil:
			if d, err := jsondoc.Parse(got.Document); err != nil || string(d.Text()) != string(got.Document) {
				t.Errorf("seed %d: %s\nleft %s: %v", seed, source, got.Document, err)
			}
			if len(got.Document) > 1<<20+1024 {
				t.Errorf("seed %d: %s\nleft %d bytes", seed, source, len(got.Document))
			}
		case fault.Of(err) == fault.Internal || errors.As(err, new(*script.EngineError)):
			t.Errorf("seed %d: %s\nended with %v", seed, source, err)
		}
		wantUntouched(t, e)
	})
}
