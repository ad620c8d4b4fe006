package jsondoc

import (
	"fmt"
	"unicode/utf8"
)

// What is wrong with a text is said here; hints on how to mend it are in hint.go. Nothing of this runs for good texts.

// expectation is what could have stood where something else was found.
type expectation uint8

const (
	aValue expectation = iota
	aName
	aColon
	commaOrBrace
	commaOrBracket
	theEnd
)

var expectations = [...]string{
	aValue:         "expected a value",
	aName:          "expected a property name in double quotes",
	aColon:         `expected ":" after the property name`,
	commaOrBrace:   `expected "," or "}" after the property`,
	commaOrBracket: `expected "," or "]" after the element`,
	theEnd:         "expected nothing more behind the document",
}

func (p *Parser) complain(off int, msg, hint string) error {
	return newSyntaxError(p.text, off, msg, hint)
}

// unexpected explains why what stands at i is not what was expected there.
func (p *Parser) unexpected(i int, want expectation) error {
	if want == aValue && i == p.n && p.depth == 0 {
		return p.complain(i, "the text is empty", "")
	}
	if i == 0 && p.n >= 3 && string(p.text[:3]) == "\uFEFF" {
		return p.complain(0, "the text begins with a byte order mark", "save it as UTF-8 without one")
	}
	msg := expectations[want] + ", found " + p.found(i)
	return p.complain(i, msg, p.hint(i, want))
}

// found names what stands at i: a word, a character, a byte, or the end.
func (p *Parser) found(i int) string {
	if i >= p.n {
		return "the end of the text"
	}
	if word := p.word(i); word != "" {
		return fmt.Sprintf("%q", word)
	}
	r, size := utf8.DecodeRune(p.text[i:])
	if size == 1 && r == utf8.RuneError {
		return fmt.Sprintf("the byte 0x%02x", p.text[i])
	}
	return fmt.Sprintf("%q", string(r))
}

// word returns the letters of ASCII that stand at i, at most textBytesShown.
func (p *Parser) word(i int) string {
	k := i
	for k < p.n && k < i+textBytesShown && isLetter(p.text[k]) {
		k++
	}
	return string(p.text[i:k])
}

func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

func (p *Parser) tooDeep(i int) error {
	return p.complain(i, fmt.Sprintf("arrays and objects lie more than %d deep", DepthMax), "")
}

func (p *Parser) badUTF8(i int) error {
	msg := fmt.Sprintf("the byte 0x%02x is not UTF-8 here", p.text[i])
	return p.complain(i, msg, "send the text in UTF-8")
}

// controlInString is about the byte below 0x20 at i in the string at start: a control character, or the end of the text.
func (p *Parser) controlInString(i, start int) error {
	if i >= p.n {
		return p.unclosed(start)
	}
	switch c := p.text[i]; c {
	case '\n', '\r':
		return p.complain(i, "a line break stands in a string", `write it as \n, or close the string before it`)
	case '\t':
		return p.complain(i, "a tab stands in a string", `write it as \t`)
	default:
		return p.complain(i, fmt.Sprintf("the control character 0x%02x stands in a string", c),
			fmt.Sprintf(`write it as \u%04x`, c))
	}
}

func (p *Parser) unclosed(start int) error {
	return p.complain(start, "the string that begins here is not closed", "close it with a double quote")
}

// badEscape is about the backslash at i in the string at start.
func (p *Parser) badEscape(i, start int) error {
	if i+1 >= p.n {
		return p.unclosed(start)
	}
	r, _ := utf8.DecodeRune(p.text[i+1:])
	switch r {
	case 'u':
		return p.complain(i, `\u is not followed by four hexadecimal digits`, "")
	case 'x':
		return p.complain(i, `there is no escape \x`, `write \u00 and two hexadecimal digits`)
	case '\'':
		return p.complain(i, `there is no escape \'`, "a single quote needs no backslash")
	}
	return p.complain(i, fmt.Sprintf(`there is no escape \%c`, r), `a backslash itself is written \\`)
}

// badNumber is about the number at start, which is good until i.
func (p *Parser) badNumber(start, i int) error {
	number := p.shorten(p.text[start:i])
	first := start
	if p.text[first] == '-' {
		first++
	}
	if i == first {
		return p.complain(start, "a minus sign without digits", p.numberHint(i))
	}
	if p.text[first] == '0' && i > first+1 && isDigit(p.text[first+1]) {
		return p.complain(start, "number "+number+" has a leading zero", "leave it out, or make the number a string")
	}
	return p.complain(start, "number "+number+" ends without digits", "")
}

// numberOutOfRange is about the number from start to end.
func (p *Parser) numberOutOfRange(start, end int) error {
	number := p.shorten(p.text[start:end])
	return p.complain(start, "number "+number+" is too large for a float64", "make it a string")
}

// duplicate is about the name at i in the text, n bytes from start on in the canonical text.
func (p *Parser) duplicate(i, start, n int) error {
	return p.complain(i, fmt.Sprintf(`property "%s" appears twice in one object`, p.shorten(p.buf[start+1:start+1+n])), "")
}

// duplicateLate is about the name of an entry of the innermost object, found when that object was closed.
func (p *Parser) duplicateLate(slot int) error {
	start := p.entryStart(p.slots[slot])
	n := stringEnd(p.buf, start) - start - 2
	return p.duplicate(originalOff(p.text, start), start, n)
}

// originalOff returns the position in text of what is at off in its canonical form. text is good at least so far.
func originalOff(text []byte, off int) int {
	inString := false
	for i := 0; ; {
		c := text[i]
		if !inString && isSpace(c) {
			i++
			continue
		}
		if off <= 0 {
			return i
		}
		size, canonical := 1, 1
		switch {
		case c == '"':
			inString = !inString
		case c == '\\':
			size, canonical = escapeBytes(text[i:])
		}
		i, off = i+size, off-canonical
	}
}

// escapeBytes returns how long the escape at the front of text is, as given and in canonical form.
func escapeBytes(text []byte) (size, canonical int) {
	switch text[1] {
	case '/':
		return 2, 1
	case 'u':
	default:
		return 2, 2
	}
	r, _ := hex4(text[2:])
	size = 6
	if isHighSurrogate(r) && text[6] == '\\' && text[7] == 'u' {
		if low, ok := hex4(text[8:]); ok && isLowSurrogate(low) {
			r, size = joinSurrogates(r, low), 12
		}
	}
	return size, len(appendRune(nil, r))
}

// shorten returns text, or its beginning with dots behind, never half a character.
func (p *Parser) shorten(text []byte) string {
	if len(text) <= textBytesShown {
		return string(text)
	}
	n := textBytesShown
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return string(text[:n]) + "..."
}
