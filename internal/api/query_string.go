package api

import (
	"net/url"
	"strings"
)

// param is one name and value of a query string, decoded.
type param struct {
	name, value string
}

// params are the parameters of a request in the order in which they were sent, repeated names included.
type params []param

// parseParams decodes a raw query string as the clients write it: it may begin with "&", hold names without "=",
// hold ";" inside values, and "+" for a blank. A bad percent sequence is kept as it stands, because some clients send
// values unescaped.
func parseParams(raw string) params {
	if raw == "" {
		return nil
	}
	out := make(params, 0, strings.Count(raw, "&")+1)
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, param{unescape(name), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	decoded, err := url.QueryUnescape(s)
	if err != nil {
		return strings.ReplaceAll(s, "+", " ")
	}
	return decoded
}

// get returns the first value of name, "" when it is absent. Names match without regard to case.
func (p params) get(name string) string {
	v, _ := p.lookup(name)
	return v
}

// lookup is get that tells absent from empty.
func (p params) lookup(name string) (string, bool) {
	for _, q := range p {
		if strings.EqualFold(q.name, name) {
			return q.value, true
		}
	}
	return "", false
}

// all returns every value of name in the order sent.
func (p params) all(name string) []string {
	var out []string
	for _, q := range p {
		if strings.EqualFold(q.name, name) {
			out = append(out, q.value)
		}
	}
	return out
}

// has tells whether name was sent, with or without a value.
func (p params) has(name string) bool {
	_, ok := p.lookup(name)
	return ok
}
