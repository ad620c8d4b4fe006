package api

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// postMultiGet answers several reads in one request. Each element is answered as if it had come alone; one that fails
// does not stop the others.
func (h *handler) postMultiGet(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	list, err := arrayMember(body, "Requests", "requests")
	if err != nil {
		return err
	}
	if list.Len() > multiGetCountMax {
		return &invalidError{what: "the length of Requests", value: itoa(list.Len()), want: "at most " + itoa(multiGetCountMax)}
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
	buf := takeBody()
	rep := reply{body: *buf}
	defer func() { giveBody(buf, rep.body) }()
	inner, err := innerRequest(outer, v, &rep)
	if err == nil {
		err = h.serveInner(inner)
	}
	if err != nil {
		h.fail(inner, err)
	}
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
func (h *handler) serveInner(r *request) error {
	rt, name, allowed := h.router.find(r.method, r.path)
	switch {
	case rt == nil:
		return &routeError{method: r.method, path: r.path, allowed: allowed}
	case rt.needs != mayRead || !strings.EqualFold(name, r.dbName) || strings.HasSuffix(rt.path, "/multi_get"):
		return &unsupportedError{what: r.method + " " + r.path + " inside multi_get", hint: "reads of the same database can be bundled"}
	}
	return rt.handle(h, r)
}

// innerRequest builds the request that one element stands for. It is there for the answer even when the element is broken.
func innerRequest(outer *request, v jsondoc.Value, rep *reply) (*request, error) {
	r := &request{
		reply: rep, method: http.MethodGet, http: outer.http, db: outer.db, dbName: outer.dbName, header: http.Header{},
	}
	if v.Kind() != jsondoc.Object {
		return r, &invalidError{what: "an entry of Requests", json: clip(string(v.Raw())), want: "a JSON object"}
	}
	method, err1 := stringMember(v, "Method")
	url, err2 := stringMember(v, "Url")
	query, err3 := stringMember(v, "Query")
	if err := cmp.Or(err1, err2, err3); err != nil {
		return r, err
	}
	if url == "" {
		return r, &invalidError{what: "member Url", want: "a path, such as /databases/" + outer.dbName + "/docs"}
	}
	if method != "" {
		r.method = strings.ToUpper(method)
	}
	url, inURL, _ := strings.Cut(url, "?")
	r.path, r.query = decodePath(url), cmp.Or(strings.TrimPrefix(query, "?"), inURL)
	r.params = parseParams(r.query)
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
