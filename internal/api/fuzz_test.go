package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/api"
)

// FuzzHandler throws requests at a node in memory. Whatever comes, it does not panic, a bad request is not called the
// server's fault, every answer is JSON, every error has the members that clients read, and what is stored stays sound.
func FuzzHandler(f *testing.F) {
	for _, r := range api.Routes() {
		f.Add(r[0], strings.ReplaceAll(r[1], "{db}", "db1"), "?&id=a&start=0&pageSize=3&name=db1&tag=users&query=from+X", "", `{"v":1}`)
	}
	for _, query := range []string{"id=", "id=a&id=A&include=r&include=l[].x", "startsWith=a&matches=*|?b&exclude=c&startAfter=a", "metadataOnly=true", "start=-1"} {
		f.Add("GET", docs, query, `"A:1-x"`, "")
	}
	f.Add("PUT", docs, "id=users/", "", `{"r":"a","l":[{"x":"A"}],"@metadata":{"@collection":"X","@id":"z"}}`)
	f.Add("POST", docs, "", "", `{"Ids":["a",null,""]}`)
	f.Add("POST", bulk, "", "", `{"Commands":[{"Type":"PUT","Id":"a","Document":{},"ChangeVector":""},{"Type":"DELETE","Id":"a","IdPrefixed":true}]}`)
	f.Add("POST", "/databases/db1/multi_get", "", "", `{"Requests":[{"Url":"/databases/db1/docs","Query":"?id=a","Headers":{"If-None-Match":"x"}},null]}`)
	f.Add("POST", "/databases/db1/queries", "", "", `{"Query":"from X where id() in ($p) include r limit 1","QueryParameters":{"p":["a"]},"Start":0,"PageSize":2}`)
	f.Add("POST", "/databases/db1/queries", "", "", `{"Query":"from @all_docs where startsWith(id(), 'a')"}`)

	n := startNode(f)
	asked := 0
	f.Fuzz(func(t *testing.T, method, path, query, condition, body string) {
		if strings.HasPrefix(strings.ToLower(path), "/admin") && method != http.MethodGet {
			t.Skip("db1 has to stay")
		}
		fuzzOnce(t, n.handler, method, path, query, condition, body)
		if asked++; asked%100 == 0 {
			n.t = t
			n.check()
		}
	})
}

func fuzzOnce(t *testing.T, handler http.Handler, method, path, query, condition, body string) {
	t.Helper()
	r := &http.Request{
		Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "h", ContentLength: int64(len(body)),
		Header: http.Header{}, Body: http.NoBody, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if body != "" {
		r.Body = readCloser{strings.NewReader(body)}
	}
	if condition != "" {
		r.Header["If-Match"] = []string{condition}
		r.Header["If-None-Match"] = []string{condition}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r.WithContext(t.Context()))

	text := w.Body.Bytes()
	if method == http.MethodHead || w.Code == http.StatusNoContent || w.Code == http.StatusNotModified {
		if len(text) > 0 {
			t.Fatalf("status %d has a body: %q", w.Code, text)
		}
		return
	}
	if !utf8.Valid(text) || !json.Valid(text) {
		t.Fatalf("status %d: the answer is no JSON: %q", w.Code, text)
	}
	if w.Code < 400 {
		return
	}
	if w.Code == http.StatusNotFound && bytes.HasPrefix(text, []byte(`{"Results":`)) {
		return // a document that is not there is no error
	}
	var e struct{ URL, Type, Message, Error *string }
	if err := json.Unmarshal(text, &e); err != nil || e.URL == nil || e.Type == nil || e.Message == nil || e.Error == nil {
		t.Fatalf("status %d: %v, a member is missing: %s", w.Code, err, text)
	}
	switch {
	case w.Code < 500, w.Code == http.StatusNotImplemented, w.Code == http.StatusServiceUnavailable:
	case strings.HasSuffix(*e.Type, ".RavenTimeoutException"): // waiting for replicas that are not there
	default:
		t.Fatalf("status %d: %s", w.Code, text)
	}
}

// readCloser is a body as net/http gives it.
type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
