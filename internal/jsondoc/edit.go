package jsondoc

import (
	"slices"
	"strconv"
)

// Set returns d with value, a JSON text, at path; d stays as it is.
//
// A part of path is the name of a field, or in an array the number of an element in decimal; the number of elements
// itself appends one. A field that is missing is added behind the others, and objects on the way to it are made. The empty
// path replaces the root. Errors: *SyntaxError for value, or when the whole would be too deep or too large; *PathError if
// the path leads through a scalar or beyond the end of an array, or if a new name is not UTF-8.
func Set(d Doc, path []string, value []byte) (Doc, error) {
	canonical, err := Parse(value) // so that an error has its position in value
	if err != nil {
		return nil, err
	}
	p, err := locate(d, path)
	if err != nil {
		return nil, err
	}
	s := splice{start: p.start, end: p.end}
	if p.left == 0 {
		s.text = canonical.Text()
		return s.apply(d)
	}
	for i := len(path) - p.left; i < len(path); i++ {
		if !isText(path[i]) {
			return nil, &PathError{Path: path, At: i, Msg: "the name is not UTF-8"}
		}
	}
	objects := p.left
	if p.parent.Kind() == Array {
		objects-- // this part of the path is the element's number
	}
	if p.parent.Len() > 0 {
		s.text = append(s.text, ',')
	}
	s.text = appendNested(s.text, path[len(path)-objects:], canonical.Text(), p.parent.Kind() == Object)
	return s.apply(d)
}

// Remove returns d without the value at path, and its name if it is a field; d stays as it is. Parts of path are as for
// Set. If there is no such value, d itself is returned. Errors: *PathError if path is empty.
func Remove(d Doc, path []string) (Doc, error) {
	if len(path) == 0 {
		return nil, &PathError{Path: path, Msg: "the root cannot be removed"}
	}
	p, err := locate(d, path)
	if err != nil || p.left > 0 {
		return d, nil //nolint:nilerr // a path that leads nowhere has no value to remove
	}
	s := splice{start: p.entry, end: p.end}
	text := d.Text()
	switch {
	case text[s.end] == ',':
		s.end++
	case text[s.start-1] == ',':
		s.start--
	}
	return s.apply(d)
}

// place is where a path leads in a document's text.
type place struct {
	parent     Value // the array or object that has the value, or is to have it
	entry      int   // where the entry starts: at the name, or the value
	start, end int   // the value; if it is missing, both are where parent's closing bracket stands
	left       int   // how many parts of the path are missing, the value's own included
}

// locate follows path from d's root.
func locate(d Doc, path []string) (place, error) {
	v := d.Root()
	p := place{}
	p.start, p.end = v.Span()
	for i := range path {
		n, err := entryNumber(v, path, i)
		if err != nil {
			return place{}, err
		}
		p.parent = v
		if n == v.Len() {
			_, end := v.Span()
			p.entry, p.start, p.end = end-1, end-1, end-1
			p.left = len(path) - i
			return p, nil
		}
		var name Value
		name, v = v.Entry(n)
		p.start, p.end = v.Span()
		p.entry = p.start
		if p.parent.Kind() == Object {
			p.entry, _ = name.Span()
		}
	}
	return p, nil
}

// entryNumber returns which entry of v the i-th part of path names; v.Len() if it is yet to be added.
func entryNumber(v Value, path []string, i int) (int, error) {
	switch v.Kind() {
	case Object:
		return v.fieldNumber(path[i]), nil
	case Array:
		n, err := strconv.Atoi(path[i])
		if err != nil || n < 0 || n > v.Len() {
			msg := "not the number of an element: the array has " + strconv.Itoa(v.Len())
			return 0, &PathError{Path: path, At: i, Msg: msg}
		}
		return n, nil
	default:
		return 0, &PathError{Path: path, At: i, Msg: "there is a " + v.Kind().String() + ", not an object or array"}
	}
}

// fieldNumber returns which field is called name, or Len.
func (v Value) fieldNumber(name string) int {
	if v.table == 0 {
		return 0
	}
	t := v.layout()
	if f, ok := v.find(t, name); ok {
		return f.i
	}
	return t.n
}

// appendNested appends value as the innermost of objects that have one field each, called as names say. Bare is whether
// the first field stands in an object that is there already.
func appendNested(dst []byte, names []string, value []byte, bare bool) []byte {
	for i, name := range names {
		if i > 0 || !bare {
			dst = append(dst, '{')
		}
		dst = append(AppendString(dst, name), ':')
	}
	dst = append(dst, value...)
	closing := len(names)
	if bare {
		closing--
	}
	for range closing {
		dst = append(dst, '}')
	}
	return dst
}

// splice puts text in place of a document's text from start to end.
type splice struct {
	start, end int
	text       []byte
}

// apply returns the document made of the new text.
func (s splice) apply(d Doc) (Doc, error) {
	old := d.Text()
	return Parse(slices.Concat(old[:s.start], s.text, old[s.end:]))
}
