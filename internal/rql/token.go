package rql

import "strings"

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenString // text is the content, unescaped
	tokenNumber
	tokenParam // text is the name without $
	tokenCompare
	tokenComma
	tokenDot
	tokenOpenParen
	tokenCloseParen
	tokenOpenBracket
	tokenCloseBracket
	tokenOpenBrace
	tokenCloseBrace
	tokenSemicolon
	tokenStar
)

// token is one word or sign of the text, from pos.Off up to end.
type token struct {
	pos  Pos
	end  int
	kind tokenKind
	op   CompareOp // of tokenCompare
	text string
}

// isWord reports whether t is the unquoted word lower, which is in lower case, in any case.
func (t *token) isWord(lower string) bool {
	return t.kind == tokenIdent && foldEqual(t.text, lower)
}

// foldEqual compares s with lower, which is ASCII in lower case, ignoring the case of ASCII letters.
func foldEqual(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// describe names t for "found …" in an error message.
func (l *lexer) describe(t token) string {
	switch t.kind {
	case tokenEnd:
		return "end of query"
	case tokenString:
		return "the text " + l.quote(t)
	case tokenNumber:
		return "the number " + l.source(t)
	case tokenParam:
		return "the parameter " + l.source(t)
	default:
		return l.quote(t)
	}
}

// quote returns t as it stands in the text, in single quotes unless it has quotes of its own.
func (l *lexer) quote(t token) string {
	s := l.source(t)
	if t.kind == tokenString {
		return s
	}
	return "'" + s + "'"
}

// source returns t as it stands in the text, cut when it is long, on one line.
func (l *lexer) source(t token) string {
	s, n := l.text[t.pos.Off:t.end], 0
	for i := range s {
		if n == tokenCharsMax {
			s = s[:i] + "…"
			break
		}
		n++
	}
	return strings.Map(visible, s)
}
