package client

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
)

// errorBody is what the client reads of the body of an answer with an error status.
type errorBody struct {
	class, message   string
	id               string
	expected, actual string // change vectors
}

// parseErrorBody reads body. ok is false when it is not a JSON object. Names count letter by letter: beside Type there is the
// type of RFC 9457, which encoding/json would take for the same.
func parseErrorBody(text []byte) (body errorBody, ok bool) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return errorBody{}, false
	}
	member := func(name string) (s string) {
		_ = json.Unmarshal(members[name], &s) // what is no text counts as not there
		return s
	}
	return errorBody{
		class: member("Type"), message: member("Message"), id: cmp.Or(member("Id"), member("DocId")),
		expected: member("ExpectedChangeVector"), actual: member("ActualChangeVector"),
	}, true
}

// serverError makes the typed error of an answer with an error status. A body that is not ours, as of a proxy, is taken as
// the message.
func serverError(status int, header http.Header, text []byte, url, node string) error {
	body, ok := parseErrorBody(text)
	if !ok {
		body.message = plainText(text)
	}
	e := &ServerError{Status: status, Type: body.class, Message: body.message, URL: url, Node: node}
	if database := header.Get("Database-Missing"); database != "" {
		return &DatabaseMissingError{ServerError: e, Database: database}
	}
	if typed := byClass(e, body); typed != nil {
		return typed
	}
	switch status {
	case http.StatusConflict:
		return concurrencyError(e, body)
	case http.StatusNotImplemented:
		return &UnsupportedError{e}
	case http.StatusUnauthorized, http.StatusForbidden:
		return &AuthorizationError{e}
	}
	return e
}

// byClass is the typed error of the class that the server names; nil when it has none here.
func byClass(e *ServerError, body errorBody) error {
	switch e.Class() {
	case "ConcurrencyException", "ClusterTransactionConcurrencyException":
		return concurrencyError(e, body)
	case "DocumentConflictException":
		return &ConflictError{ServerError: e, ID: body.id}
	case "DatabaseDoesNotExistException":
		return &DatabaseMissingError{ServerError: e}
	case "DatabaseDisabledException", "DatabaseLoadFailureException", "DatabaseLoadTimeoutException", "DatabaseIdleException", "DatabaseRestoringException":
		return &DatabaseUnavailableError{e}
	case "RavenTimeoutException", "TimeoutException":
		return &TimeoutError{e}
	case "NotSupportedException", "RouteNotFoundException":
		return &UnsupportedError{e}
	case "JavaScriptException", "JavaScriptParseException":
		return &ScriptError{e}
	case "InvalidQueryException":
		return &QueryError{e}
	case "IndexDoesNotExistException":
		return &IndexMissingError{e}
	case "AuthorizationException", "AuthenticationException", "SecurityException":
		return &AuthorizationError{e}
	}
	return nil
}

func concurrencyError(e *ServerError, body errorBody) error {
	return &ConcurrencyError{ServerError: e, ID: body.id, Expected: body.expected, Actual: body.actual}
}

// plainText is the beginning of a body that is not JSON.
func plainText(text []byte) string {
	const shown = 200
	s := strings.ToValidUTF8(strings.TrimSpace(string(text[:min(len(text), shown)])), "?")
	if len(text) > shown {
		s += "…"
	}
	return s
}
