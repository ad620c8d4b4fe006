package rql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts a text into tokens. It is a value: a copy of it looks ahead without moving the original.
type lexer struct {
	text string
	pos  Pos
	err  *SyntaxError // the first fault; next returns tokenEnd from then on
}

func newLexer(text string) lexer {
	return lexer{text: text, pos: Pos{Off: 0, Line: 1, Col: 1}}
}

// fail keeps the first error. Lexing goes on at the end of the text.
func (l *lexer) fail(pos Pos, msg, hint string) {
	if l.err == nil {
		l.err = &SyntaxError{Pos: pos, Msg: msg, Hint: hint, Query: l.text}
	}
	l.moveTo(len(l.text))
}

// moveTo advances to offset off, counting lines and characters on the way.
func (l *lexer) moveTo(off int) {
	for i := l.pos.Off; i < off; i++ {
		switch c := l.text[i]; {
		case c == '\n':
			l.pos.Line++
			l.pos.Col = 1
		case c&0xC0 != 0x80: // the continuation bytes of a character are not counted
			l.pos.Col++
		}
	}
	l.pos.Off = off
}

// skip advances over n bytes of ASCII without a line break.
func (l *lexer) skip(n int) {
	l.pos.Off += n
	l.pos.Col += n
}

// next returns the next token, tokenEnd at the end of the text and after an error.
func (l *lexer) next() token {
	l.skipSpace()
	t := token{pos: l.pos}
	if l.pos.Off >= len(l.text) {
		t.end = l.pos.Off
		return t
	}
	switch c := l.text[l.pos.Off]; {
	case isIdentStart(c) || c >= utf8.RuneSelf:
		t.kind, t.text = tokenIdent, l.ident()
	case c == '\'' || c == '"':
		t.kind, t.text = tokenString, l.str(c)
	case isDigit(c) || c == '-' && isDigit(l.at(1)):
		t.kind, t.text = tokenNumber, l.number()
	case c == '$':
		t.kind, t.text = tokenParam, l.param()
	default:
		l.sign(&t, c)
	}
	if l.err != nil {
		t.kind = tokenEnd
	}
	t.end = l.pos.Off
	return t
}

// at returns the byte n places ahead, 0 behind the end.
func (l *lexer) at(n int) byte {
	if i := l.pos.Off + n; i < len(l.text) {
		return l.text[i]
	}
	return 0
}

// skipSpace skips blanks, line breaks and both forms of comments.
func (l *lexer) skipSpace() {
	for l.pos.Off < len(l.text) {
		switch c := l.text[l.pos.Off]; {
		case c == ' ' || c == '\t' || c == '\r':
			l.skip(1)
		case c == '\n':
			l.moveTo(l.pos.Off + 1)
		case c == '/' && l.at(1) == '/':
			l.moveTo(lineEnd(l.text, l.pos.Off))
		case c == '/' && l.at(1) == '*':
			l.skipBlockComment()
		default:
			return
		}
	}
}

func (l *lexer) skipBlockComment() {
	i := strings.Index(l.text[l.pos.Off+2:], "*/")
	if i < 0 {
		l.fail(l.pos, "this comment is not closed", "close it with */")
		return
	}
	l.moveTo(l.pos.Off + 2 + i + 2)
}

// lineEnd returns the offset of the line break that ends the line of off, or of the end of the text.
func lineEnd(text string, off int) int {
	if i := strings.IndexByte(text[off:], '\n'); i >= 0 {
		return off + i
	}
	return len(text)
}

// ident reads letters, digits and _ @ -. The text is valid UTF-8.
func (l *lexer) ident() string {
	start, i := l.pos.Off, l.pos.Off
	for i < len(l.text) {
		if c := l.text[i]; c < utf8.RuneSelf {
			if !isIdentByte(c) {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(l.text[i:])
		if !unicode.IsLetter(r) && !(i > start && unicode.IsDigit(r)) {
			break
		}
		i += size
	}
	if i == start {
		r, _ := utf8.DecodeRuneInString(l.text[i:])
		l.fail(l.pos, "unexpected character '"+string(r)+"'", "names with such characters are written in quotes")
		return ""
	}
	l.moveTo(i)
	return l.text[start:i]
}

func (l *lexer) number() string {
	start, i := l.pos.Off, l.pos.Off
	if l.text[i] == '-' {
		i++
	}
	i = l.digits(i)
	if i+1 < len(l.text) && l.text[i] == '.' && isDigit(l.text[i+1]) {
		i = l.digits(i + 1)
	}
	if i < len(l.text) && (l.text[i] == 'e' || l.text[i] == 'E') {
		j := i + 1
		if j < len(l.text) && (l.text[j] == '+' || l.text[j] == '-') {
			j++
		}
		if j < len(l.text) && isDigit(l.text[j]) {
			i = l.digits(j)
		}
	}
	l.skip(i - start)
	return l.text[start:i]
}

// digits returns the offset behind the digits and underscores at i.
func (l *lexer) digits(i int) int {
	for i < len(l.text) && (isDigit(l.text[i]) || l.text[i] == '_') {
		i++
	}
	return i
}

func (l *lexer) param() string {
	start := l.pos
	l.skip(1)
	if c := l.at(0); !isIdentStart(c) && c < utf8.RuneSelf {
		l.fail(start, "expected the name of a parameter after '$'", "parameters are written like $name")
		return ""
	}
	return l.ident()
}

// sign reads punctuation and comparison operators.
func (l *lexer) sign(t *token, c byte) {
	n := 1
	switch c {
	case ',':
		t.kind = tokenComma
	case '.':
		t.kind = tokenDot
	case '(':
		t.kind = tokenOpenParen
	case ')':
		t.kind = tokenCloseParen
	case '[':
		t.kind = tokenOpenBracket
	case ']':
		t.kind = tokenCloseBracket
	case '{':
		t.kind = tokenOpenBrace
	case '}':
		t.kind = tokenCloseBrace
	case ';':
		t.kind = tokenSemicolon
	case '*':
		t.kind = tokenStar
	case '=', '!', '<', '>':
		t.kind = tokenCompare
		t.op, n = compareSign(c, l.at(1))
	default:
		n = 0
	}
	if n == 0 {
		l.fail(l.pos, "unexpected character '"+string(visible(rune(c)))+"'", "")
		return
	}
	t.text = l.text[l.pos.Off : l.pos.Off+n]
	l.skip(n)
}

// compareSign returns the operator that c and the byte after it make, and its length; 0 when they make none.
func compareSign(c, after byte) (CompareOp, int) {
	switch {
	case c == '=' && after == '=':
		return Equal, 2
	case c == '=':
		return Equal, 1
	case c == '!' && after == '=', c == '<' && after == '>':
		return NotEqual, 2
	case c == '<' && after == '=':
		return LessOrEqual, 2
	case c == '<':
		return Less, 1
	case c == '>' && after == '=':
		return GreaterOrEqual, 2
	case c == '>':
		return Greater, 1
	default:
		return Equal, 0
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdentStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '@'
}

func isIdentByte(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '-' }
