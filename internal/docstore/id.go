package docstore

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// separatorDefault stands between the parts of an id.
const separatorDefault = '/'

// noSeparator stands in no id, so that none is completed.
const noSeparator = 1

// idPlan is what a given id asks the server to do.
type idPlan uint8

const (
	idAsGiven  idPlan = iota
	idFromEtag        // ends with the separator: number and node tag are appended
	idRandom          // empty: a GUID
)

// planID checks an id given to Put and says what becomes of it. Errors are *InvalidIDError and *IdentityUnsupportedError.
func planID(id string, separator byte) (idPlan, error) {
	if id == "" {
		return idRandom, nil
	}
	if err := checkID(id); err != nil {
		return idAsGiven, err
	}
	switch id[len(id)-1] {
	case '|':
		return idAsGiven, &IdentityUnsupportedError{ID: id}
	case separator:
		return idFromEtag, nil
	}
	return idAsGiven, nil
}

// checkID refuses what no id may be. Control characters have no place in names that go into URLs, headers, logs and
// lists: there they are accidents or forgeries. The backslash is refused because clients and proxies turn it into a slash.
func checkID(id string) error {
	if len(id) > IDBytesMax {
		return &InvalidIDError{ID: strings.ToValidUTF8(id[:64], "") + "…", Why: "longer than 512 bytes", TooLong: true}
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c < ' ' || c == 0x7f:
			return &InvalidIDError{ID: id, Why: "it has a control character"}
		case c == '\\':
			return &InvalidIDError{ID: id, Why: "it has a backslash"}
		}
	}
	if !utf8.ValidString(id) {
		return &InvalidIDError{ID: strings.ToValidUTF8(id, "\uFFFD"), Why: "it is not UTF-8"}
	}
	return nil
}

// appendEtagID appends an id made by the server: prefix, the etag in 19 digits, so that ids sort as they were made, and
// the node's tag, so that no other node makes the same.
func appendEtagID(dst []byte, prefix string, etag int64, tag string) []byte {
	dst = append(dst, prefix...)
	var digits [19]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + etag%10)
		etag /= 10
	}
	dst = append(dst, digits[:]...)
	dst = append(dst, '-')
	return append(dst, tag...)
}

// appendGUID appends a random (version 4) UUID in its 8-4-4-4-12 form, see RFC 9562 section 5.4.
func appendGUID(dst []byte, r *rand.Rand) []byte {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// appendFolded appends s in the form in which ids and collections are compared: each character in lower case by
// Unicode's simple mapping (UnicodeData.txt), which has no language and never makes two characters of one.
func appendFolded[S string | []byte](dst []byte, s S) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendFoldedRunes(dst, string(s[i:]))
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// appendFoldedRunes is appendFolded from the first character on that is not ASCII. Bytes that are not UTF-8 become U+FFFD;
// no stored id has that from them, because checkID refuses such ids.
func appendFoldedRunes(dst []byte, s string) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return dst
}
