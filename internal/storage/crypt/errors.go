package crypt

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// Part says what of an environment does not open.
type Part uint8

// The parts.
const (
	PagePart   Part = iota + 1 // a page or an overflow run
	RecordPart                 // a record of a journal
)

// Reason says in which way it is not what was sealed.
type Reason uint8

// The reasons.
const (
	BadTag      Reason = iota + 1 // bytes changed since, or it was sealed with another key
	WrongNumber                   // a page, but another one
	BadSize                       // fewer bytes than the page or run says it has
)

// String returns the reason in lower-case words.
func (r Reason) String() string {
	switch r {
	case BadTag:
		return "the tag does not agree"
	case WrongNumber:
		return "wrong number"
	case BadSize:
		return "bad size"
	default:
		return "unknown"
	}
}

// TamperError reports stored bytes that are not what was sealed with this key. Nothing of them was handed out.
type TamperError struct {
	Part   Part
	Number uint64 // of the page, or the transaction of the record
	Found  uint64 // for WrongNumber, the page that lies there
	Reason Reason
}

// Kind is Corrupt.
func (*TamperError) Kind() fault.Kind { return fault.Corrupt }

func (e *TamperError) Error() string {
	what := "encrypted page"
	if e.Part == RecordPart {
		what = "encrypted record of transaction"
	}
	if e.Reason == WrongNumber {
		return fmt.Sprintf("%s %d: found page %d in its place", what, e.Number, e.Found)
	}
	return fmt.Sprintf("%s %d: %v", what, e.Number, e.Reason)
}

// NonceExhaustedError reports that the environment was flushed so often since it was opened that a nonce would come
// again. Opening it anew helps.
type NonceExhaustedError struct{ Flushes uint32 }

// Kind is Unavailable.
func (*NonceExhaustedError) Kind() fault.Kind { return fault.Unavailable }

func (e *NonceExhaustedError) Error() string {
	return fmt.Sprintf("%d flushes since the environment was opened: open it anew before the next", e.Flushes)
}
