package cluster

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// separatorDefault stands between the parts of an id.
const separatorDefault = '/'

// ClientConfiguration is what the server tells clients to do.
type ClientConfiguration struct {
	Etag uint64 // the log index of its last change
	// JSON is the configuration as an object without blanks; its first member is Etag, as clients need it.
	JSON json.RawMessage
}

// newClientConfiguration returns the configuration in text with its etag in front, or nil when text is empty or null.
// An etag in text is ignored.
func newClientConfiguration(text json.RawMessage, etag uint64) (*ClientConfiguration, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	fields, err := parseObject(text)
	if err != nil {
		return nil, &InvalidCommandError{Field: "Client", Why: err.Error()}
	}
	out := append([]byte(`{"Etag":`), strconv.FormatUint(etag, 10)...)
	for _, f := range fields {
		if f.name != "Etag" {
			out = appendMember(append(out, ','), f)
		}
	}
	return &ClientConfiguration{Etag: etag, JSON: append(out, '}')}, nil
}

// Separator returns what stands between the parts of ids that the server completes: IdentityPartsSeparator, unless the configuration is missing,
// disabled, or says nothing of it; then it is "/". Only ASCII can separate.
func (c *ClientConfiguration) Separator() byte {
	if c == nil {
		return separatorDefault
	}
	var said struct {
		Disabled               bool
		IdentityPartsSeparator string
	}
	err := json.Unmarshal(c.JSON, &said)
	if s := said.IdentityPartsSeparator; err == nil && !said.Disabled && len(s) == 1 && s != "|" && s[0] > ' ' && s[0] < 0x7f {
		return s[0]
	}
	return separatorDefault
}

// updatedClient returns the configuration in text; when it is what was there before, the one from before with its etag.
func updatedClient(before *ClientConfiguration, text json.RawMessage, etag uint64) (*ClientConfiguration, error) {
	if before == nil {
		return newClientConfiguration(text, etag)
	}
	same, err := newClientConfiguration(text, before.Etag)
	if err != nil || same == nil || bytes.Equal(same.JSON, before.JSON) {
		return same, err
	}
	return newClientConfiguration(text, etag)
}
