package script_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/script"
)

func TestCompile_SaysWhereItStopped(t *testing.T) {
	e := newEngine(t, 1)
	f := func(source string, line, col int, caret string) {
		t.Helper()
		_, err := e.Compile(source, script.PatchBody)
		pe := new(script.ParseError)
		if !errors.As(err, &pe) {
			t.Errorf("%q: got %v, want a ParseError", source, err)
			return
		}
		if pe.Line != line || pe.Col != col || !strings.HasSuffix(pe.Error(), caret) || fault.Of(err) != fault.Invalid {
			t.Errorf("%q: got line %d, column %d\n%s\nwant %d, %d\n%s", source, pe.Line, pe.Col, pe, line, col, caret)
		}
	}
	f("this.x = = 1", 1, 10, "  this.x = = 1\n           ^")
	f("let a = 1;\nlet é = a b;", 2, 11, "  let é = a b;\n            ^")
	f("if (this.x) {", 1, 14, "  if (this.x) {\n               ^")
}

func TestRun_SaysWhereItThrew(t *testing.T) {
	e := newEngine(t, 1)
	_, err := patch(t, e, "function f(x) {\n  return x.y.z;\n}\noutput('before', {a: 1});\nf({});", script.Input{})
	se := new(script.ScriptError)
	if !errors.As(err, &se) {
		t.Fatalf("got %v, want a ScriptError", err)
	}
	if se.Name != "TypeError" || se.Line != 2 || !strings.Contains(se.Stack, "f (script:2:") || !strings.Contains(se.Stack, "script:5:") {
		t.Errorf("got %+v", se)
	}
	if diff := cmp.Diff(se.Output, []string{`before {"a":1}`}); diff != "" {
		t.Error(diff)
	}
	f := func(source, want string) {
		t.Helper()
		if _, err := patch(t, e, source, script.Input{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
	f(`throw 5;`, "script: 5")
	f(`throw "closed"`, "script: closed")
	f(`this.me = this`, "result of the script: nested too deep, or in a circle")
	f(`put("a", {})`, "script, line 1, column 4: Error: put() is not offered where this script runs")
}

// host is a store of documents that notes what it is asked.
type host struct {
	t     *testing.T
	calls []string
}

var errDisk = errors.New("disk is gone")

func (h *host) Call(_ context.Context, name string, args []script.Value) (script.Value, error) {
	call := name
	for _, a := range args {
		call += " " + string(a.Doc.Text())
	}
	h.calls = append(h.calls, call)
	switch name {
	case "load":
		return script.Value{Doc: parse(h.t, `{"n":9007199254740993,"o":{}}`), ID: "users/2"}, nil
	case "put":
		return script.Value{Doc: parse(h.t, `"users/3"`)}, nil
	case "incrementCounter", "timeseries.append", "getMetadata":
		return script.Value{}, nil
	case "counter":
		return script.Value{}, errDisk
	case "panic":
		panic("host")
	default:
		return script.Value{}, &script.NotOfferedError{Name: name}
	}
}

func TestRun_CallsItsHost(t *testing.T) {
	e := newEngine(t, 1)
	h := &host{t: t}
	got, err := patch(t, e, `
		const other = load('users/2');
		this.r = [id(this), id(other), id({}), id(other.o), put('users/', {v: this.x, w: other}, null)];
		incrementCounter(this, 'likes', 2);
		timeseries(other, 'HR').append('2024', [1.5], 'tag');
		try { cmpxchg('k') } catch (e) { this.e = e.message }
		try { incrementCounter({}, 'a') } catch (e) { this.f = e.message }`,
		script.Input{Document: parse(t, `{"x":1.0}`), ID: "users/1", Host: h})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"x":1.0,"r":["users/1","users/2",null,null,"users/3"],"e":"cmpxchg() is not offered where this script runs","f":"incrementCounter() needs a document or an id"}`
	if string(got.Document) != want {
		t.Errorf("\n got %s\nwant %s", got.Document, want)
	}
	if diff := cmp.Diff(h.calls, []string{
		`load "users/2"`, `put "users/" {"v":1,"w":{"n":9007199254740993,"o":{}}} null`, `incrementCounter "users/1" "likes" 2`,
		`timeseries.append "users/2" "HR" "2024" [1.5] "tag"`, `cmpxchg "k"`,
	}); diff != "" {
		t.Error(diff)
	}
	if len(got.Actions) != 3 || got.Actions[1].Name != "incrementCounter" {
		t.Errorf("actions: %v", got.Actions)
	}
}

// What is none of the script's business ends the run, whatever the script catches.
func TestRun_ReturnsFatalErrorsOfItsHost(t *testing.T) {
	e := newEngine(t, 1)
	_, err := patch(t, e, `try { counter('a', 'b') } catch (e) {} finally { this.x = 1 }`, script.Input{Host: &host{t: t}})
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v, want %v", err, errDisk)
	}
	wantUntouched(t, e)
}

func TestRun_IsDeterministic(t *testing.T) {
	e := newEngine(t, 2)
	source := `this.r = [Math.random(), Math.random(), Date.now(), new Date().toISOString(), typeof Date(), new Date(0).getTime(), new Date() instanceof Date]`
	in := script.Input{Seed: 7, Now: time.Unix(1700000000, 0)}
	first, err := patch(t, e, source, in)
	if err != nil {
		t.Fatal(err)
	}
	second, err := patch(t, e, source, in)
	if err != nil || string(first.Document) != string(second.Document) {
		t.Errorf("%v: %s, then %s", err, first.Document, second.Document)
	}
	if !strings.HasSuffix(string(first.Document), `1700000000000,"2023-11-14T22:13:20.000Z","string",0,true]}`) {
		t.Errorf("got %s", first.Document)
	}
}

func TestEngine_Closed(t *testing.T) {
	e := newEngine(t, 1)
	p, err := e.Compile(`this.x = 1`, script.PatchBody)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	if _, err := e.Run(context.Background(), p, script.Input{}); !errors.Is(err, script.ErrClosed) {
		t.Errorf("Run: %v", err)
	}
	if _, err := e.Compile(`this.x = 2`, script.PatchBody); !errors.Is(err, script.ErrClosed) {
		t.Errorf("Compile: %v", err)
	}
}
