package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/rookerydb/rookery/client/internal/httpcache"
)

// protocolVersion is the version of the wire protocol that this client speaks.
const protocolVersion = "5.4.0"

// do sends c to a node, and to the next one when that failed and sending again is safe. Errors are those of errors.go, or of
// ctx.
func (s *Store) do(ctx context.Context, c *call) (*answer, error) {
	if s.tasks.isClosed() {
		return nil, ErrClosed
	}
	if !c.serverWide {
		if err := s.needTopology(ctx); err != nil {
			return nil, err
		}
	}
	var asked []string
	down := &NodesDownError{}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err // before anything is sent: a write is known not to have happened
		}
		n, ok := s.nodes.next(c.turn, asked)
		if !ok {
			return nil, down
		}
		asked = append(asked, n.url)
		a, err := s.attempt(ctx, n, c)
		if err == nil {
			s.nodes.recover(n.url)
			return a, nil
		}
		if err := s.judge(ctx, n, c, err); err != nil {
			return nil, err
		}
		down.Failures = append(down.Failures, NodeFailure{n.url, err})
	}
}

// judge decides what follows from a failed attempt: nil to ask the next node, else the error to give up with.
func (s *Store) judge(ctx context.Context, n node, c *call, err error) error {
	status := 0
	if e, ok := errors.AsType[*ServerError](err); ok {
		status = e.Status
	}
	switch {
	case status == http.StatusGone: // the database is not there any more: others know where it is
		return s.refreshTopology(ctx)
	case status == http.StatusTooEarly:
		return nil
	case status != 0 && !nodeIsDown(status), is[*DatabaseMissingError](err), is[*AnswerError](err):
		return err
	case ctx.Err() == nil:
		s.nodeFailed(n)
	}
	if c.effect == once && mayHaveArrived(status, err) {
		return &UncertainError{URL: n.url, Err: err}
	}
	return ctx.Err()
}

// nodeIsDown tells whether a status speaks of the node instead of the request.
func nodeIsDown(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// mayHaveArrived tells whether a request that failed so may have been carried out. A node that says 503 has refused it, one
// that says 408 has not got all of it (RFC 9110, 15.5.9); of a proxy's 502 and 504, and of a connection that broke, nothing
// is known.
func mayHaveArrived(status int, err error) bool {
	switch status {
	case http.StatusServiceUnavailable, http.StatusRequestTimeout:
		return false
	case 0:
		op, ok := errors.AsType[*net.OpError](err)
		return !ok || op.Op != "dial"
	}
	return true
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// attempt sends c to one node. The answer has a status below 300, or 304 or 404 to a read.
func (s *Store) attempt(ctx context.Context, n node, c *call) (*answer, error) {
	address := c.url(n)
	req, err := s.newRequest(ctx, c, address)
	if err != nil {
		return nil, err
	}
	var kept httpcache.Entry
	if c.cacheable {
		if kept, _ = s.cache.Get(c.cacheKey(address)); kept.ETag != "" {
			req.Header.Set("If-None-Match", kept.ETag)
		}
	}
	resp, err := s.config.HTTPClient.Do(req) //nolint:bodyclose // read closes it, or whoever reads the stream
	if err != nil {
		return nil, err
	}
	s.noteHeaders(resp.Header)
	a, err := s.read(c, n, address, resp)
	if err != nil {
		return nil, err
	}
	if !c.cacheable {
		return a, nil
	}
	if a.status == http.StatusNotModified {
		a.status, a.body = http.StatusOK, kept.Body
		return a, nil
	}
	if etag := a.header.Get("ETag"); etag != "" && a.found() {
		s.cache.Put(c.cacheKey(address), httpcache.Entry{ETag: etag, Body: a.body})
	}
	return a, nil
}

func (s *Store) newRequest(ctx context.Context, c *call, address string) (*http.Request, error) {
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, address, body)
	if err != nil {
		return nil, &UsageError{"request " + address, err.Error()}
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Raven-Client-Version", protocolVersion)
	req.Header.Set("User-Agent", "rookery-go-client/"+protocolVersion)
	if c.ifNoneMatch != "" {
		req.Header.Set("If-None-Match", `"`+c.ifNoneMatch+`"`)
	}
	if index := s.raftIndex.Load(); index > 0 {
		req.Header.Set("Known-Raft-Index", strconv.FormatInt(index, 10))
	}
	if !c.serverWide {
		req.Header.Set("Topology-Etag", `"`+strconv.FormatInt(s.nodes.topology().etag, 10)+`"`)
	}
	if c.effect == reads {
		// To net/http: this may be sent again when a kept connection turns out to be closed. An empty list is not sent.
		req.Header["Idempotency-Key"] = nil
	}
	return req, nil
}

// noteHeaders acts on what every answer may tell.
func (s *Store) noteHeaders(h http.Header) {
	if h.Get("Refresh-Topology") != "" {
		s.refreshInBackground()
	}
}

// read turns a response into an answer or a typed error, and closes it unless it is streamed.
func (s *Store) read(c *call, n node, address string, resp *http.Response) (*answer, error) {
	a := &answer{status: resp.StatusCode, header: resp.Header, url: address}
	lookup := c.effect == reads && (a.status == http.StatusNotFound || a.status == http.StatusNotModified)
	failed := a.status >= 300 && !lookup
	if c.stream && !failed {
		a.stream = resp.Body
		return a, nil
	}
	defer func() { _ = resp.Body.Close() }()
	limit := int64(answerBytesMax)
	if failed {
		limit = errorBytesMax
	}
	body, err := readAll(resp, limit)
	switch {
	case failed:
		return nil, serverError(a.status, a.header, body, address, n.tag)
	case err != nil:
		return nil, err
	case int64(len(body)) > limit:
		return nil, &AnswerError{address, fmt.Errorf("more than %d bytes: stream it instead", limit)}
	case !a.found() && saysWhy(body):
		return nil, serverError(a.status, a.header, body, address, n.tag)
	}
	a.body = body
	return a, nil
}

// saysWhy tells a 404 that is an error, such as of a route that a node does not have, from one that means: nothing there.
func saysWhy(body []byte) bool {
	e, ok := parseErrorBody(body)
	return ok && e.class != ""
}

// trustedBytesMax is how much room is made on the word of a Content-Length alone.
const trustedBytesMax = 1 << 20

// readAll reads at most limit+1 bytes of the body.
func readAll(resp *http.Response, limit int64) ([]byte, error) {
	var out bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		out.Grow(int(min(n, trustedBytesMax)) + bytes.MinRead)
	}
	_, err := out.ReadFrom(io.LimitReader(resp.Body, limit+1))
	return out.Bytes(), err
}
