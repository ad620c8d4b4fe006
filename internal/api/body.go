package api

import (
	"io"
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// readBody returns the whole body, bounded by bodyBytesMax.
func (r *request) readBody() ([]byte, error) {
	if r.content == nil || r.length == 0 {
		return nil, nil
	}
	if encoding := first(r.header["Content-Encoding"]); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &unsupportedError{what: "a request body in encoding " + encoding, hint: "send it without Content-Encoding"}
	}
	if r.length > bodyBytesMax {
		return nil, &bodyTooLargeError{bytes: r.length}
	}
	if r.length > 0 {
		return r.readSized()
	}
	b, err := io.ReadAll(io.LimitReader(r.content, bodyBytesMax+1))
	if err != nil {
		return nil, &bodyReadError{cause: err}
	}
	if len(b) > bodyBytesMax {
		return nil, &bodyTooLargeError{bytes: int64(len(b))}
	}
	return b, nil
}

// readSized reads a body of announced length. Who announces much gets the memory as the bytes come: at most eight times of what
// came already, so that copying costs little and lying gains little.
func (r *request) readSized() ([]byte, error) {
	length := int(r.length)
	b := make([]byte, 0, min(length, bodyBytesAhead))
	for {
		n, err := io.ReadFull(r.content, b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF { // between two steps
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, &bodyReadError{cause: err}
		}
		if len(b) == length {
			return b, nil
		}
		b = append(make([]byte, 0, min(length, 8*len(b))), b...)
	}
}

// readObject reads the body as a JSON object.
func (r *request) readObject() (jsondoc.Value, error) {
	text, err := r.readBody()
	if err != nil {
		return jsondoc.Value{}, err
	}
	doc, err := jsondoc.Parse(text)
	if err != nil {
		return jsondoc.Value{}, err
	}
	root := doc.Root()
	if root.Kind() != jsondoc.Object {
		return jsondoc.Value{}, &invalidError{what: "the request body", json: clip(string(doc.Text())), want: "a JSON object"}
	}
	return root, nil
}

// Members of a body. One that is absent or null is as if it had not been sent; one of another kind than asked for is an
// error, because taking it for absent would do something else than the caller meant.

// stringMember reads a text; "" when it was not sent.
func stringMember(v jsondoc.Value, name string) (string, error) {
	text, _, err := givenString(v, name)
	return text, err
}

// givenString is stringMember that tells absent from empty.
func givenString(v jsondoc.Value, name string) (text string, given bool, err error) {
	f, ok := v.Field(name)
	switch {
	case !ok || f.Kind() == jsondoc.Null:
		return "", false, nil
	case f.Kind() != jsondoc.String:
		return "", false, memberError(name, f, "a string or null")
	}
	return f.Str(), true, nil
}

// boolMember reads true or false; false when it was not sent.
func boolMember(v jsondoc.Value, name string) (bool, error) {
	f, ok := v.Field(name)
	if !ok || f.Kind() == jsondoc.Null {
		return false, nil
	}
	value, ok := f.Bool()
	if !ok {
		return false, memberError(name, f, "true or false")
	}
	return value, nil
}

// arrayMember reads an array, which must have been sent; what says of what.
func arrayMember(v jsondoc.Value, name, what string) (jsondoc.Value, error) {
	f, ok := v.Field(name)
	if !ok || f.Kind() == jsondoc.Null {
		return f, &invalidError{what: "member " + name, want: "an array of " + what}
	}
	if f.Kind() != jsondoc.Array {
		return f, memberError(name, f, "an array of "+what)
	}
	return f, nil
}

// wholeMember reads a whole number from 0 up; fallback when it was not sent.
func wholeMember(v jsondoc.Value, name string, fallback int) (int, error) {
	f, ok := v.Field(name)
	if !ok || f.Kind() == jsondoc.Null {
		return fallback, nil
	}
	n, ok := f.Int64()
	if !ok || n < 0 {
		return 0, memberError(name, f, "a whole number from 0 up")
	}
	return int(min(n, maxInt)), nil
}

// memberError says that a member is of the wrong kind or value.
func memberError(name string, f jsondoc.Value, want string) error {
	return &invalidError{what: "member " + name, json: clip(string(f.Raw())), want: want}
}

// clip shortens a text for an error message, between characters.
func clip(s string) string {
	const clipBytes = 60
	if len(s) <= clipBytes {
		return s
	}
	return strings.ToValidUTF8(s[:clipBytes], "") + "…"
}
