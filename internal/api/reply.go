package api

import (
	"net/http"
	"strconv"
	"sync"
)

// spillBytes is how much of an answer is held back before the first byte goes out. Until then an error can still
// replace the answer, and small answers carry their length.
const spillBytes = 256 << 10

// keepBytesMax bounds the buffer that a finished request leaves behind for the next one.
const keepBytesMax = 1 << 20

// reply is the answer of one request, built by its handler.
//
// body is appended to directly; spill, called between elements, lets long answers flow.
type reply struct {
	status int    // 0 means 200
	etag   string // without quotes; "" sends none
	header [][2]string
	body   []byte
	text   string // content type when it is not JSON

	w       http.ResponseWriter // nil inside multi_get: such an answer never flows
	started bool                // the head of the answer has gone out
	taken   bool                // the connection speaks another protocol now: no answer follows
}

var bodies = sync.Pool{New: func() any {
	b := make([]byte, 0, 4096)
	return &b
}}

// takeBody returns an empty buffer to build an answer in; giveBody takes back what became of it.
func takeBody() *[]byte {
	buf, ok := bodies.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	*buf = (*buf)[:0]
	return buf
}

func giveBody(buf *[]byte, body []byte) {
	if cap(body) > keepBytesMax {
		return
	}
	*buf = body
	bodies.Put(buf)
}

func (r *reply) str(s string)   { r.body = append(r.body, s...) }
func (r *reply) raw(b []byte)   { r.body = append(r.body, b...) }
func (r *reply) int(n int64)    { r.body = strconv.AppendInt(r.body, n, 10) }
func (r *reply) quote(s string) { r.body = appendQuoted(r.body, s) }

func (r *reply) bool(b bool) { r.body = strconv.AppendBool(r.body, b) }

// set adds a header.
func (r *reply) set(name, value string) { r.header = append(r.header, [2]string{name, value}) }

// noContent answers with 204 and no body.
func (r *reply) noContent() { r.status = http.StatusNoContent }

// reset discards what the handler has written.
func (r *reply) reset() {
	r.status, r.etag, r.text = 0, "", ""
	r.header = r.header[:0]
	r.body = r.body[:0]
}

// spill sends what is there when it has grown past the bound. After the first time the status is out and an error can only
// cut the connection.
func (r *reply) spill() error {
	if len(r.body) < spillBytes || r.w == nil {
		return nil
	}
	if !r.started {
		r.head(-1)
		r.started = true
	}
	_, err := r.w.Write(r.body)
	r.body = r.body[:0]
	return err
}

// send writes the rest of the answer, or all of it.
func (r *reply) send(head bool) {
	if r.taken {
		return
	}
	if !r.started {
		r.head(len(r.body))
	}
	if head || len(r.body) == 0 {
		return
	}
	// An error here means that the client has gone; there is nobody left to tell.
	_, _ = r.w.Write(r.body)
}

var (
	jsonType      = []string{"application/json; charset=utf-8"}
	serverVersion = []string{CompatibleVersion}
)

// head writes status and headers. length -1 means that it is not known yet.
func (r *reply) head(length int) {
	h := r.w.Header()
	h["Raven-Server-Version"] = serverVersion
	if r.etag != "" {
		h["Etag"] = []string{`"` + r.etag + `"`}
	}
	for _, kv := range r.header {
		h.Set(kv[0], kv[1])
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if r.status != http.StatusNoContent && r.status != http.StatusNotModified {
		if r.text != "" {
			h["Content-Type"] = []string{r.text}
		} else {
			h["Content-Type"] = jsonType
		}
		if length >= 0 {
			h["Content-Length"] = []string{strconv.Itoa(length)}
		}
	}
	r.w.WriteHeader(r.status)
}
