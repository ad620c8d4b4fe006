package script

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/fault"
)

// ParseError reports a text that is not a script, and where reading stopped.
type ParseError struct {
	Line, Col int    // from 1; the column in characters
	Msg       string // of the engine, without the place
	Source    string // the whole text
}

// Kind is Invalid: the text is at fault.
func (e *ParseError) Kind() fault.Kind { return fault.Invalid }

// Error returns place, message, and the line with a caret below the place.
func (e *ParseError) Error() string {
	return fmt.Sprintf("script, line %d, column %d: %s\n%s", e.Line, e.Col, e.Msg, excerpt(e.Source, e.Line, e.Col))
}

// ScriptError reports what a script threw and did not catch.
type ScriptError struct { //nolint:revive // Error would hide what threw: the script, not this package
	Name      string // "TypeError"; empty when something other than an error was thrown
	Msg       string // message of the error, or the text of what was thrown
	Line, Col int    // where, from 1; 0 when unknown, as when something other than an error was thrown
	Stack     string // the script's own frames, one a line; may be empty
	Output    []string
	Cause     error // of the host, if its error is what was thrown
}

// Kind is that of the host's error if there is one, else Invalid.
func (e *ScriptError) Kind() fault.Kind {
	if e.Cause != nil {
		return fault.Of(e.Cause)
	}
	return fault.Invalid
}

// Unwrap returns the host's error.
func (e *ScriptError) Unwrap() error { return e.Cause }

func (e *ScriptError) Error() string {
	var b strings.Builder
	b.WriteString("script")
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d, column %d", e.Line, e.Col)
	}
	b.WriteString(": ")
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Limit names a bound of a run.
type Limit string

// The limits. StackDepth and Memory are thrown inside the script and may be caught there; the others cannot be.
const (
	Steps       Limit = "steps"
	Time        Limit = "time"
	Memory      Limit = "memory"
	StackDepth  Limit = "call depth"
	OutputBytes Limit = "output"
	ResultBytes Limit = "result"
	HostCalls   Limit = "host calls"
	SourceBytes Limit = "source"
)

// LimitError reports a script that was stopped at a bound.
type LimitError struct {
	Limit  Limit
	Value  string // of the bound, with its unit: "10000 steps", "1s", "33554432 bytes"
	Output []string
}

// Kind is Timeout for Time, else TooLarge.
func (e *LimitError) Kind() fault.Kind {
	if e.Limit == Time {
		return fault.Timeout
	}
	return fault.TooLarge
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("script stopped: over the limit on %s of %s", e.Limit, e.Value)
}

// NotOfferedError reports a call of a function that the script may not use where it runs.
type NotOfferedError struct{ Name string }

// Kind is Invalid.
func (e *NotOfferedError) Kind() fault.Kind { return fault.Invalid }

func (e *NotOfferedError) Error() string {
	return e.Name + "() is not offered where this script runs"
}

// ResultError reports a value that cannot become JSON: nested too deep or in a circle, or of a kind that has no JSON.
type ResultError struct{ Msg string }

// Kind is Invalid.
func (e *ResultError) Kind() fault.Kind { return fault.Invalid }

func (e *ResultError) Error() string { return "result of the script: " + e.Msg }

// EngineError reports a failure inside the engine itself. The runtime is thrown away; the next run has another one.
type EngineError struct{ Msg string }

// Kind is Internal.
func (e *EngineError) Kind() fault.Kind { return fault.Internal }

func (e *EngineError) Error() string { return "script engine: " + e.Msg }

// ErrClosed is returned after Close.
var ErrClosed = errors.New("script engine is closed")

// excerpt returns the line-th line of text and, below it, a caret under the col-th character; both indented by two blanks.
func excerpt(text string, line, col int) string {
	for ; line > 1; line-- {
		_, text, _ = strings.Cut(text, "\n")
	}
	text, _, _ = strings.Cut(text, "\n")
	chars := []rune(strings.Map(visible, strings.TrimSuffix(text, "\r")))
	at := min(max(col-1, 0), len(chars))
	from, to := max(0, at-excerptCharsMax), min(len(chars), at+excerptCharsMax)
	shown := string(chars[from:to])
	return "  " + shown + "\n  " + strings.Repeat(" ", at-from) + "^"
}

// excerptCharsMax is how many characters an excerpt shows before and behind the caret.
const excerptCharsMax = 60

// visible replaces characters that would move the caret or the terminal's cursor.
func visible(r rune) rune {
	if r < ' ' || r == 0x7f || r == utf8.RuneError {
		return ' '
	}
	return r
}
