package api

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// multiGetCountMax bounds the requests inside one multi_get: a session sends at most a few dozen.
const multiGetCountMax = 1024

// postMultiGet answers several reads in one request. Each element is answered as if it had come alone; one that fails
// does not stop the others.
func (h *handler) postMultiGet(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	list, ok := body.Field("Requests")
	if !ok || list.Kind() != jsondoc.Array {
		return &invalidError{what: `member "Requests" of the body`, want: "an array of requests"}
	}
	if list.Len() > multiGetCountMax {
		return &invalidError{what: `the length of "Requests"`, value: itoa(list.Len()), want: "at most " + itoa(multiGetCountMax)}
	}
	r.str(`{"Results":[`)
	first := true
	for item := range list.Items() {
		if !first {
			r.str(`,`)
		}
		first = false
		if err := h.multiGetElement(r, item); err != nil {
			return err
		}
	}
	r.str(`]}`)
	return nil
}

// multiGetElement runs one inner request and appends its answer.
func (h *handler) multiGetElement(outer *request, v jsondoc.Value) error {
	buf := bodies.Get().(*[]byte)
	defer bodies.Put(buf)
	rep := reply{body: (*buf)[:0]}
	inner, err := innerRequest(outer, v, &rep)
	if err != nil {
		return err
	}
	h.serveInner(inner)
	*buf = rep.body
	outer.str(`{"Result":`)
	if rep.status == http.StatusNotModified || len(rep.body) == 0 {
		outer.str(`null`)
	} else {
		outer.raw(rep.body)
	}
	outer.str(`,"StatusCode":`)
	if rep.status == 0 {
		rep.status = http.StatusOK
	}
	outer.int(int64(rep.status))
	outer.str(`,"Headers":{`)
	if rep.etag != "" {
		outer.str(`"ETag":`)
		outer.quote(`"` + rep.etag + `"`)
	}
	outer.str(`}}`)
	return outer.spill()
}

// serveInner answers a request inside multi_get. Only reads of the same database are served: what lies inside shares the permission
// of the outer request.
func (h *handler) serveInner(r *request) {
	rt, name, _ := h.router.find(r.method, r.path)
	var err error
	switch {
	case rt == nil:
		err = &routeError{method: r.method, path: r.path}
	case rt.needs != mayRead || !strings.EqualFold(name, r.dbName) || strings.HasSuffix(rt.path, "/multi_get"):
		err = &unsupportedError{what: r.method + " " + r.path + " inside multi_get", hint: "reads of the same database can be bundled"}
	default:
		err = rt.handle(h, r)
	}
	if err != nil {
		h.fail(r, err)
	}
}

// innerRequest builds the request that one element stands for.
func innerRequest(outer *request, v jsondoc.Value, rep *reply) (*request, error) {
	if v.Kind() != jsondoc.Object {
		return nil, &invalidError{what: `an entry of "Requests"`, value: clip(string(v.Raw())), want: "a JSON object"}
	}
	r := &request{
		reply: rep, method: strings.ToUpper(stringField(v, "Method")), path: decodePath(stringField(v, "Url")),
		params: parseParams(strings.TrimPrefix(stringField(v, "Query"), "?")),
		http:   outer.http, db: outer.db, dbName: outer.dbName, header: http.Header{},
	}
	if r.method == "" {
		r.method = http.MethodGet
	}
	if headers, ok := v.Field("Headers"); ok && headers.Kind() == jsondoc.Object {
		for name, value := range headers.Fields() {
			if value.Kind() == jsondoc.String {
				r.header.Set(name, value.Str())
			}
		}
	}
	if content, ok := v.Field("Content"); ok && content.Kind() != jsondoc.Null {
		text := content.Raw()
		if content.Kind() == jsondoc.String {
			text = content.Bytes(nil)
		}
		r.content, r.length = bytes.NewReader(text), int64(len(text))
	}
	return r, nil
}

// decodePath undoes percent escapes where they are valid.
func decodePath(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
