package rql

import "strings"

// Script is JavaScript in a query, from its opening to its closing brace, both included. Brackets, strings, templates and
// comments in it are balanced; whether it is valid JavaScript is for the engine to say.
type Script struct {
	Pos
	Text string
}

// script reads a JavaScript block. The parser stands on its opening brace, the lexer behind it.
func (p *parser) script() *Script {
	if p.tok.kind != tokenOpenBrace {
		p.expected("'{'")
		return nil
	}
	s := scriptScanner{text: p.lex.text, open: []openBracket{{'}', p.tok.pos.Off, false}}, at: p.tok.end}
	end, fault, msg := s.run()
	if msg != "" {
		p.lex.moveTo(max(p.lex.pos.Off, fault))
		pos := p.tok.pos
		if fault >= p.tok.end {
			pos = p.lex.pos
		}
		p.fail(pos, msg, "")
		return nil
	}
	b := &Script{Pos: p.tok.pos, Text: p.lex.text[p.tok.pos.Off:end]}
	p.lex.moveTo(end)
	p.next()
	return b
}

// scriptScanner finds the end of a JavaScript block without parsing JavaScript: it knows brackets, the three kinds of strings,
// templates with code inside, comments, and when a slash begins a regular expression.
type scriptScanner struct {
	text string
	at   int
	open []openBracket // the brackets and templates that are open, outermost first

	word     string // the word that was just read; empty after anything else
	value    bool   // what was just read ends a value, so that a slash divides
	headOpen bool   // the word just read opens a head like if (…), after which a slash begins a regular expression
}

// openBracket is an open bracket, waiting for close; '`' is a template, whose code parts wait for '}' above it.
type openBracket struct {
	close byte
	at    int
	head  bool // the parenthesis of if, while, for or with
}

// run returns the offset behind the block's closing brace, or the place of a fault and what it is.
func (s *scriptScanner) run() (end, fault int, msg string) {
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case s.top() == '`':
			msg = s.template()
		case c == '\'' || c == '"':
			msg = s.quoted(c)
		case c == '/':
			msg = s.slash()
		case c == '{' || c == '(' || c == '[' || c == '`':
			s.push(c)
		case c == '}' || c == ')' || c == ']':
			msg = s.pop(c)
		case isWordByte(c):
			s.readWord()
		default:
			s.readSign(c)
		}
		if msg != "" {
			return 0, s.at, msg
		}
		if len(s.open) == 0 {
			return s.at, 0, ""
		}
	}
	last := s.open[len(s.open)-1]
	if last.close == '`' {
		return 0, last.at, "this template is not closed"
	}
	return 0, last.at, "this bracket is not closed; expected '" + string(rune(last.close)) + "'"
}

func (s *scriptScanner) top() byte { return s.open[len(s.open)-1].close }

func (s *scriptScanner) push(c byte) {
	closing := closingOf(c)
	s.open = append(s.open, openBracket{closing, s.at, c == '(' && s.headOpen})
	s.at++
	s.after("", false)
}

// closingOf returns the bracket that closes c.
func closingOf(c byte) byte {
	switch c {
	case '{':
		return '}'
	case '(':
		return ')'
	case '[':
		return ']'
	default:
		return c
	}
}

func (s *scriptScanner) pop(c byte) string {
	last := s.open[len(s.open)-1]
	if last.close != c {
		return "'" + string(rune(c)) + "' does not close the bracket that is open; expected '" + string(rune(last.close)) + "'"
	}
	s.open = s.open[:len(s.open)-1]
	s.at++
	// Behind a closing brace a statement begins far more often than a division of an object goes on.
	s.after("", c == ']' || c == ')' && !last.head)
	return ""
}

// after notes what was just read, for the next slash.
func (s *scriptScanner) after(word string, value bool) {
	s.word, s.value = word, value
	s.headOpen = word == "if" || word == "while" || word == "for" || word == "with"
}

func (s *scriptScanner) readWord() {
	start := s.at
	for s.at < len(s.text) && isWordByte(s.text[s.at]) {
		s.at++
	}
	word := s.text[start:s.at]
	if start > 0 && s.text[start-1] == '.' { // a member may be called return
		s.after("", true)
		return
	}
	s.after(word, !beforeRegex(word))
}

// beforeRegex reports whether a slash after the word begins a regular expression: the word is an operator or a statement's head.
func beforeRegex(word string) bool {
	switch word {
	case "return", "typeof", "instanceof", "in", "of", "new", "delete", "void", "throw", "case", "do", "else", "yield", "await":
		return true
	}
	return false
}

func (s *scriptScanner) readSign(c byte) {
	s.at++
	if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
		return
	}
	// i++ / 2: a doubled sign behind a value leaves a value
	if (c == '+' || c == '-') && s.at < len(s.text) && s.text[s.at] == c && s.value {
		s.at++
		return
	}
	s.after("", false)
}

func (s *scriptScanner) slash() string {
	switch rest := s.text[s.at:]; {
	case strings.HasPrefix(rest, "//"):
		s.at = lineEnd(s.text, s.at)
	case strings.HasPrefix(rest, "/*"):
		i := strings.Index(rest[2:], "*/")
		if i < 0 {
			return "this comment is not closed"
		}
		s.at += 2 + i + 2
	case s.value:
		s.at++
		s.after("", false)
	default:
		return s.regex()
	}
	return ""
}

// regex skips a regular expression; a slash inside [ ] does not end it.
func (s *scriptScanner) regex() string {
	class := false
	for i := s.at + 1; i < len(s.text) && s.text[i] != '\n'; i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.at = i + 1
			s.after("", true)
			return ""
		}
	}
	return "this regular expression is not closed on its line"
}

func (s *scriptScanner) quoted(q byte) string {
	for i := s.at + 1; i < len(s.text) && s.text[i] != '\n'; i++ {
		switch s.text[i] {
		case '\\':
			i++
		case q:
			s.at = i + 1
			s.after("", true)
			return ""
		}
	}
	return "this string is not closed on its line"
}

// template reads the text part of a template up to its end or to the code in ${ }.
func (s *scriptScanner) template() string {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\':
			s.at++
		case c == '`':
			s.open = s.open[:len(s.open)-1]
			s.at++
			s.after("", true)
			return ""
		case c == '$' && strings.HasPrefix(s.text[s.at:], "${"):
			s.at++
			s.push('{')
			return ""
		}
	}
	s.at = min(s.at, len(s.text))
	return ""
}

func isWordByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
}
