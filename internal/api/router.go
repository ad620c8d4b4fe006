package api

import "strings"

const databasePrefix = "/databases/"

// router finds the route of a method and path.
type router struct {
	exact    map[string]*route // method + lower-case path
	database map[string]*route // method + lower-case path after /databases/{db}
	paths    map[string]bool   // every lower-case path or rest that has a route, to tell a wrong method from a wrong path
}

func newRouter(list []route) *router {
	r := &router{exact: map[string]*route{}, database: map[string]*route{}, paths: map[string]bool{}}
	for i := range list {
		rt := &list[i]
		if rest, ok := strings.CutPrefix(rt.path, databasePrefix+"{db}"); ok {
			r.database[rt.method+rest] = rt
			r.paths[rest] = true
		} else {
			r.exact[rt.method+rt.path] = rt
			r.paths[rt.path] = true
		}
	}
	return r
}

// find returns the route, and the database's name where the path has one (decoded). route is nil when there is none;
// knownPath then tells whether another method would have matched.
func (r *router) find(method, path string) (rt *route, database string, knownPath bool) {
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	if name, rest, ok := splitDatabase(path); ok {
		rt, knownPath = r.lookup(r.database, method, rest)
		return rt, name, knownPath
	}
	if path == "" {
		path = "/"
	}
	rt, knownPath = r.lookup(r.exact, method, path)
	return rt, "", knownPath
}

func (r *router) lookup(in map[string]*route, method, path string) (*route, bool) {
	if rt, ok := in[method+path]; ok {
		return rt, true
	}
	path = strings.ToLower(path)
	rt, ok := in[method+path]
	return rt, ok || r.paths[path]
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
