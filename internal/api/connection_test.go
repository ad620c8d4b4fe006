package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/api"
)

// connection is one TCP connection to a node, to say on it what http.Client would not.
type connection struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (n *node) dial(t *testing.T) *connection {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil { // so that a defect cannot hang the test
		t.Fatal(err)
	}
	return &connection{t, conn, bufio.NewReader(conn)}
}

func (c *connection) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatal(err)
	}
}

// hear reads the next answer; method is that of the request.
func (c *connection) hear(method string) answer {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err == nil && resp.StatusCode == http.StatusContinue {
		resp, err = http.ReadResponse(c.in, &http.Request{Method: method})
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (c *connection) want(status int, method string) answer {
	c.t.Helper()
	a := c.hear(method)
	if a.status != status {
		c.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// After each of these the same connection serves the next request: bodies that nobody read are out of the way.
func TestConnection_GoesOnAfterAnError(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	c := n.dial(t)
	body := strings.Repeat("x", 10_000)
	f := func(status int, method, target, headers, body string) {
		t.Helper()
		c.say(method + " " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body)
		c.want(status, method)
		c.say("GET " + docs + "?id=a HTTP/1.1\r\nHost: h\r\n\r\n")
		c.want(http.StatusOK, "GET").wantMember(t, 1.0, "Results", 0, "v")
	}
	sized := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	f(400, "PUT", docs+"?id=b", sized, body)                                 // no JSON
	f(400, "PUT", docs, sized, body)                                         // no id: the body is not read
	f(503, "PUT", "/databases/nope/docs?id=b", sized, body)                  // no such database
	f(400, "POST", "/databases/db1/nothing", sized, body)                    // no such route
	f(405, "DELETE", "/databases/db1/stats", sized, body)                    // no such method
	f(501, "PATCH", docs+"?id=a", "Transfer-Encoding: chunked\r\n", chunked) // refused, body unread
	f(400, "PUT", docs+"?id=b", "Transfer-Encoding: chunked\r\n", chunked)   // no JSON, in chunks
	f(201, "PUT", docs+"?id=c", "Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
	f(201, "PUT", docs+"?id=c", "Content-Length: 2\r\nExpect: 100-continue\r\n", "{}")
	f(404, "GET", docs+"?id=none", sized, body) // a body where none belongs
	f(204, "DELETE", docs+"?id=none", "Content-Type: application/json; charset=UTF-8\r\n", "")
	f(404, "HEAD", docs+"?id=none", "", "")
	f(200, "HEAD", "/databases/db1/stats", "", "")
	f(400, "HEAD", docs, "", "")
	f(405, "HEAD", bulk, "", "")
	n.want(http.StatusCreated, "PUT", docs+"?id=big", `{"s":"`+strings.Repeat("x", 600_000)+`"}`)
	f(200, "HEAD", "/databases/db1/queries?query=from+@all_docs", "", "") // an answer that would have been sent in pieces
	f(200, "GET", docs+"?pageSize=9", "", "")
}

// What is left of a broken body is never taken for a document.
func TestConnection_BrokenBodies(t *testing.T) {
	n := startNode(t)
	f := func(status int, head, body string) {
		t.Helper()
		c := n.dial(t)
		c.say("PUT " + docs + "?id=broken HTTP/1.1\r\nHost: h\r\n" + head + "\r\n" + body)
		if tcp, ok := c.conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		c.want(status, "PUT")
		n.want(http.StatusNotFound, "GET", docs+"?id=broken", "")
	}
	f(400, "Content-Length: 100\r\n", `{"v":1}`)                           // truncated
	f(400, "Content-Length: 5000000\r\n", `{"v":1}`)                       // truncated, announced large
	f(400, "Content-Length: 5\r\n", `{"v":1}`)                             // shorter than what comes
	f(400, "Transfer-Encoding: chunked\r\n", "7\r\n{\"v\":1}\r\n")         // no last chunk
	f(400, "Transfer-Encoding: chunked\r\n", "zz\r\n{\"v\":1}\r\n")        // no number
	f(400, "Content-Length: x\r\n", `{"v":1}`)                             // no number
	f(400, "", `{"v":1}`)                                                  // no length: an empty body
	f(413, fmt.Sprintf("Content-Length: %d\r\n", api.BodyBytesMax+1), `{`) // too large
}

func TestConnection_OddRequestLines(t *testing.T) {
	n := startNode(t)
	f := func(status int, target string) {
		t.Helper()
		c := n.dial(t)
		c.say("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")
		a := c.want(status, "GET")
		if status >= 400 && status != 400 && !json.Valid([]byte(a.body)) {
			t.Errorf("%s: %s", target, a.body)
		}
	}
	f(404, docs+"?&id=")
	f(404, docs+"?id=a;b&&;")
	f(404, docs+"?id=%zz")
	f(404, docs+"?id=\xff\xfe")
	f(404, docs+"?id=<>\"{}|^`")
	f(200, docs+"?")
	f(200, docs+"/")
	f(200, "http://other:1"+docs)
	f(404, "//databases/db1/docs")
	f(404, "/databases/db1/docs/a")
	f(404, "/databases//docs")
	f(404, "/databases/db1")
	f(503, "/databases/%00%0A%ff/docs")
	f(404, "/databases/a%2Fb/docs")
	f(200, "/databases/%64b1/docs")
	f(400, docs+"?id=a b") // a raw blank ends the target
}

func TestAnswers_AllHaveTheVersion(t *testing.T) {
	n := startNode(t)
	for _, path := range []string{"/", "/nothing", docs + "?id=none", "/databases/nope/stats", docs + "?pageSize=x"} {
		if a := n.ask("GET", path, ""); a.header.Get("Raven-Server-Version") == "" {
			t.Errorf("%s: no Raven-Server-Version", path)
		}
	}
	a := n.want(http.StatusMethodNotAllowed, "POST", "/databases/db1/stats", "")
	if allow := a.header.Get("Allow"); allow != "GET" {
		t.Errorf("Allow = %q", allow)
	}
	if allow := n.want(http.StatusMethodNotAllowed, "TRACE", docs, "").header.Get("Allow"); allow != "GET, POST, HEAD, PUT, DELETE, PATCH" {
		t.Errorf("Allow = %q", allow)
	}
	n.want(http.StatusBadRequest, "POST", "/databases/db1/topology", "")
}
