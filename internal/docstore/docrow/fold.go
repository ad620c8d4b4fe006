package docrow

import (
	"unicode"
	"unicode/utf8"
)

// AppendFolded appends s in the form in which ids and collections are compared: each character in lower case by
// Unicode's simple mapping (UnicodeData.txt), which has no language and never makes two characters of one.
func AppendFolded[S string | []byte](dst []byte, s S) []byte {
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

// appendFoldedRunes is AppendFolded from the first character on that is not ASCII. Bytes that are not UTF-8 become U+FFFD;
// no stored id has that from them, because such ids are refused.
func appendFoldedRunes(dst []byte, s string) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return dst
}
