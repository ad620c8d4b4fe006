package api

import "net/http"

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
	return &handler{server: o.Server, now: o.Now, log: o.Logger, list: list, router: newRouter(list)}
}

// BodyBytesMax is the bound of a request body.
const BodyBytesMax = bodyBytesMax
