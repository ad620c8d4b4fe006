package rql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/fault"
)

// SyntaxError reports a text that is not RQL, and where reading stopped.
type SyntaxError struct {
	Pos
	Msg   string // what was expected and found, without the position
	Hint  string // how to mend it; may be empty
	Query string // the whole text
}

// Kind reports fault.Invalid: the text is at fault.
func (e *SyntaxError) Kind() fault.Kind { return fault.Invalid }

// Error returns position and message, the line with a caret below the place, and the hint.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s", e.Place(), e.Msg, Excerpt(e.Query, e.Pos))
	if e.Hint != "" {
		b.WriteString("\n" + e.Hint)
	}
	return b.String()
}

// LimitError reports a query that passes a bound of this package: its length or its nesting.
type LimitError struct {
	Pos
	What string // what is bounded: "query text in bytes", "nesting"
	Max  int
}

// Kind reports fault.TooLarge.
func (e *LimitError) Kind() fault.Kind { return fault.TooLarge }

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %s is over the limit of %d", e.Place(), e.What, e.Max)
}

// Excerpt returns the line of text that holds p and, below it, a caret under the place; both indented by two blanks.
//
// Long lines are cut on both sides of the caret and marked with "…". Tabs become blanks, so that the caret stands right.
func Excerpt(text string, p Pos) string {
	off := min(max(p.Off, 0), len(text))
	start := strings.LastIndexByte(text[:off], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[off:], '\n'); i >= 0 {
		end = off + i
	}
	before, after := lastChars(text[start:off]), firstChars(strings.TrimRight(text[off:end], "\r"))
	line := strings.Map(visible, before+after)
	return "  " + line + "\n  " + strings.Repeat(" ", utf8.RuneCountInString(before)) + "^"
}

func lastChars(s string) string {
	n := utf8.RuneCountInString(s)
	if n <= excerptCharsMax {
		return s
	}
	for ; n > excerptCharsMax; n-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return "…" + s
}

func firstChars(s string) string {
	n := 0
	for i := range s {
		if n == excerptCharsMax {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// visible replaces characters that would move the caret or the terminal's cursor.
func visible(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
