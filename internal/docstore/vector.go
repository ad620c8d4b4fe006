package docstore

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/rookerydb/rookery/internal/changevector"
)

// appendVector appends the change vector of a write with etag: the previous one (empty: none) in which this node's entry
// says etag. previous must not lie in what dst may overwrite.
//
// Nearly always a document was only ever written here. Such a vector is written without looking at entries.
func (s *Store) appendVector(dst, previous []byte, etag int64) ([]byte, error) {
	if len(previous) == 0 || s.ownVector(previous) {
		dst = append(dst, s.tag...)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, etag, 10)
		dst = append(dst, '-')
		return append(dst, s.databaseID...), nil
	}
	v, err := changevector.Parse(string(previous))
	if err != nil {
		return dst, fmt.Errorf("stored change vector %q: %w", previous, err)
	}
	return append(dst, v.With(s.tag, etag, s.databaseID).String()...), nil
}

// ownVector says whether v is the one entry of this node: tag, colon, etag, dash, database id.
func (s *Store) ownVector(v []byte) bool {
	head, tail := len(s.tag)+1, len(s.databaseID)+1
	return len(v) > head+tail && string(v[:len(s.tag)]) == s.tag && v[head-1] == ':' &&
		string(v[len(v)-tail+1:]) == s.databaseID && bytes.IndexByte(v[head:len(v)-tail], ',') < 0 && v[len(v)-tail] == '-'
}
