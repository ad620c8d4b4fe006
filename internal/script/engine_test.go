package script_test

import (
	"context"
	"testing"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/script"
)

func newEngine(tb testing.TB, runtimes int) *script.Engine {
	tb.Helper()
	e, err := script.New(script.Options{RuntimesMax: runtimes})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(e.Close)
	return e
}

func parse(tb testing.TB, text string) jsondoc.Doc {
	tb.Helper()
	if text == "" {
		return nil
	}
	d, err := jsondoc.Parse([]byte(text))
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return d
}

// patch runs source on one engine.
func patch(tb testing.TB, e *script.Engine, source string, in script.Input) (script.Result, error) {
	tb.Helper()
	p, err := e.Compile(source, script.PatchBody)
	if err != nil {
		return script.Result{}, err
	}
	return e.Run(context.Background(), p, in)
}

func TestRun_PatchesDocument(t *testing.T) {
	e := newEngine(t, 1)
	f := func(doc, args, source, want string) {
		t.Helper()
		got, err := patch(t, e, source, script.Input{Document: parse(t, doc), Args: parse(t, args)})
		if err != nil {
			t.Errorf("%s: %v", source, err)
			return
		}
		if string(got.Document) != want {
			t.Errorf("%s on %s\n got %s\nwant %s", source, doc, got.Document, want)
		}
		if changed := string(parse(t, doc).Text()) != want; got.Changed != changed {
			t.Errorf("%s: Changed = %v, want %v", source, got.Changed, changed)
		}
	}
	// what client libraries write
	f(`{"x":1}`, `{"val_0":{"Foo":1.0}}`, `this.x = args.val_0;`, `{"x":{"Foo":1.0}}`)
	f(`{"n":5}`, `{"val_0":7}`, "this.n = this.n ? this.n + args.val_0 : args.val_0\nthis.m = this.m ? this.m + args.val_0 : args.val_0;", `{"n":12,"m":7}`)
	f(`{"items":[1.0,2]}`, `{"a":3.50,"b":"x"}`, `this.items.push(args.a,args.b);`, `{"items":[1.0,2,3.5,"x"]}`)
	f(`{"items":[1.0,2.0,3]}`, `{"i":0}`, `this.items.splice(args.i, 1);`, `{"items":[2.0,3]}`)
	f(`{"map":{"a":1,"b":2}}`, `{"v":3}`, `this.map.key = args.v; delete this.map.a;`, `{"map":{"b":2,"key":3}}`)
	f(`{"v":1}`, ``, `this.v++`, `{"v":2}`)
	f(`{"a":[1,2]}`, ``, `this.a = this.a.map(function (x) { return x * 2; })`, `{"a":[2,4]}`)
	f(`{"a":1,"b":null}`, ``, `this.a = null`, `{"a":null,"b":null}`)
	f(``, ``, `this.y = 1`, `{"y":1}`)

	// what was not touched keeps its text; what is set to what it was is no change
	f(`{"a":1.0,"b":9007199254740993,"c":1e3,"d":0.1000}`, ``, `this.z = 1`, `{"a":1.0,"b":9007199254740993,"c":1e3,"d":0.1000,"z":1}`)
	f(`{"a":1.0,"b":9007199254740993}`, ``, `this.a = 1; this.b = this.b`, `{"a":1.0,"b":9007199254740993}`)
	f(`{"a":{"b":9007199254740993},"l":[9007199254740993,1.0]}`, ``, `this.c = this.a; delete this.a; this.l.reverse(); this.s = this.l[1]`,
		`{"l":[1.0,9007199254740993],"c":{"b":9007199254740993},"s":9007199254740993}`)
	f(`{"a":1}`, `{"big":9223372036854775807}`, `this.a = args.big`, `{"a":9223372036854775807}`)
	f(`{"a":1}`, ``, `this.a = 9007199254740993n`, `{"a":9007199254740993}`)
	f(`{"a":{"x":{"y":1.0,"z":2.0}},"b":{"k":1.0}}`, ``, `this.a.x.y = 3`, `{"a":{"x":{"y":3,"z":2.0}},"b":{"k":1.0}}`)

	// order of properties, names that are numbers too
	f(`{"b":1,"2":"x","a":2,"1":"y"}`, ``, `this.c = 3; this[0] = 'n'`, `{"b":1,"2":"x","a":2,"1":"y","0":"n","c":3}`)
	f(`{"b":1,"a":2}`, ``, `let s = ''; for (const k in this) s += k; this.keys = s + Object.keys(this).join()`, `{"b":1,"a":2,"keys":"bab,a"}`)
	f(`{"b":1,"a":2}`, ``, `delete this.b; this.b = 3`, `{"a":2,"b":3}`)

	// objects of a document are objects
	f(`{"a":{"b":1}}`, ``, `this.r = [this.a === this.a, 'b' in this.a, this.a.hasOwnProperty('b'), Array.isArray(this.a), JSON.stringify(this.a), Object.entries(this.a)]`,
		`{"a":{"b":1},"r":[true,true,true,false,"{\"b\":1}",[["b",1]]]}`)
	f(`{"a":{"b":1}}`, ``, `const o = this.a; Object.freeze(o); try { o.c = 1 } catch (e) { this.e = e.name } try { o.b = 2 } catch (e) { this.f = e.name }`,
		`{"a":{"b":1},"e":"TypeError","f":"TypeError"}`)
	f(`{"a":{"b":1}}`, ``, `Object.defineProperty(this.a, 'b', {value: 5})`, `{"a":{"b":5}}`)
	f(`{"a":{"b":1}}`, ``, `Object.assign(this.a, {c: 2}); this.d = {...this.a, b: undefined}`, `{"a":{"b":1,"c":2},"d":{"c":2}}`)
	f(`{"a":{}}`, ``, `this.a.b = {toString: 1, constructor: 2}; this.toString = 's'; this.valueOf = 1`, `{"a":{"b":{"toString":1,"constructor":2}},"toString":"s","valueOf":1}`)
	f(`{"__proto__":{"x":1},"constructor":3}`, ``, `this.p = this.__proto__.x + this.constructor; this.__proto__ = 2`, `{"__proto__":2,"constructor":3,"p":4}`)

	// values without JSON, and with JSON of their own
	f(`{"a":1}`, ``, `this.a = undefined; this.f = function(){}; this.l = [undefined, () => 1, NaN, -0, 1e21, 1e-7]`, `{"l":[null,null,null,0,1e+21,1e-7]}`)
	f(`{}`, ``, `this.d = new Date(Date.UTC(2024, 0, 2)); this.m = new Map([[1, 2]]); this.s = new String('x')`, `{"d":"2024-01-02T00:00:00.000Z","m":{},"s":"x"}`)
	f(`{"s":"é\ud83d\ude00\ud800\u0000\"\\/"}`, ``, `this.t = this.s + '\u2028'`, "{\"s\":\"é😀\\ud800\\u0000\\\"\\\\/\",\"t\":\"é😀\\ud800\\u0000\\\"\\\\/\u2028\"}")
}
