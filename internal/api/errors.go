package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/query"
	"github.com/rookerydb/rookery/internal/rql"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
)

// Official clients choose their exception by the last segment of a type name with this prefix.
const exceptions = "Raven.Client.Exceptions."

// answer is how an error looks from outside.
type answer struct {
	status int
	typ    string
}

// statuses turns the kind of an error into its answer. No other place chooses a status for an error.
//
// 408, 502 and 504 are not used and 503 only for what another node could serve: a client takes them as a sign that the
// node is down and sends the request to the next one. 404 means to a client "no such thing", never "failed".
var statuses = map[fault.Kind]answer{
	fault.Internal:        {http.StatusInternalServerError, exceptions + "RavenException"},
	fault.Invalid:         {http.StatusBadRequest, exceptions + "BadRequestException"},
	fault.Unauthenticated: {http.StatusForbidden, exceptions + "Security.AuthenticationException"},
	fault.Forbidden:       {http.StatusForbidden, exceptions + "Security.AuthorizationException"},
	fault.NotFound:        {http.StatusNotFound, exceptions + "RavenException"},
	fault.Conflict:        {http.StatusConflict, exceptions + "ConcurrencyException"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, exceptions + "BadRequestException"},
	fault.Timeout:         {http.StatusInternalServerError, exceptions + "RavenTimeoutException"},
	fault.Unavailable:     {http.StatusServiceUnavailable, exceptions + "Database.DatabaseLoadFailureException"},
	fault.Corrupt:         {http.StatusInternalServerError, exceptions + "VoronUnrecoverableErrorException"},
}

// answerTo finds the answer to err: by its type where clients have a class for it, else by its kind.
func answerTo(err error) answer {
	a := statuses[fault.Of(err)]
	switch {
	case is[*cluster.DatabaseMissingError](err):
		a = answer{http.StatusServiceUnavailable, exceptions + "Database.DatabaseDoesNotExistException"}
	case is[*server.DatabaseDisabledError](err):
		a = answer{http.StatusServiceUnavailable, exceptions + "Database.DatabaseDisabledException"}
	case is[*storage.DiskFullError](err):
		a = answer{http.StatusInternalServerError, exceptions + "DiskFullException"}
	case is[*storage.FailedError](err):
		a = answer{http.StatusInternalServerError, exceptions + "VoronUnrecoverableErrorException"}
	case is[*docstore.MissingDocumentError](err):
		a = answer{http.StatusInternalServerError, exceptions + "Documents.DocumentDoesNotExistException"}
	case is[*docstore.PolicyError](err):
		a.typ = "System.InvalidOperationException"
	case is[*docstore.CollectionMismatchError](err):
		a.typ = exceptions + "Documents.DocumentCollectionMismatchException"
	case is[*jsondoc.SyntaxError](err):
		a.typ = exceptions + "Documents.DocumentParseException"
	case is[*rql.SyntaxError](err), is[*query.ParameterError](err):
		a.typ = exceptions + "InvalidQueryException"
	case is[*unsupportedError](err), is[*query.UnsupportedError](err):
		a = answer{http.StatusNotImplemented, exceptions + "NotSupportedException"}
	case is[*cluster.CompareExchangeKeyTooLongError](err):
		a.typ = exceptions + "CompareExchangeKeyTooBigException"
	case is[*routeError](err):
		a.typ = exceptions + "RouteNotFoundException"
	}
	return a
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// fail replaces the reply by the answer to err. What is inside an internal or corrupt error goes to the log.
func (h *handler) fail(r *request, err error) {
	a := answerTo(err)
	header := r.reply.header
	r.reset()
	r.reply.header = header[:0]
	r.status = a.status
	message := err.Error()
	if kind := fault.Of(err); kind == fault.Internal || kind == fault.Corrupt {
		log := h.log
		if stack := stackOf(err); stack != "" {
			log = log.With("stack", stack)
		}
		log.Error("request failed", "method", r.method, "url", r.path, "err", err)
	}
	if missing, ok := errors.AsType[*cluster.DatabaseMissingError](err); ok {
		r.set("Database-Missing", strings.Map(headerRune, missing.Name))
	}
	if is[*server.DatabaseCompactingError](err) {
		r.set("Retry-After", retryAfterSeconds)
	}
	if wrong, ok := errors.AsType[*routeError](err); ok && wrong.allowed != "" {
		r.status = http.StatusMethodNotAllowed
		r.set("Allow", wrong.allowed)
	}
	r.appendError(a.typ, message, err)
}

// headerRune replaces what no header may hold.
func headerRune(c rune) rune {
	if c < ' ' || c == 0x7f {
		return '?'
	}
	return c
}

// stackOf is where a panic happened; empty for other errors.
func stackOf(err error) string {
	if p, ok := errors.AsType[*panicError](err); ok {
		return string(p.stack)
	}
	if p, ok := errors.AsType[*database.PanicError](err); ok {
		return string(p.Stack)
	}
	return ""
}

// appendError writes the error body: the four members that clients read, and those of RFC 9457.
func (r *request) appendError(typ, message string, err error) {
	url := r.path
	if r.query != "" {
		url += "?" + r.query
	}
	r.str(`{"Url":`)
	r.quote(url)
	r.str(`,"Type":`)
	r.quote(typ)
	r.str(`,"Message":`)
	r.quote(message)
	r.str(`,"Error":`)
	r.quote(typ + ": " + message)
	if c, ok := errors.AsType[*docstore.ConflictError](err); ok {
		r.str(`,"Id":`)
		r.quote(c.ID)
		r.str(`,"ExpectedChangeVector":`)
		r.quote(c.Expected)
		r.str(`,"ActualChangeVector":`)
		r.quote(c.Actual)
	}
	r.str(`,"type":"about:blank","title":`)
	r.quote(http.StatusText(r.status))
	r.str(`,"status":`)
	r.int(int64(r.status))
	r.str(`,"detail":`)
	r.quote(message)
	r.str(`}`)
}

// invalidError reports a part of the request that makes no sense.
type invalidError struct {
	what, want string
	value      string // as it was sent; empty when it was not
	json       string // the same of a part of a body: JSON text
}

func (e *invalidError) Kind() fault.Kind { return fault.Invalid }

func (e *invalidError) Error() string {
	if e.json != "" {
		return fmt.Sprintf("%s is %s: expected %s", e.what, e.json, e.want)
	}
	if e.value == "" {
		return fmt.Sprintf("%s is missing: expected %s", e.what, e.want)
	}
	return fmt.Sprintf("%s is %q: expected %s", e.what, e.value, e.want)
}

// unsupportedError reports something that clients can ask for and this version does not do.
type unsupportedError struct {
	what string
	hint string // what to do instead; may be empty
}

func (e *unsupportedError) Kind() fault.Kind { return fault.Invalid }

func (e *unsupportedError) Error() string {
	text := e.what + " is not part of this version"
	if e.hint != "" {
		text += ": " + e.hint
	}
	return text
}

// routeError reports a method and path that no route matches.
type routeError struct {
	method, path string
	allowed      string // the methods that the path has, with commas between them; empty when there is no such path
}

func (e *routeError) Kind() fault.Kind {
	if e.method == http.MethodGet || e.method == http.MethodHead || e.allowed != "" {
		return fault.NotFound
	}
	// A client reads 404 on anything but a lookup as "there was nothing", not as a failure.
	return fault.Invalid
}

func (e *routeError) Error() string {
	if e.allowed != "" {
		return fmt.Sprintf("RouteNotFoundException: %s is not possible on %s, only %s", e.method, e.path, e.allowed)
	}
	return fmt.Sprintf("RouteNotFoundException: there is no route %s %s; GET /debug/routes lists them", e.method, e.path)
}

// bodyTooLargeError reports a request body past the bound.
type bodyTooLargeError struct{ bytes int64 }

func (e *bodyTooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *bodyTooLargeError) Error() string {
	return fmt.Sprintf("the request body has %d bytes or more, the limit is %d", e.bytes, bodyBytesMax)
}

// bodyReadError reports a body that broke off.
type bodyReadError struct{ cause error }

func (e *bodyReadError) Kind() fault.Kind { return fault.Invalid }

func (e *bodyReadError) Error() string { return "read request body: " + e.cause.Error() }

func (e *bodyReadError) Unwrap() error { return e.cause }

// panicError reports a handler that panicked: a defect of ours.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Kind() fault.Kind { return fault.Internal }

func (e *panicError) Error() string {
	return fmt.Sprintf("the request met a defect of the server: %v", e.value)
}

// replicasError reports a write that has to reach more nodes than hold the database.
type replicasError struct{ wanted string }

func (e *replicasError) Kind() fault.Kind { return fault.Timeout }

func (e *replicasError) Error() string {
	return fmt.Sprintf("the batch waits for %s other nodes, but this database has one copy only: nothing was written", e.wanted)
}

// noRecordError reports a database that is asked for by name and is not there: to clients the record is null then.
type noRecordError struct{ name string }

func (e *noRecordError) Kind() fault.Kind { return fault.NotFound }

func (e *noRecordError) Error() string { return fmt.Sprintf("there is no database %q", e.name) }
