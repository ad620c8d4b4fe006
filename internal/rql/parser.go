package rql

import (
	"fmt"
	"unicode/utf8"
)

// Parse reads one query.
//
// The error is a *SyntaxError (the first fault, with its place and a hint), or a *LimitError when the text is longer than
// TextBytesMax or nests deeper than DepthMax. The tree shares memory with text.
func Parse(text string) (*Query, error) {
	if len(text) > TextBytesMax {
		return nil, &LimitError{Pos{0, 1, 1}, "query text in bytes", TextBytesMax}
	}
	if !utf8.ValidString(text) {
		return nil, invalidUTF8(text)
	}
	p := parser{lex: newLexer(text)}
	p.next()
	q := p.query()
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

func invalidUTF8(text string) error {
	l := newLexer(text)
	for i, r := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			l.moveTo(i)
			break
		}
	}
	return &SyntaxError{Pos: l.pos, Msg: "the query is not valid UTF-8 here", Query: text}
}

// parser holds the one token it looks at. Once err is set the token is the end of the text and stays so.
type parser struct {
	lex      lexer
	tok      token
	last     token // the token before tok
	depth    int
	inSeries bool // inside a time-series query, where Values[n] is a path
	declared []Declaration
	err      error
}

func (p *parser) next() {
	if p.err != nil {
		return
	}
	p.last = p.tok
	p.tok = p.lex.next()
	if p.lex.err != nil {
		p.stop(p.lex.err)
	}
}

// peek returns the token after tok. Its errors are reported once it is its turn.
func (p *parser) peek() token {
	ahead := p.lex
	return ahead.next()
}

func (p *parser) stop(err error) {
	if p.err == nil {
		p.err = err
		p.tok = token{pos: p.tok.pos, end: p.tok.pos.Off}
	}
}

func (p *parser) fail(at Pos, msg, hint string) {
	p.stop(&SyntaxError{Pos: at, Msg: msg, Hint: hint, Query: p.lex.text})
}

// expected reports that tok is not what.
func (p *parser) expected(what string) { p.expectedHint(what, "") }

func (p *parser) expectedHint(what, hint string) {
	if p.err != nil {
		return
	}
	after := ""
	if p.last.end > p.last.pos.Off {
		after = " after " + p.lex.quote(p.last)
	}
	p.fail(p.tok.pos, fmt.Sprintf("expected %s%s, found %s", what, after, p.lex.describe(p.tok)), hint)
}

// enter counts one level of nesting; every call has its leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > DepthMax {
		p.stop(&LimitError{p.tok.pos, "nesting", DepthMax})
	}
	return p.err == nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) isWord(lower string) bool { return p.tok.isWord(lower) }

// acceptWord steps over the word if tok is it.
func (p *parser) acceptWord(lower string) bool {
	if !p.isWord(lower) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expectWord(lower string) {
	if !p.acceptWord(lower) {
		p.expected("'" + lower + "'")
	}
}

// accept steps over tok if it is of the kind.
func (p *parser) accept(k tokenKind) bool {
	if p.tok.kind != k || p.err != nil {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(k tokenKind, what string) {
	if !p.accept(k) {
		p.expected(what)
	}
}

func (p *parser) openParen()  { p.expect(tokenOpenParen, "'('") }
func (p *parser) closeParen() { p.expect(tokenCloseParen, "')'") }
func (p *parser) comma()      { p.expect(tokenComma, "','") }

// ident steps over an unquoted word and returns it.
func (p *parser) ident(what string) string {
	if p.tok.kind != tokenIdent {
		p.expected(what)
		return ""
	}
	text := p.tok.text
	p.next()
	return text
}

// name steps over a word or a text in quotes, which is a quoted name here, and returns it. Empty names are refused.
func (p *parser) name(what string) string {
	if p.tok.kind != tokenString {
		return p.ident(what)
	}
	if p.tok.text == "" {
		p.fail(p.tok.pos, what+" cannot be empty", "")
		return ""
	}
	text := p.tok.text
	p.next()
	return text
}
