package client

import (
	"errors"
	"fmt"
	"strings"
)

// ErrClosed is what every call gives after Store.Close.
var ErrClosed = errors.New("the store is closed")

// ServerError is an answer of a node that says no. The other error types below hold one where it has a class of its own.
type ServerError struct {
	Status  int    // HTTP status
	Type    string // as the server names the class, such as Raven.Client.Exceptions.BadRequestException; may be empty
	Message string // for people
	URL     string // what was asked
	Node    string // tag of the node; may be empty
}

func (e *ServerError) Error() string {
	text := e.Message
	if text == "" {
		text = fmt.Sprintf("status %d", e.Status)
	}
	if class := e.Class(); class != "" {
		text = class + ": " + text
	}
	return text
}

// Class is the last segment of Type, such as BadRequestException.
func (e *ServerError) Class() string { return e.Type[strings.LastIndexByte(e.Type, '.')+1:] }

// ConcurrencyError tells that a document is not what the session saw. The batch has changed nothing, and the session keeps
// its changes.
type ConcurrencyError struct {
	*ServerError

	ID               string // the document; may be empty
	Expected, Actual string // change vectors: what was seen (empty: no document), what is there
}

func (e *ConcurrencyError) Unwrap() error { return e.ServerError }

// ConflictError tells that nodes hold versions of a document that do not know each other, and nobody has chosen yet.
type ConflictError struct {
	*ServerError

	ID string // the document; may be empty
}

func (e *ConflictError) Unwrap() error { return e.ServerError }

// DatabaseMissingError tells that there is no such database.
type DatabaseMissingError struct {
	*ServerError

	Database string
}

func (e *DatabaseMissingError) Unwrap() error { return e.ServerError }

// DatabaseUnavailableError tells that the database is there and cannot be used now: disabled, compacted, not loaded.
type DatabaseUnavailableError struct{ *ServerError }

func (e *DatabaseUnavailableError) Unwrap() error { return e.ServerError }

// TimeoutError tells that the server gave up waiting. It is no context.DeadlineExceeded: that is the caller's own.
type TimeoutError struct{ *ServerError }

func (e *TimeoutError) Unwrap() error { return e.ServerError }

// Timeout tells net.Error's question: yes.
func (e *TimeoutError) Timeout() bool { return true }

// UnsupportedError tells that this server does not do what was asked.
type UnsupportedError struct{ *ServerError }

func (e *UnsupportedError) Unwrap() error { return e.ServerError }

// ScriptError tells that a script cannot be read, or failed.
type ScriptError struct{ *ServerError }

func (e *ScriptError) Unwrap() error { return e.ServerError }

// QueryError tells that a query cannot be read, or lacks a parameter. The message has line and column.
type QueryError struct{ *ServerError }

func (e *QueryError) Unwrap() error { return e.ServerError }

// IndexMissingError tells that a query names an index that is not there.
type IndexMissingError struct{ *ServerError }

func (e *IndexMissingError) Unwrap() error { return e.ServerError }

// AuthorizationError tells that the caller may not do this.
type AuthorizationError struct{ *ServerError }

func (e *AuthorizationError) Unwrap() error { return e.ServerError }

// NodeFailure is why one node did not answer. Err is a *ServerError or one of the types that hold it, or an error of the
// connection.
type NodeFailure struct {
	URL string
	Err error
}

// NodesDownError tells that no node could serve a request. errors.As finds the reasons of each.
type NodesDownError struct {
	Failures []NodeFailure // in the order they were asked
}

func (e *NodesDownError) Error() string {
	var b strings.Builder
	b.WriteString("no node could serve the request")
	for _, f := range e.Failures {
		fmt.Fprintf(&b, "; %s: %v", f.URL, f.Err)
	}
	return b.String()
}

// Unwrap returns the reasons.
func (e *NodesDownError) Unwrap() []error {
	reasons := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		reasons[i] = f.Err
	}
	return reasons
}

// UncertainError tells that a write was sent and its answer never came: it may have happened or not. It was not sent
// again, because then it could have happened twice. Load what was written to find out.
type UncertainError struct {
	URL string
	Err error // why there is no answer
}

func (e *UncertainError) Error() string {
	return fmt.Sprintf("%s: the write may have happened or not: %v", e.URL, e.Err)
}

func (e *UncertainError) Unwrap() error { return e.Err }

// AnswerError tells that a node sent something that this client does not understand.
type AnswerError struct {
	URL string
	Err error
}

func (e *AnswerError) Error() string { return fmt.Sprintf("%s: answer: %v", e.URL, e.Err) }

func (e *AnswerError) Unwrap() error { return e.Err }

// RequestLimitError tells that a session would have made more requests than it may.
type RequestLimitError struct{ Max int }

func (e *RequestLimitError) Error() string {
	return fmt.Sprintf("the session has made its %d requests: load several documents at once, include related ones, or raise MaxRequests", e.Max)
}

// UsageError tells of a call that makes no sense. Nothing was sent.
type UsageError struct {
	What string // the argument or state
	Want string // what would do
}

func (e *UsageError) Error() string { return e.What + ": " + e.Want }

// TypeError tells that a document is in the session already as a value of another type.
type TypeError struct {
	ID         string
	Have, Want string // Go types
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("document %q is in this session as %s, not as %s: use another session, or load it Untracked", e.ID, e.Have, e.Want)
}

// DecodeError tells that a document does not fit into the Go type.
type DecodeError struct {
	ID  string
	Err error
}

func (e *DecodeError) Error() string { return fmt.Sprintf("document %q: %v", e.ID, e.Err) }

func (e *DecodeError) Unwrap() error { return e.Err }
