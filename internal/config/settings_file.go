package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readSettingsFile reads path: a JSON object whose keys are dotted, or nested, or both.
func readSettingsFile(path string, readFile func(string) ([]byte, error)) ([]given, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, &FileError{Path: path, Cause: err}
	}
	if len(text) > fileBytesMax {
		return nil, &FileError{Path: path, Cause: fmt.Errorf("has %d bytes, more than %d: is this the right file?", len(text), fileBytesMax)}
	}
	list, off, err := decodeSettings(text, Origin{Source: File, Name: path})
	if err != nil {
		return nil, &FileError{Path: path, Off: off, Cause: err}
	}
	return list, nil
}

// decodeSettings returns the settings in text in the order in which they stand there. off is the place of an error.
func decodeSettings(text []byte, origin Origin) (list []given, off int64, err error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF")) // some editors begin every file with a byte order mark
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	d := fileDecoder{dec: dec, origin: origin, seen: map[string]bool{}}
	if err := d.file(); err != nil {
		return nil, max(dec.InputOffset(), 1), err
	}
	return d.list, 0, nil
}

// fileDecoder walks the tokens, so that duplicate keys are found and the order is kept.
type fileDecoder struct {
	dec    *json.Decoder
	origin Origin
	seen   map[string]bool // lower-case keys
	list   []given
}

func (d *fileDecoder) file() error {
	token, err := d.token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errors.New("want a JSON object")
	}
	if err := d.object("", 1); err != nil {
		return err
	}
	if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more text after the object")
	}
	return nil
}

// object reads the members of an object whose opening brace was read; prefix ends with a dot or is empty.
func (d *fileDecoder) object(prefix string, depth int) error {
	if depth > nestingMax {
		return fmt.Errorf("objects are nested more than %d deep", nestingMax)
	}
	for {
		token, err := d.token()
		if err != nil {
			return err
		}
		if token == json.Delim('}') {
			return nil
		}
		name, ok := token.(string)
		if !ok || name == "" {
			return errors.New("want the name of a setting")
		}
		if err := d.member(prefix+name, depth); err != nil {
			return err
		}
	}
}

func (d *fileDecoder) member(key string, depth int) error {
	token, err := d.token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return d.object(key+".", depth+1)
	case json.Delim('['):
		text, err := d.array()
		if err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
		return d.add(key, text)
	default:
		return d.add(key, scalarText(token))
	}
}

// array reads a list of plain values as one text with ";" between them.
func (d *fileDecoder) array() (string, error) {
	var parts []string
	for {
		token, err := d.token()
		if err != nil {
			return "", err
		}
		switch token {
		case json.Delim(']'):
			return strings.Join(parts, ";"), nil
		case json.Delim('{'), json.Delim('['):
			return "", errors.New("want a list of plain values")
		}
		parts = append(parts, scalarText(token))
	}
}

func (d *fileDecoder) add(key, text string) error {
	lower := strings.ToLower(key)
	if d.seen[lower] {
		return fmt.Errorf("setting %s stands there twice", key)
	}
	d.seen[lower] = true
	d.list = append(d.list, given{key: key, text: text, origin: d.origin})
	return nil
}

func (d *fileDecoder) token() (json.Token, error) {
	token, err := d.dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return token, err
}

// scalarText is a plain JSON value as it would be written on the command line; null is "not set".
func scalarText(token json.Token) string {
	switch v := token.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}
