package api

import (
	"net/http"
	"strings"
)

const databasePrefix = "/databases/"

// router finds the route of a method and path.
type router struct {
	exact    map[string]*route // method + lower-case path
	database map[string]*route // method + lower-case path after /databases/{db}
	methods  map[string]string // of every lower-case path that has a route ("{db}" stands before a rest): with commas between them
}

func newRouter(list []route) *router {
	r := &router{exact: map[string]*route{}, database: map[string]*route{}, methods: map[string]string{}}
	for i := range list {
		rt := &list[i]
		if rest, ok := strings.CutPrefix(rt.path, databasePrefix+"{db}"); ok {
			r.database[rt.method+rest] = rt
			r.addMethod("{db}"+rest, rt.method)
		} else {
			r.exact[rt.method+rt.path] = rt
			r.addMethod(rt.path, rt.method)
		}
	}
	return r
}

func (r *router) addMethod(path, method string) {
	if known := r.methods[path]; known != "" {
		method = known + ", " + method
	}
	r.methods[path] = method
}

// find returns the route, and the database's name where the path has one (decoded). route is nil when there is none;
// allowed then tells which other methods would have matched. HEAD is served by GET where it has no route of its own.
func (r *router) find(method, path string) (rt *route, database, allowed string) {
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	if name, rest, ok := splitDatabase(path); ok {
		rt, allowed = r.lookup(r.database, "{db}", method, rest)
		return rt, name, allowed
	}
	if path == "" {
		path = "/"
	}
	rt, allowed = r.lookup(r.exact, "", method, path)
	return rt, "", allowed
}

func (r *router) lookup(in map[string]*route, prefix, method, path string) (rt *route, allowed string) {
	if rt, ok := in[method+path]; ok {
		return rt, ""
	}
	path = strings.ToLower(path)
	rt, ok := in[method+path]
	if !ok && method == http.MethodHead {
		rt, ok = in[http.MethodGet+path]
	}
	if ok {
		return rt, ""
	}
	return nil, r.methods[prefix+path]
}

// splitDatabase cuts "/databases/NAME/rest" into NAME and "/rest".
func splitDatabase(path string) (name, rest string, ok bool) {
	if len(path) <= len(databasePrefix) || !strings.EqualFold(path[:len(databasePrefix)], databasePrefix) {
		return "", "", false
	}
	name = path[len(databasePrefix):]
	i := strings.IndexByte(name, '/')
	if i <= 0 {
		return "", "", false
	}
	return name[:i], name[i:], true
}
