package script_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/script"
)

// hostileLimits are generous in time, so that a loaded machine does not turn one limit into another; what must not
// depend on luck is that the run ends.
var hostileLimits = script.Limits{Time: 3 * time.Second, ResultBytes: 4 << 20}

// TestRun_ContainsHostileScripts runs each script of testdata/hostile. Its first line says how it must end. The run after
// it, on the same pool, has to be right and to see nothing of it.
func TestRun_ContainsHostileScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/hostile/*.js")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d hostile scripts, %v", len(files), err)
	}
	e := newEngine(t, 1)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".js")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, source, _ := strings.Cut(string(text), "\n")
			_, want, _ := strings.Cut(head, "expect: ")
			in := script.Input{Document: parse(t, `{"a":1.0,"big":{"b":[{"c":2}]}}`), Limits: hostileLimits}
			_, err = patch(t, e, source, in)
			if got := ending(err); !strings.Contains(want, got) && !strings.Contains(want, "any") {
				t.Errorf("ended with %s: %v; want %s", got, err, want)
			}
			if got := ending(err); got == "engine" || got == "time" && !strings.Contains(want, "time") {
				t.Errorf("ended with %s: %v", got, err)
			}
			wantUntouched(t, e)
		})
	}
}

// ending names the way in which a run ended, as the first lines of hostile scripts do.
func ending(err error) string {
	limits := map[script.Limit]string{
		script.Steps: "steps", script.Time: "time", script.Memory: "memory", script.StackDepth: "depth",
		script.OutputBytes: "output", script.ResultBytes: "result", script.HostCalls: "calls",
	}
	limit := new(script.LimitError)
	if errors.As(err, &limit) {
		if limit.Limit == script.StackDepth && strings.Contains(limit.Value, "5000") {
			return "parse-limit"
		}
		return limits[limit.Limit]
	}
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, new(*script.ParseError)):
		return "parse"
	case errors.As(err, new(*script.ScriptError)), errors.As(err, new(*script.ResultError)):
		return "throws"
	default:
		return "engine"
	}
}

// wantUntouched runs a script that uses much of what the one before could have spoilt.
func wantUntouched(t *testing.T, e *script.Engine) {
	t.Helper()
	const source = `
		this.a += [3, 1, 2].sort().map((x) => x * 2).reduce((x, y) => x + y, 0);
		this.l.push(JSON.stringify({ x: [1] }), ({}).polluted, typeof polluted, ({}).toString(), "a-b".replace("-", "+"), Math.max(1, 2));
		function* g() { yield* [1, 2] }
		this.g = [...g()]; this.p = [[].polluted, g.polluted, g().polluted, Date.now() > 0, Math.random() < 1];`
	const want = `{"a":13,"l":["{\"x\":[1]}",null,"undefined","[object Object]","a+b",2],"g":[1,2],"p":[null,null,null,true,true]}`
	got, err := patch(t, e, source, script.Input{Document: parse(t, `{"a":1,"l":[]}`)})
	if err != nil || string(got.Document) != want {
		t.Errorf("the run afterwards: %v\n got %s\nwant %s", err, got.Document, want)
	}
}

// TestRun_GoesOnBesideHostileScripts: while one runtime is stopped again and again, another keeps answering.
func TestRun_GoesOnBesideHostileScripts(t *testing.T) {
	e := newEngine(t, 2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, source := range []string{`for (;;) {}`, `/(a+)+$/.test("a".repeat(40) + "b")`, `let a = []; for (;;) a.push(new Uint8Array(1e5))`} {
			for range 5 {
				_, _ = patch(t, e, source, script.Input{Limits: hostileLimits})
			}
		}
	}()
	for runs := 0; ; runs++ {
		select {
		case <-done:
			if runs == 0 {
				t.Error("no run beside the hostile ones")
			}
			return
		default:
			wantUntouched(t, e)
		}
	}
}

// TestRun_ManyStopsLeakNothing: what a stopped run held outside of the Go heap is given back.
func TestRun_ManyStopsLeakNothing(t *testing.T) {
	e := newEngine(t, 1)
	stop := func(n int) {
		for range n {
			_, err := patch(t, e, `this.a.push(new Uint8Array(1e5)); for (;;) {}`, script.Input{Document: parse(t, `{"a":[]}`)})
			if ending(err) != "steps" {
				t.Fatal(err)
			}
		}
	}
	stop(20)
	before := residentBytes(t)
	n := 300
	if testing.Short() {
		n = 50
	}
	stop(n)
	goruntime.GC()
	if grown := residentBytes(t) - before; grown > 32<<20 {
		t.Errorf("resident memory grew by %d bytes in %d stopped runs", grown, n)
	}
	wantUntouched(t, e)
}

// residentBytes asks the system; it skips the test where that is not Linux.
func residentBytes(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc")
	}
	pages := 0
	for _, c := range strings.Fields(string(text))[1] {
		pages = pages*10 + int(c-'0')
	}
	return pages * os.Getpagesize()
}

func TestRun_EndsWithItsContext(t *testing.T) {
	e := newEngine(t, 1)
	p, err := e.Compile(`for (;;) {}`, script.PatchBody)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("called off")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	// not noticed before the run, for the slot is free; so by the run
	_, err = e.Run(ctx, p, script.Input{Limits: script.Limits{Steps: 1 << 40}})
	if !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}

func TestRun_EndsAtItsTime(t *testing.T) {
	e := newEngine(t, 1)
	f := func(source string) {
		t.Helper()
		start := time.Now()
		_, err := patch(t, e, source, script.Input{Limits: script.Limits{Steps: 1 << 40, Time: 50 * time.Millisecond}})
		if ending(err) != "time" {
			t.Errorf("%s: got %v", source, err)
		}
		t.Logf("%s: %v", source, time.Since(start))
	}
	f(`for (;;) {}`)
	f(`/(a+)+$/.test("a".repeat(60) + "b")`)
	f(`for (;;) "x".repeat(1e6).split("")`) // few steps, each of them long
	wantUntouched(t, e)
}
