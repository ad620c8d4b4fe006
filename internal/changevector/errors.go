package changevector

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// SyntaxError says where and why a text is not a change vector. Its kind is Invalid, or TooLarge beyond EntriesMax.
type SyntaxError struct {
	Text string
	Off  int // position in Text in bytes, from 0
	Msg  string

	kind fault.Kind
}

func (e *SyntaxError) Error() string {
	const shown = 128 // the text may be anything a client sent
	text := e.Text
	if len(text) > shown {
		return fmt.Sprintf("change vector %q..., byte %d: %s", text[:shown], e.Off, e.Msg)
	}
	return fmt.Sprintf("change vector %q, byte %d: %s", text, e.Off, e.Msg)
}

// Kind is Invalid or TooLarge.
func (e *SyntaxError) Kind() fault.Kind { return e.kind }
