package rql

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a text in quotes of the kind q and returns its content. Without escapes that is a part of the query text.
func (l *lexer) str(q byte) string {
	start := l.pos
	for i := start.Off + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case q:
			if i+1 < len(l.text) && l.text[i+1] == q {
				return l.strEscaped(start, i, q)
			}
			l.moveTo(i + 1)
			return l.text[start.Off+1 : i]
		case '\\':
			return l.strEscaped(start, i, q)
		}
	}
	l.failOpenString(start, q)
	return ""
}

func (l *lexer) failOpenString(start Pos, q byte) {
	l.fail(start, "this text is not closed", "close it with "+string(rune(q))+"; inside it, write "+`\`+string(rune(q))+" for the quote itself")
}

// strEscaped goes on at i, the first escape of the text that begins at start.
func (l *lexer) strEscaped(start Pos, i int, q byte) string {
	b := append(make([]byte, 0, 2*(i-start.Off)+16), l.text[start.Off+1:i]...)
	for i < len(l.text) {
		switch c := l.text[i]; {
		case c == q && i+1 < len(l.text) && l.text[i+1] == q:
			b = append(b, q)
			i += 2
		case c == q:
			l.moveTo(i + 1)
			return string(b)
		case c == '\\':
			r, n := unescape(l.text[i:])
			if n == 0 {
				l.moveTo(i)
				l.fail(l.pos, "unknown escape in a text", `write \\ for a backslash; the escapes are \' \" \\ \/ \b \f \n \r \t \u0000`)
				return ""
			}
			b = utf8.AppendRune(b, r)
			i += n
		default:
			b = append(b, c)
			i++
		}
	}
	l.failOpenString(start, q)
	return ""
}

// unescape reads the escape at the start of s and returns its character and length; length 0 when it is none.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '\'', '"', '\\', '/':
		return rune(s[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return unescapeUnicode(s)
	default:
		return 0, 0
	}
}

// unescapeUnicode reads \uXXXX, or two of them when they are a surrogate pair. Half a pair is no character, so no escape.
func unescapeUnicode(s string) (rune, int) {
	first, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	second, ok := hex4(s[6:])
	if r := utf16.DecodeRune(first, second); ok && r != utf8.RuneError {
		return r, 12
	}
	return 0, 0
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// appendQuoted appends s in single quotes, escaped so that str reads it back.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ' && c != 0x7f:
			dst = append(dst, c)
		case strings.IndexByte("\b\f\n\r\t", c) >= 0:
			dst = append(dst, '\\', "bfnrt"[strings.IndexByte("\b\f\n\r\t", c)])
		default:
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return append(dst, '\'')
}
