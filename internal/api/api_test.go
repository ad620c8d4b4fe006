package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// node is a server in memory, asked through its HTTP surface.
type node struct {
	t       testing.TB
	url     string
	handler http.Handler
	server  *server.Server
	ahead   atomic.Int64 // nanoseconds that the node's clock is ahead of the real one
	mayFail bool         // closing may report an error: the test has broken the disk
}

// startNode opens a node with one empty database called db1.
func startNode(t testing.TB) *node {
	t.Helper()
	return startNodeOn(t, memfs.New(memfs.WithoutCrashes()))
}

// startNodeOn is startNode on a disk of the test's.
func startNodeOn(t testing.TB, disk vfs.FS) *node {
	t.Helper()
	return startNodeWith(t, disk, api.New)
}

// startNodeWith is startNodeOn with a handler and settings of the test's.
func startNodeWith(t testing.TB, disk vfs.FS, newHandler func(api.Options) http.Handler, settings ...string) *node {
	t.Helper()
	cfg, _, err := config.Parse(append([]string{"--DataDir=data"}, settings...), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t}
	now := func() time.Time { return time.Now().Add(time.Duration(n.ahead.Load())) }
	web := httptest.NewUnstartedServer(nil)
	s, err := server.Open(server.Options{
		Config: cfg, FS: disk, Now: now, Rand: rand.New(rand.NewPCG(1, 2)),
		Logger: slog.New(slog.DiscardHandler), Version: "test", URL: "http://" + web.Listener.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := newHandler(api.Options{Server: s, Now: now, Logger: slog.New(slog.DiscardHandler)})
	web.Config.Handler = handler
	web.Start()
	n.url, n.handler, n.server = web.URL, handler, s
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil && !n.mayFail {
			t.Error(err)
		}
	})
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=db1&replicationFactor=1", `{"DatabaseName":"db1"}`)
	return n
}

// check looks for problems in all that db1 has stored.
func (n *node) check() {
	n.t.Helper()
	db, err := n.server.Database(n.t.Context(), "db1")
	if err != nil {
		n.t.Fatal(err)
	}
	err = db.View(func(tx *storage.ReadTx) error {
		for problem := range storage.Check(tx) {
			n.t.Errorf("check: %v", problem)
		}
		for problem := range db.Store().Check(tx) {
			n.t.Errorf("check of documents: %v", problem)
		}
		return nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; headers are name, value, name, value …
func (n *node) ask(method, path, body string, headers ...string) answer {
	n.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.url+path, content)
	if err != nil {
		n.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// want is ask that fails the test on another status.
func (n *node) want(status int, method, path, body string, headers ...string) answer {
	n.t.Helper()
	a := n.ask(method, path, body, headers...)
	if a.status != status {
		n.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

// get decodes a member of the body, found by a path of names and array positions.
func (a answer) get(t testing.TB, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("body is no JSON: %v: %s", err, a.body)
	}
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: not an object at %q: %s", path, p, a.body)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				t.Fatalf("%v: no entry %d: %s", path, p, a.body)
			}
			v = l[p]
		}
	}
	return v
}

// wantMember fails the test unless the member at path equals want (numbers are float64).
func (a answer) wantMember(t testing.TB, want any, path ...any) {
	t.Helper()
	if got := a.get(t, path...); got != want {
		t.Errorf("%v = %#v, want %#v in %s", path, got, want, a.body)
	}
}

// wantError fails the test unless the body is an error of this class whose text holds part.
func (a answer) wantError(t testing.TB, class, part string) {
	t.Helper()
	typ, _ := a.get(t, "Type").(string)
	if !strings.HasSuffix(typ, "."+class) {
		t.Errorf("Type = %q, want the class %s", typ, class)
	}
	text, _ := a.get(t, "Error").(string)
	if !strings.Contains(text, part) || !strings.HasPrefix(text, typ) {
		t.Errorf("Error = %q, want it to begin with the type and hold %q", text, part)
	}
}
