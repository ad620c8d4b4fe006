package dump

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// How messages put things.

// quote returns s in quotes, shortened so that a message stays one.
func quote(s string) string {
	const shown = 64
	if len(s) > shown {
		return strconv.Quote(s[:shown]) + "…"
	}
	return strconv.Quote(s)
}

// reason returns the message of err, without a position that counts from the start of the item: the file's is told already.
func reason(err error) string {
	if e, ok := errors.AsType[*jsondoc.SyntaxError](err); ok {
		return withHint(e.Msg, e.Hint)
	}
	return err.Error()
}

// article returns the kind with its article.
func article(k jsondoc.Kind) string {
	switch k {
	case jsondoc.Null:
		return "null"
	case jsondoc.Array, jsondoc.Object:
		return "an " + k.String()
	default:
		return "a " + k.String()
	}
}

func hasPrefix(b, prefix []byte) bool { return bytes.HasPrefix(b, prefix) }
