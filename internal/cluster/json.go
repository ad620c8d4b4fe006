package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// marshal is json.Marshal without its escapes for HTML: what clients put must come back as they wrote it.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// mustMarshal is marshal for values of this package, all of which have a JSON form.
func mustMarshal(v any) []byte {
	text, err := marshal(v)
	if err != nil {
		panic("BUG: a value of package cluster has no JSON: " + err.Error())
	}
	return text
}

// quoted returns s as a JSON text.
func quoted(s string) []byte { return mustMarshal(s) }

// field is one member of a JSON object: its name, and its value as compact JSON.
type field struct {
	name  string
	value json.RawMessage
}

// parseObject returns the members of a JSON object in their order, values without blanks. A member that stands there
// twice is an error.
func parseObject(text json.RawMessage) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("want a JSON object")
	}
	var fields []field
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("want the name of a member")
		}
		if seen[name] {
			return nil, fmt.Errorf("member %q stands there twice", name)
		}
		seen[name] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, err
		}
		fields = append(fields, field{name: name, value: compact.Bytes()})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("there is more text after the object")
	}
	return fields, nil
}

func appendMember(dst []byte, f field) []byte {
	dst = append(dst, quoted(f.name)...)
	return append(append(dst, ':'), f.value...)
}
