package jsondoc

import "strings"

// Path returns the value at path, names of fields joined by dots: "@metadata.@collection". ok is false if a field is
// missing or something on the way is not an object. Names with dots are quoted, as in Walk.
func (v Value) Path(path string) (value Value, ok bool) {
	for path != "" {
		var name string
		name, path = cutSegment(path)
		if v, ok = v.Field(name); !ok {
			return Value{}, false
		}
	}
	return v, true
}

// Walk calls fn with each value at path, in the order of the text, until fn returns false.
//
// A path is names of fields joined by dots: "a.b". A name in single quotes may hold anything, a quote inside written
// twice: "'first.name'.x". Arrays on the way and at the end are always gone through, so fn never gets an array; "[]"
// behind a name ("lines[].product") says so, and changes nothing. The empty path is v itself. Where a field is missing
// or a value is a scalar too early, there is nothing to call fn with. There are no wrong paths: what cannot be read as
// above is taken as a name as it stands.
func (v Value) Walk(path string, fn func(Value) bool) {
	if rest, ok := cutBrackets(path); ok { // of v itself
		path = strings.TrimPrefix(rest, ".")
	}
	v.walk(path, fn)
}

// walk reports whether to go on.
func (v Value) walk(path string, fn func(Value) bool) bool {
	if v.Kind() == Array {
		for item := range v.Items() {
			if !item.walk(path, fn) {
				return false
			}
		}
		return true
	}
	if path == "" {
		return fn(v)
	}
	name, rest := cutSegment(path)
	field, ok := v.Field(name)
	if !ok {
		return true
	}
	return field.walk(rest, fn)
}

// cutSegment takes the first name off path, with the brackets and the dot behind it.
func cutSegment(path string) (name, rest string) {
	if name, rest, ok := cutQuoted(path); ok {
		return name, rest
	}
	name, rest, _ = strings.Cut(path, ".")
	for strings.HasSuffix(name, "[]") {
		name = strings.TrimSuffix(name, "[]")
	}
	return name, rest
}

// cutQuoted takes a name in single quotes off path; ok is false if path does not begin with one that ends where a name
// may end.
func cutQuoted(path string) (name, rest string, ok bool) {
	if path == "" || path[0] != '\'' {
		return "", path, false
	}
	for i := 1; i < len(path); i++ {
		if path[i] != '\'' {
			continue
		}
		if i+1 < len(path) && path[i+1] == '\'' {
			i++
			continue
		}
		rest, _ = cutBrackets(path[i+1:])
		if rest != "" && rest[0] != '.' {
			return "", path, false
		}
		name = strings.ReplaceAll(path[1:i], "''", "'")
		return name, strings.TrimPrefix(rest, "."), true
	}
	return "", path, false
}

// cutBrackets takes all "[]" off the front of path.
func cutBrackets(path string) (rest string, ok bool) {
	for strings.HasPrefix(path, "[]") {
		path, ok = path[2:], true
	}
	return path, ok
}
