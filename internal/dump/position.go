package dump

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in the uncompressed text.
type Position struct {
	Off  int64 // in bytes from the start
	Line int64 // from 1; lines end with \n
	Col  int64 // in the line in bytes, from 1
}

// String returns `line 3, column 14 (byte 512)`.
func (p Position) String() string {
	return fmt.Sprintf("line %d, column %d (byte %d)", p.Line, p.Col, p.Off)
}

// Mark is how far a reader has come: what a later Reader over the same file is told to pass over.
type Mark struct {
	Items int64 // taken or passed over, of all kinds, bad ones included
	Off   int64 // the end of the last of them, in bytes of the uncompressed text; 0 when Items is 0
}

// String returns `items:off`, which ParseMark reads.
func (m Mark) String() string {
	return strconv.FormatInt(m.Items, 10) + ":" + strconv.FormatInt(m.Off, 10)
}

// ParseMark reads what Mark.String printed. The error is a *MarkError.
func ParseMark(s string) (Mark, error) {
	items, off, _ := strings.Cut(s, ":")
	n, err1 := strconv.ParseInt(items, 10, 64)
	o, err2 := strconv.ParseInt(off, 10, 64)
	if m := (Mark{Items: n, Off: o}); err1 == nil && err2 == nil && n >= 0 && o >= 0 && m.String() == s {
		return m, nil
	}
	return Mark{}, &MarkError{Text: s}
}
