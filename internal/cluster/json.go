package cluster

import (
	"bytes"
	"encoding/json"
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
