package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/server"
)

// Options says what New needs.
type Options struct {
	Server *server.Server
	Now    func() time.Time
	Logger *slog.Logger
}

// New returns the HTTP surface of one node.
func New(o Options) http.Handler {
	list := routes()
	return newHandler(o, list)
}

func newHandler(o Options, list []route) *handler {
	return &handler{
		server: o.Server, now: o.Now, log: o.Logger, list: list, router: newRouter(list),
		pace: livePace, sockets: make(chan struct{}, socketsMax),
	}
}

// handler serves every route. It is immutable but for what is in sockets.
type handler struct {
	server *server.Server
	now    func() time.Time
	log    *slog.Logger
	list   []route
	router *router

	pace    pace          // of feeds
	sockets chan struct{} // an element for each WebSocket that is open
}

// request is what a handler gets: the decoded request and the reply to fill.
type request struct {
	*reply
	method  string
	path    string
	query   string // as it was sent, without "?"
	params  params
	header  http.Header
	content io.Reader // the body; nil when there is none
	length  int64     // of content, -1 when unknown
	http    *http.Request
	db      *database.DB // of the path; nil when the path names none
	dbName  string
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	buf := takeBody()
	rep := reply{w: w, body: *buf}
	r := request{
		reply: &rep, method: hr.Method, path: hr.URL.Path, query: hr.URL.RawQuery, params: parseParams(hr.URL.RawQuery),
		header: hr.Header, content: hr.Body, length: hr.ContentLength, http: hr,
	}
	h.serve(&r)
	rep.send(hr.Method == http.MethodHead)
	giveBody(buf, rep.body)
}

// serve runs the route of r and leaves the answer, good or bad, in its reply.
func (h *handler) serve(r *request) {
	err := h.guarded(r)
	if err == nil {
		return
	}
	if r.started || r.taken {
		// Part of the answer has gone out with a good status: cutting the connection is the one honest sign left.
		h.log.Error("answer broken off", "url", r.path, "err", err)
		panic(http.ErrAbortHandler)
	}
	h.fail(r, err)
}

// guarded is dispatch that turns a panic, a defect of ours, into an error: the caller gets an answer and the log the place.
func (h *handler) guarded(r *request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return h.dispatch(r)
}

func (h *handler) dispatch(r *request) error {
	rt, name, allowed := h.router.find(r.method, r.path)
	if rt == nil {
		return &routeError{method: r.method, path: r.path, allowed: allowed}
	}
	if err := h.awaitRaftIndex(r); err != nil {
		return err
	}
	if name != "" {
		r.dbName = name
		db, err := h.server.Database(r.http.Context(), name)
		if err != nil {
			return err
		}
		r.db = db
		h.addRefreshHeaders(r)
	}
	return rt.handle(h, r)
}

// awaitRaftIndex makes the node catch up to what the client has seen, when it says so.
func (h *handler) awaitRaftIndex(r *request) error {
	text := first(r.header["Known-Raft-Index"])
	if text == "" || text == "0" {
		return nil
	}
	index, err := strconv.ParseUint(unquote(text), 10, 64)
	if err != nil {
		return &invalidError{what: "header Known-Raft-Index", value: text, want: "a whole number"}
	}
	ctx, cancel := context.WithTimeout(r.http.Context(), raftIndexWaitMax)
	defer cancel()
	return h.server.Cluster().WaitIndex(ctx, index)
}

// notModified answers 304 when the client has what etag stands for, and remembers etag for the answer either way.
func (r *request) notModified(etag string) bool {
	r.etag = etag
	known, ok := r.header["If-None-Match"]
	if !ok || etag == "" || unquote(strings.TrimPrefix(first(known), "W/")) != etag { // proxies that compress make it weak
		return false
	}
	r.status = http.StatusNotModified
	return true
}

// expectedVector returns the change vector of If-Match; ok is false when the header was not sent.
func (r *request) expectedVector() (cv string, ok bool) {
	v, ok := r.header["If-Match"]
	if !ok || len(v) == 0 {
		return "", false
	}
	return unquote(v[0]), true
}

// intParam reads a whole number from 0 up; fallback when it is absent or empty.
func (r *request) intParam(name string, fallback int) (int, error) {
	text := r.params.get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &invalidError{what: "parameter " + name, value: text, want: "a whole number from 0 up"}
	}
	return int(min(n, maxInt)), nil
}

// boolParam reads true or false; absent is false.
func (r *request) boolParam(name string) (bool, error) {
	text := r.params.get(name)
	switch {
	case text == "" || strings.EqualFold(text, "false"):
		return false, nil
	case strings.EqualFold(text, "true"):
		return true, nil
	}
	return false, &invalidError{what: "parameter " + name, value: text, want: "true or false"}
}

const maxInt = int64(^uint(0) >> 1)

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// baseURL is the address by which the client reached the server, unless a public one is configured.
func (h *handler) baseURL(r *request) string {
	if public := h.server.PublicURL(); public != "" {
		return public
	}
	return fmt.Sprintf("http://%s", r.http.Host)
}
