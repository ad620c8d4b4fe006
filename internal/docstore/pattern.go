package docstore

import (
	"strings"
	"unicode/utf8"
)

// pattern is a list of alternatives with wildcards: "*" stands for any run of characters, "?" for exactly one. It
// is in lower case, and so must be what it is compared with.
type pattern []string

// parsePattern splits text at "|" and folds it. Empty alternatives count for nothing, and no alternative at all is nil.
func parsePattern(text string) pattern {
	var p pattern
	for alternative := range strings.SplitSeq(text, "|") {
		if alternative != "" {
			p = append(p, string(appendFolded(nil, alternative)))
		}
	}
	return p
}

// matches says whether one of the alternatives is the whole of s.
func (p pattern) matches(s []byte) bool {
	for _, alternative := range p {
		if matchWildcards(alternative, s) {
			return true
		}
	}
	return false
}

// matchWildcards compares from left to right. When it fails it goes back to the last "*" only, and lets that one take a
// character more: earlier ones need not be tried again, since the last can take whatever they could. So the time is
// at most len(p)*len(s).
func matchWildcards(p string, s []byte) bool {
	i, j := 0, 0
	star, taken := -1, 0 // after the last "*" in p; where what it took ends in s
	for j < len(s) {
		_, width := utf8.DecodeRune(s[j:])
		switch {
		case i < len(p) && p[i] == '*':
			i++
			star, taken = i, j
		case i < len(p) && p[i] == '?':
			i, j = i+1, j+width
		case i < len(p) && p[i] == s[j]:
			i, j = i+1, j+1
		case star >= 0:
			_, width = utf8.DecodeRune(s[taken:])
			taken += width
			i, j = star, taken
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
