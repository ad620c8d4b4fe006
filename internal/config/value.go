package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// read turns text into a value of the setting's type. want says what would be accepted when text is not; it is empty
// when all is well. Empty text is the zero value of every type.
func (s *Setting) read(text string) (v value, want string) {
	v.text = text
	if text == "" {
		return v, ""
	}
	switch s.Type {
	case Bool:
		return s.readBool(v)
	case Int:
		return s.readInt(v)
	case Choice:
		return s.readChoice(v)
	case Endpoints:
		return s.readEndpoints(v)
	case Text, Secret:
	}
	return v, ""
}

func (s *Setting) readBool(v value) (value, string) {
	switch strings.ToLower(strings.TrimSpace(v.text)) {
	case "true":
		v.flag = true
	case "false":
	default:
		return v, "true or false"
	}
	return v, ""
}

func (s *Setting) readInt(v value) (value, string) {
	n, err := strconv.ParseInt(strings.TrimSpace(v.text), 10, 64)
	if err != nil || n < s.Min || n > s.Max || n > math.MaxInt64/s.Unit.scale() {
		return v, s.wantInt()
	}
	v.number, v.scaled = n, n*s.Unit.scale()
	return v, ""
}

func (s *Setting) wantInt() string {
	of := ""
	if s.Unit != NoUnit {
		of = " of " + s.Unit.String()
	}
	return fmt.Sprintf("a whole number%s from %d to %d", of, s.Min, s.Max)
}

func (s *Setting) readChoice(v value) (value, string) {
	for _, choice := range s.Choices {
		if strings.EqualFold(choice, strings.TrimSpace(v.text)) {
			v.text = choice
			return v, ""
		}
	}
	return v, "one of " + strings.Join(s.Choices, ", ")
}

func (s *Setting) readEndpoints(v value) (value, string) {
	isTCP := strings.HasSuffix(strings.ToLower(s.Key), ".tcp")
	for part := range strings.SplitSeq(v.text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		e, ok := parseEndpoint(part, isTCP)
		if !ok {
			if isTCP {
				return v, "a URL such as tcp://127.0.0.1:38888, or a port"
			}
			return v, "a URL such as http://127.0.0.1:8080"
		}
		v.endpoints = append(v.endpoints, e)
	}
	return v, ""
}
