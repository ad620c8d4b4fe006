package jsondoc

import (
	"fmt"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/fault"
)

// SyntaxError says where and why a text is not a document we take. Its kind is Invalid, or TooLarge where a bound on
// bytes was passed.
type SyntaxError struct {
	Off  int    // position in the text in bytes, from 0
	Line int    // from 1; lines end with \n
	Col  int    // position in the line in characters, from 1
	Msg  string // what is wrong
	Hint string // what to do about it; may be empty

	tooLarge bool
}

// Error returns `line 3, column 14: property "name" appears twice in one object`, and the hint behind it.
func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Kind is Invalid or TooLarge.
func (e *SyntaxError) Kind() fault.Kind {
	if e.tooLarge {
		return fault.TooLarge
	}
	return fault.Invalid
}

// newSyntaxError returns the error for the byte at off in text.
func newSyntaxError(text []byte, off int, msg, hint string) *SyntaxError {
	line, lineStart := 1, 0
	for i, c := range text[:off] {
		if c == '\n' {
			line, lineStart = line+1, i+1
		}
	}
	col := utf8.RuneCount(text[lineStart:off]) + 1
	return &SyntaxError{Off: off, Line: line, Col: col, Msg: msg, Hint: hint}
}

// CorruptError says that stored bytes are not a document that we wrote.
type CorruptError struct {
	Off int // position in the stored bytes, where the first fault was seen
	Msg string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("stored document, byte %d: %s", e.Off, e.Msg)
}

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

// PathError says that an edit's path leads through a value that has no such part.
type PathError struct {
	Path []string
	At   int // which part of Path could not be followed
	Msg  string
}

func (e *PathError) Error() string {
	return fmt.Sprintf("path %q, part %d: %s", e.Path, e.At+1, e.Msg)
}

// Kind is Invalid.
func (e *PathError) Kind() fault.Kind { return fault.Invalid }
