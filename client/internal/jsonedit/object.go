package jsonedit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Member is a name and its value in an object. Value is a copy.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Object is the members of a JSON object, in the order of the text. A name that comes twice stays twice.
type Object []Member

// ParseObject reads text, which must be one JSON object.
func ParseObject(text []byte) (Object, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	begin, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if begin != json.Delim('{') {
		return nil, fmt.Errorf("want a JSON object, have %v", begin)
	}
	var o Object
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		o = append(o, Member{Name: name.(string), Value: value}) // the grammar has nothing but strings here
	}
	_, err = dec.Token()
	return o, err
}

// Find is the position of the member called name; -1 when there is none. Of two the last counts, as it does when the text
// is decoded.
func (o Object) Find(name string) int {
	for i, m := range slices.Backward(o) {
		if m.Name == name {
			return i
		}
	}
	return -1
}

// findFold is Find that also takes a name in another case: encoding/json fills a field Name from a member "name" too.
func (o Object) findFold(name string) int {
	if i := o.Find(name); i >= 0 {
		return i
	}
	for i, m := range slices.Backward(o) {
		if strings.EqualFold(m.Name, name) {
			return i
		}
	}
	return -1
}

// Without returns o without the members called name, and the value of the last of them; nil when there is none. o stays as
// it is.
func (o Object) Without(name string) (rest Object, value json.RawMessage) {
	rest = make(Object, 0, len(o))
	for _, m := range o {
		if m.Name == name {
			value = m.Value
			continue
		}
		rest = append(rest, m)
	}
	return rest, value
}

// Append appends o as JSON text to dst.
func (o Object) Append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, m.Name)
		dst = append(dst, ':')
		dst = append(dst, m.Value...)
	}
	return append(dst, '}')
}

// AppendString appends s as a JSON string to dst.
func AppendString(dst []byte, s string) []byte {
	text, err := Marshal(s)
	if err != nil {
		panic("BUG: a string has no JSON text: " + err.Error())
	}
	return append(dst, text...)
}

// Marshal is json.Marshal that leaves <, > and & as they are: documents are no web pages.
func Marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// isObject tells whether text begins as an object does.
func isObject(text []byte) bool { return startsWith(text, '{') }

// isArray tells whether text begins as an array does.
func isArray(text []byte) bool { return startsWith(text, '[') }

func startsWith(text []byte, c byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == c
}
