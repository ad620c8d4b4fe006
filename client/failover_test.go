package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/client"
)

// fleet is a cluster without servers: an http.RoundTripper that plays nodes a, b, c. It runs under synctest, where nothing
// waits for real time.
type fleet struct {
	mu    sync.Mutex
	log   []string                                               // what was asked, such as "a GET /docs"
	etag  int                                                    // of the topology
	nodes []string                                               // in the topology
	play  map[string]func(*http.Request) outcome                 // by node; nil: it answers well
	extra func(node string, req *http.Request, resp http.Header) // adds headers to answers
}

func newFleet(nodes ...string) *fleet {
	return &fleet{etag: 1, nodes: nodes, play: map[string]func(*http.Request) outcome{}}
}

func (f *fleet) open(tb testing.TB, c client.Config) *client.Store {
	tb.Helper()
	c.URLs, c.Database = []string{"http://" + f.nodes[0]}, "shop"
	c.HTTPClient = &http.Client{Transport: f}
	store, err := client.Open(tb.Context(), c)
	must(tb, err)
	return store
}

func (f *fleet) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/databases/shop")
	f.mu.Lock()
	f.log = append(f.log, fmt.Sprintf("%s %s %s", req.URL.Host, req.Method, path))
	play, extra := f.play[req.URL.Host], f.extra
	topology := f.topologyLocked()
	f.mu.Unlock()
	if play != nil {
		o := play(req)
		if o.err != nil {
			return nil, o.err
		}
		return reply(o.status, o.body), nil
	}
	body := `{"Results":[{"Name":"Ada","@metadata":{"@id":"users/1","@change-vector":"A:1-x"}}],"Includes":{}}`
	switch path {
	case "/topology":
		body = topology
	case "/healthcheck":
		body = ""
	case "/bulk_docs":
		body = `{"Results":[{"@id":"users/1","@change-vector":"A:1-x"}]}`
	}
	resp := reply(200, body)
	if extra != nil {
		extra(req.URL.Host, req, resp.Header)
	}
	return resp, nil
}

func (f *fleet) topologyLocked() string {
	var list []string
	for _, n := range f.nodes {
		list = append(list, fmt.Sprintf(`{"Url":"http://%s","Database":"shop","ClusterTag":%q,"ServerRole":"Member"}`, n, strings.ToUpper(n)))
	}
	return fmt.Sprintf(`{"Etag":%d,"Nodes":[%s]}`, f.etag, strings.Join(list, ","))
}

// outcome is what becomes of a request: an error, or an answer.
type outcome struct {
	status int
	body   string
	err    error
}

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func (f *fleet) set(node string, play func(*http.Request) outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.play[node] = play
}

// take returns what was asked since the last time.
func (f *fleet) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := f.log
	f.log = nil
	return log
}

func status(code int, class string) func(*http.Request) outcome {
	return func(*http.Request) outcome {
		return outcome{status: code, body: fmt.Sprintf(`{"Type":"Raven.Client.Exceptions.%s","Message":"no"}`, class)}
	}
}

func refused(*http.Request) outcome {
	return outcome{err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
}

func broken(*http.Request) outcome {
	return outcome{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
}

func read(ctx context.Context, store *client.Store) error {
	_, ok, err := client.Load[user](ctx, store.Session(), "users/1")
	if err == nil && !ok {
		err = errors.New("not there")
	}
	return err
}

func write(ctx context.Context, store *client.Store) error {
	s := store.Session()
	return errors.Join(s.Store(ctx, &user{}, "users/1"), s.SaveChanges(ctx))
}

// What happens when the first of two nodes fails in different ways, to a read and to a write.
func TestFailover_OnlyWhereItIsSafe(t *testing.T) {
	const next, uncertain, fails = "next", "uncertain", "fails"
	for name, c := range map[string]struct {
		play        func(*http.Request) outcome
		read, write string
	}{
		"connection refused": {refused, next, next},
		"connection broken":  {broken, next, uncertain},
		"408":                {status(408, "TimeoutException"), next, next},
		"502":                {status(502, ""), next, uncertain},
		"503":                {status(503, "Database.DatabaseDisabledException"), next, next},
		"504":                {status(504, ""), next, uncertain},
		"425":                {status(425, ""), next, next},
		"500":                {status(500, "RavenException"), fails, fails},
		"409":                {status(409, "ConcurrencyException"), fails, fails},
		"403":                {status(403, "Security.AuthorizationException"), fails, fails},
		"503 missing":        {status(503, "Database.DatabaseDoesNotExistException"), fails, fails},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for what, want := range map[string]string{"read": c.read, "write": c.write} {
					f := newFleet("a", "b")
					store := f.open(t, client.Config{})
					f.take()
					f.set("a", c.play)
					act := map[string]func(context.Context, *client.Store) error{"read": read, "write": write}[what]
					err := act(t.Context(), store)
					got := fails
					switch _, ok := errors.AsType[*client.UncertainError](err); {
					case ok:
						got = uncertain
					case err == nil:
						got = next
					}
					asked := len(slices.DeleteFunc(f.take(), func(s string) bool { return !strings.HasPrefix(s, "b ") }))
					if got != want || (asked == 1) != (want == next) {
						t.Errorf("%s: %s (%v), %d requests to b, want %s", what, got, err, asked, want)
					}
					must(t, store.Close(t.Context()))
				}
			})
		})
	}
}

func TestFailover_AllNodesDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a", "b")
		store := f.open(t, client.Config{})
		f.set("a", refused)
		f.set("b", status(503, "Database.DatabaseDisabledException"))
		e := typed[*client.NodesDownError](t, read(t.Context(), store))
		if len(e.Failures) != 2 || e.Failures[0].URL != "http://a" || e.Failures[1].URL != "http://b" {
			t.Errorf("failures %v", e.Failures)
		}
		wantAs[*client.DatabaseUnavailableError](t, e)
		wantAs[*net.OpError](t, e)
		if !errors.Is(e, syscall.ECONNREFUSED) {
			t.Error("the cause is lost")
		}
		must(t, store.Close(t.Context()))
		_, err := client.Open(t.Context(), client.Config{URLs: []string{"http://a"}, Database: "shop", HTTPClient: &http.Client{Transport: f}})
		wantAs[*client.NodesDownError](t, err)
	})
}

// A node that failed is left alone until its health check answers.
func TestHealth_FailedNodeComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a", "b")
		store := f.open(t, client.Config{})
		f.set("a", refused)
		must(t, read(t.Context(), store))
		f.take()
		must(t, read(t.Context(), store))
		if diff := cmp.Diff(f.take(), []string{"b GET /docs"}); diff != "" {
			t.Errorf("while a is down (-got +want):\n%s", diff)
		}
		for range 3 {
			<-time.After(5 * time.Second)
		}
		synctest.Wait()
		checks := f.take()
		// after 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 11.3 seconds
		if want := slices.Repeat([]string{"a GET /healthcheck"}, 7); !slices.Equal(checks, want) {
			t.Errorf("in 15 seconds %v, want %v", checks, want)
		}
		f.set("a", nil)
		<-time.After(5 * time.Second)
		synctest.Wait()
		f.take()
		must(t, read(t.Context(), store))
		if diff := cmp.Diff(f.take(), []string{"a GET /docs"}); diff != "" {
			t.Errorf("a is back (-got +want):\n%s", diff)
		}
		<-time.After(time.Minute)
		if log := f.take(); len(log) > 0 {
			t.Errorf("still asked: %v", log)
		}
		must(t, store.Close(t.Context()))
	})
}

func TestTopology_RefreshedWhenTheServerSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a", "b")
		store := f.open(t, client.Config{})
		f.mu.Lock()
		f.etag, f.nodes = 2, []string{"b", "c"}
		f.extra = func(_ string, req *http.Request, h http.Header) {
			if req.Header.Get("Topology-Etag") == `"1"` {
				h.Set("Refresh-Topology", "true")
			}
		}
		f.mu.Unlock()
		f.take()
		must(t, read(t.Context(), store))
		synctest.Wait()
		must(t, read(t.Context(), store))
		synctest.Wait()
		if diff := cmp.Diff(f.take(), []string{"a GET /docs", "a GET /topology", "b GET /docs"}); diff != "" {
			t.Errorf("asked (-got +want):\n%s", diff)
		}
		must(t, store.Close(t.Context()))
	})
}

// 410: the database has moved. The new topology says where to.
func TestTopology_RefreshedWhenTheDatabaseHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a")
		store := f.open(t, client.Config{})
		f.mu.Lock()
		f.etag, f.nodes = 2, []string{"c"}
		topology := f.topologyLocked()
		f.mu.Unlock()
		f.set("a", func(req *http.Request) outcome {
			if req.URL.Path == "/topology" {
				return outcome{status: 200, body: topology}
			}
			return outcome{status: http.StatusGone}
		})
		f.take()
		must(t, write(t.Context(), store))
		if diff := cmp.Diff(f.take(), []string{"a POST /bulk_docs", "a GET /topology", "c POST /bulk_docs"}); diff != "" {
			t.Errorf("asked (-got +want):\n%s", diff)
		}
		must(t, store.Close(t.Context()))
	})
}

func TestReadBalance_RoundRobinOverSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a", "b", "c")
		store := f.open(t, client.Config{ReadBalance: client.RoundRobin})
		f.take()
		for range 4 {
			must(t, read(t.Context(), store))
		}
		must(t, write(t.Context(), store))
		want := []string{"a GET /docs", "b GET /docs", "c GET /docs", "a GET /docs", "a POST /bulk_docs"}
		if diff := cmp.Diff(f.take(), want); diff != "" {
			t.Errorf("asked (-got +want):\n%s", diff)
		}
		must(t, store.Close(t.Context()))
	})
}

// Who asked for TLS is not sent to an address without it.
func TestTopology_DoesNotLeaveTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a")
		_, err := client.Open(t.Context(), client.Config{URLs: []string{"https://a"}, Database: "shop", HTTPClient: &http.Client{Transport: f}})
		wantAs[*client.AnswerError](t, err)
	})
}

func TestContext_EndsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a", "b")
		store := f.open(t, client.Config{})
		f.set("a", func(req *http.Request) outcome {
			<-req.Context().Done()
			return outcome{err: req.Context().Err()}
		})
		f.take()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := read(ctx, store); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		if err := write(ctx, store); !errors.Is(err, context.DeadlineExceeded) || as[*client.UncertainError](err) {
			t.Errorf("write after the end: %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := write(ctx, store)
		wantAs[*client.UncertainError](t, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("write: %v", err)
		}
		for _, line := range f.take() {
			if !strings.HasPrefix(line, "a ") {
				t.Errorf("asked %s after the context had ended", line)
			}
		}
		must(t, store.Close(t.Context()))
	})
}

func TestAnswers_ThatMakeNoSense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a")
		store := f.open(t, client.Config{})
		for _, body := range []string{"", "<html>", `{"Results":[]}`, `{"Results":[3]}`, `[]`} {
			f.set("a", func(*http.Request) outcome { return outcome{status: 200, body: body} })
			wantAs[*client.AnswerError](t, read(t.Context(), store))
		}
		f.set("a", func(*http.Request) outcome { return outcome{status: 500, body: "<html>Bad things"} })
		if e := typed[*client.ServerError](t, read(t.Context(), store)); e.Message != "<html>Bad things" || e.Status != 500 {
			t.Errorf("error %+v", e)
		}
		// a stream that breaks off is told from one that ends
		for _, body := range []string{`{"Results":[{"Name":"Ada"}`, `{"Results":[{"Name":"Ada"}],"TotalResults"`, `{"Results":[{"Name":"Ada"}]`} {
			f.set("a", func(*http.Request) outcome { return outcome{status: 200, body: body} })
			rows, err := client.All(client.Stream[user](t.Context(), store.Session(), "from Users"))
			if e := typed[*client.AnswerError](t, err); !errors.Is(e, io.ErrUnexpectedEOF) || len(rows) != 1 {
				t.Errorf("%s: %v after %d rows", body, err, len(rows))
			}
		}
		f.set("a", nil)
		must(t, store.Close(t.Context()))
	})
}

// Each class that the server names has its type, and all are *ServerError too.
func TestErrors_HaveTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet("a")
		store := f.open(t, client.Config{})
		check := func(class string, is func(error) bool) {
			t.Helper()
			f.set("a", status(400, class))
			err := read(t.Context(), store)
			if e := typed[*client.ServerError](t, err); !is(err) || e.Message != "no" || e.Node != "A" || !strings.Contains(e.URL, "/docs?id=users%2F1") {
				t.Errorf("%s: %T %+v", class, err, e)
			}
		}
		check("ConcurrencyException", as[*client.ConcurrencyError])
		check("ClusterTransactionConcurrencyException", as[*client.ConcurrencyError])
		check("Documents.DocumentConflictException", as[*client.ConflictError])
		check("Database.DatabaseDoesNotExistException", as[*client.DatabaseMissingError])
		check("Database.DatabaseDisabledException", as[*client.DatabaseUnavailableError])
		check("RavenTimeoutException", as[*client.TimeoutError])
		check("NotSupportedException", as[*client.UnsupportedError])
		check("Documents.Patching.JavaScriptException", as[*client.ScriptError])
		check("InvalidQueryException", as[*client.QueryError])
		check("Documents.Indexes.IndexDoesNotExistException", as[*client.IndexMissingError])
		check("Security.AuthorizationException", as[*client.AuthorizationError])
		check("BadRequestException", as[*client.ServerError])
		f.set("a", nil)
		must(t, store.Close(t.Context()))
	})
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
