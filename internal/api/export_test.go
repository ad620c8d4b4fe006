package api

import (
	"net/http"
	"time"
)

// ParseParams gives tests the decoded parameters of a query string as pairs of name and value.
func ParseParams(raw string) [][2]string {
	var out [][2]string
	for _, p := range parseParams(raw) {
		out = append(out, [2]string{p.name, p.value})
	}
	return out
}

// Routes gives tests the method, the path and the needs of every route.
func Routes() [][3]string {
	var out [][3]string
	for _, rt := range routes() {
		out = append(out, [3]string{rt.method, rt.path, rt.needs.String()})
	}
	return out
}

// NewWithDefect is New with one more route, GET /defect, whose handler writes something and then calls fail.
func NewWithDefect(o Options, fail func()) http.Handler {
	list := append(routes(), route{"GET", "/defect", anyone, func(_ *handler, r *request) error {
		r.set("X-Half", "done")
		r.str(`{"half":`)
		fail()
		return nil
	}})
	return newHandler(o, list)
}

// BodyBytesMax is the bound of a request body.
const BodyBytesMax = bodyBytesMax

// NewWithPace is New with feeds that go at another pace.
func NewWithPace(o Options, batchEvery, pingEvery, writeMax time.Duration) http.Handler {
	h := newHandler(o, routes())
	h.pace = pace{batchEvery: batchEvery, pingEvery: pingEvery, writeMax: writeMax}
	return h
}

// OpenSockets is how many WebSockets a handler of New serves.
func OpenSockets(h http.Handler) int { return len(h.(*handler).sockets) }

// SocketsMax is how many it may.
const SocketsMax = socketsMax
