// Package fault says what kind of failure an error is, from a small closed set.
//
// An error type names its kind with a method Kind() fault.Kind; Of finds it through any wrapping.
// The table from kinds to HTTP statuses stands in package api, nowhere else.
package fault

import (
	"context"
	"errors"
)

// Kind is the class of a failure: what the one who gets it may do about it.
type Kind uint8

// The kinds. Internal is the zero value: an error that says nothing of itself is our own fault.
const (
	Internal        Kind = iota // a defect of ours
	Invalid                     // the request is malformed; sending it again cannot help
	Unauthenticated             // who asks is unknown
	Forbidden                   // who asks is known and may not
	NotFound                    // the thing asked for does not exist
	Conflict                    // the thing changed since the caller saw it
	TooLarge                    // a stated bound was passed
	Timeout                     // the time allowed ran out; the outcome may be unknown
	Unavailable                 // cannot be done now, may be later: closed, full, loading
	Corrupt                     // stored bytes are not what was written
)

var names = [...]string{
	"internal", "invalid", "unauthenticated", "forbidden", "not found", "conflict",
	"too large", "timeout", "unavailable", "corrupt",
}

// String returns the kind in lower-case words.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Of returns the kind of the outermost error in err's chain that knows its kind; context errors are Timeout; else Internal.
func Of(err error) Kind {
	var known interface{ Kind() Kind }
	if errors.As(err, &known) {
		return known.Kind()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Timeout
	}
	return Internal
}
