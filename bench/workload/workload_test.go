package workload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// memoryEngine is the simplest engine there is, durable only as far as its name goes.
type memoryEngine struct {
	mu      sync.RWMutex // guards the fields below
	rows    map[string][]byte
	commits int
	failing error
}

func (e *memoryEngine) Commit(rows []Row) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.commits++
	for _, row := range rows {
		e.rows[string(row.Key)] = bytes.Clone(row.Value)
	}
	return e.failing
}

func (e *memoryEngine) Get(key []byte, found func([]byte)) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	found(e.rows[string(key)])
	return nil
}

func (e *memoryEngine) Scan(each func(key, value []byte)) error {
	for key, value := range e.rows {
		each([]byte(key), value)
	}
	return nil
}

func (e *memoryEngine) Settle() error { return nil }

func (e *memoryEngine) Close() error { return nil }

func TestDocuments_AreJSONOfTheSizeAskedFor(t *testing.T) {
	for _, size := range []int{documentBytes, orderBytes} {
		d := newDocuments(size)
		for i := range uint64(templateCount) {
			text := d.appendTo(nil, i*3)
			if len(text) != size || !json.Valid(text) {
				t.Fatalf("document of %d bytes: got %d bytes: %s", size, len(text), text)
			}
			if !isDocument(text, i*3) || isDocument(text, i*3+1) {
				t.Fatalf("document %d does not know its number: %s", i*3, text)
			}
		}
	}
}

func TestAppendKey_GivesEachDocumentItsOwnKey(t *testing.T) {
	seen := map[string]bool{}
	for i := range uint64(100_000) {
		key := appendKey(nil, i)
		if len(key) != keyBytes || seen[string(key)] {
			t.Fatalf("key of document %d: got %x, of %d bytes, seen before: %v", i, key, len(key), seen[string(key)])
		}
		seen[string(key)] = true
	}
}

// aheadEngine is a memoryEngine that commits ahead, a few rows at a time; which lets puts come while a commit waits.
type aheadEngine struct {
	*memoryEngine
	before *atomic.Bool // whether the last commit is durable
}

func (e *aheadEngine) CommitAhead(puts Puts) (func() error, error) {
	before, own := e.before, &atomic.Bool{}
	var rows []Row
	for {
		taken := puts.Take(3)
		for _, row := range taken {
			rows = append(rows, Row{Key: bytes.Clone(row.Key)})
		}
		if len(taken) == 0 && (before == nil || before.Load()) {
			break
		}
		if len(taken) == 0 {
			puts.Await(before.Load)
		}
	}
	e.before = own
	return func() error {
		defer own.Store(true)
		return e.Commit(rows)
	}, nil
}

func TestJoiner_JoinsTheRowsOfManyWriters(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		e := &memoryEngine{rows: map[string][]byte{}}
		var engine Engine = e
		if ahead {
			engine = &aheadEngine{memoryEngine: e}
		}
		join(t, engine, 32, func(w int, commit func([]Row) error) {
			for i := range 50 {
				if err := commit([]Row{{Key: fmt.Appendf(nil, "%d/%d", w, i)}}); err != nil {
					t.Error(err)
				}
				e.mu.RLock()
				if _, ok := e.rows[fmt.Sprintf("%d/%d", w, i)]; !ok {
					t.Errorf("ahead %v: row %d/%d was acknowledged, but is not there", ahead, w, i)
				}
				e.mu.RUnlock()
			}
		})
		if got, want := len(e.rows), 32*50; got != want {
			t.Errorf("ahead %v: rows: got %d, want %d", ahead, got, want)
		}
	}
}

func TestJoiner_TellsAllWritersOfAGroupWhatFailed(t *testing.T) {
	e := &memoryEngine{rows: map[string][]byte{}, failing: errors.New("disk is gone")}
	for _, engine := range []Engine{e, &aheadEngine{memoryEngine: e}} {
		join(t, engine, 8, func(w int, commit func([]Row) error) {
			if err := commit([]Row{{Key: []byte{byte(w)}}}); !errors.Is(err, e.failing) {
				t.Errorf("%T: writer %d: got %v", engine, w, err)
			}
		})
	}
}

// join runs so many writers at once, whose puts are joined.
func join(t *testing.T, e Engine, writers int, write func(w int, commit func([]Row) error)) {
	t.Helper()
	j := newJoiner(e)
	var running, writing sync.WaitGroup
	for range j.runners(writers) {
		running.Go(j.run)
	}
	for w := range writers {
		writing.Go(func() { write(w, j.commitOf()) })
	}
	writing.Wait()
	j.close()
	running.Wait()
}

// sayingEngine is a memoryEngine that can say what it costs to open, check and recover.
type sayingEngine struct{ memoryEngine }

func (e *sayingEngine) OpenRead() error { return nil }

func (e *sayingEngine) Check() (int64, error) { return 1 << 20, nil }

func (e *sayingEngine) Recover(_ string, fill func(func([]Row) error) error) (int64, time.Duration, error) {
	return 1 << 20, time.Second, fill(e.Commit)
}

// runShort runs the wanted workloads, all when none is named, and returns their names.
func runShort(t *testing.T, e Engine, wanted ...string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("measures for some seconds")
	}
	c := &Config{Dir: t.TempDir(), Short: true, Only: wanted}
	if kind := fileSystem(c.Dir); kind == "tmpfs" {
		t.Skip("temporary folder is in memory")
	}
	got, err := RunEngine(c, "memory", func(string) (Engine, error) { return e, nil })
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, r := range got {
		names = append(names, r.Name)
		if r.Subject != "memory" || r.Value < 0 || len(r.Rounds) != 1 {
			t.Errorf("result: got %+v", r)
		}
	}
	return names
}

func TestRunEngine_MeasuresWhatWasAskedFor(t *testing.T) {
	f := func(wanted ...string) {
		t.Helper()
		got := runShort(t, &memoryEngine{rows: map[string][]byte{}}, wanted...)
		if diff := cmp.Diff(got, wanted); diff != "" {
			t.Errorf("workloads (-got +want):\n%s", diff)
		}
	}
	f(Bulk, Read8, Put64)
	f(BulkInOrder)
}

// Every workload runs on an engine that can say everything; one that cannot leaves some out.
func TestRunEngine_MeasuresEverything(t *testing.T) {
	want := engineWorkloads()
	if _, ok := anonymousBytes(); !ok {
		t.Skip("the system says nothing of bytes and memory")
	}
	got := runShort(t, &sayingEngine{memoryEngine{rows: map[string][]byte{}}})
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("workloads (-got +want):\n%s", diff)
	}
}

func TestLatencies_Percentile(t *testing.T) {
	l := latencies{of: make([][]time.Duration, 2)}
	if got := l.percentile(99); got != 0 {
		t.Errorf("of nothing: got %v, want 0", got)
	}
	for i := range 100 {
		l.add(i%2, time.Duration(99-i))
	}
	for p, want := range map[int]time.Duration{0: 0, 50: 50, 99: 99, 100: 99} {
		if got := l.percentile(p); got != want {
			t.Errorf("percentile %d: got %v, want %v", p, got, want)
		}
	}
}

func TestAllocatedBytes_CountsTheBlocksOfAllFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "sub/b"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte{1}, 100_000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := allocatedBytes(dir); err != nil || got < 200_000 || got > 400_000 {
		t.Errorf("got %d, %v, want about 200,000", got, err)
	}
}

func TestAppendAscendingKey_Ascends(t *testing.T) {
	var last []byte
	for i := range uint64(100_000) {
		key := appendAscendingKey(nil, i)
		if len(key) != keyBytes || bytes.Compare(key, last) <= 0 {
			t.Fatalf("key of document %d: got %x after %x", i, key, last)
		}
		last = key
	}
}

func TestRunEngine_RefusesUnknownWorkloads(t *testing.T) {
	_, err := RunEngine(&Config{Only: []string{"put/2"}}, "memory", nil)
	if want := `-only: no workload is called "put/2"; there are bulk, written/bulk, file/load, disk/load, open/1, open/64, open/allocs, read/1, read/8, scan, check, put/1, put/64, p99/64, bytes/64, put/512, memory, bulk/ascending, recovery`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPrint_WritesOneObjectALine(t *testing.T) {
	var out strings.Builder
	r := results{subject: "rookery"}
	for _, v := range []float64{120, 123.4, 130} {
		r.add("put/64", "1/s", v)
	}
	if err := Print(&out, r.list, true); err != nil {
		t.Fatal(err)
	}
	want := `{"subject":"rookery","name":"put/64","value":123.4,"unit":"1/s","rounds":[120,123.4,130]}` + "\n"
	if out.String() != want {
		t.Errorf("got %swant %s", out.String(), want)
	}
}

func TestMedian(t *testing.T) {
	f := func(want float64, values ...float64) {
		t.Helper()
		if got := Median(values); got != want {
			t.Errorf("%v: got %v, want %v", values, got, want)
		}
	}
	f(0)
	f(7, 7)
	f(1.5, 2, 1)
	f(2, 9, 1, 2)
}

func TestFigure(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := Figure(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	f(0.494, "0.49")
	f(12.34, "12.3")
	f(123.4, "123")
	f(1234567, "1,234,567")
	f(123456, "123,456")
}

// echo answers as the test asks, and keeps what it was sent.
func echo(t *testing.T, answer http.HandlerFunc) (*client, *[]string) {
	t.Helper()
	var seen []string // written by the one connection's goroutine; the client has its answer before a test reads it
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+r.RequestURI+" "+string(body))
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	host, err := hostOf(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dial(host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c, &seen
}

func TestClient_StaysInStepOverOneConnection(t *testing.T) {
	c, seen := echo(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/chunks"):
			for range 3 {
				_, _ = io.WriteString(w, strings.Repeat("x", 3000))
				w.(http.Flusher).Flush()
			}
		case r.Method == http.MethodPut:
			w.WriteHeader(http.StatusNoContent)
		case strings.HasSuffix(r.URL.Path, "/missing"):
			http.Error(w, "no", http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, "hello")
		}
	})
	f := func(method, path string, body []byte, want int) {
		t.Helper()
		got, err := c.do(method, "/db", path, 7, body)
		if err != nil || got != want {
			t.Fatalf("%s %s: got %d, %v, want %d", method, path, got, err, want)
		}
	}
	for range 2 {
		f("GET", "/docs?id=", nil, 200)
		f("GET", "/chunks?n=", nil, 200)
		f("PUT", "/docs?id=", []byte(`{"a":1}`), 204)
		f("GET", "/missing?n=", nil, 404)
	}
	want := []string{"GET /db/docs?id=7 ", "GET /db/chunks?n=7 ", `PUT /db/docs?id=7 {"a":1}`, "GET /db/missing?n=7 "}
	if diff := cmp.Diff(*seen, slices.Concat(want, want)); diff != "" {
		t.Errorf("requests (-got +want):\n%s", diff)
	}
}

func TestClient_ExpectFailsOnErrorStatus(t *testing.T) {
	c, _ := echo(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
	err := c.expect("POST", "/databases/a/bulk_docs", []byte("{}"))
	if want := "POST /databases/a/bulk_docs: status 503"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
