package jsondoc

import "strings"

const (
	hintComment  = "JSON has no comments"
	hintQuotes   = "strings stand in double quotes"
	hintNames    = "put the property name in double quotes"
	hintTrailing = "leave out the comma before it"
	hintMissing  = "a comma is missing before it"
	hintNaN      = "JSON has no NaN and no Infinity: use null or a string"
	hintCutOff   = "is the text cut off?"
)

// hint says how to mend the usual mistake that shows as the unexpected thing at i; "" if it is none of those.
func (p *Parser) hint(i int, want expectation) string {
	if i >= p.n {
		return hintCutOff
	}
	switch c := p.text[i]; c {
	case '/', '#':
		return hintComment
	case 0xFE, 0xFF:
		return "send the text in UTF-8, not in UTF-16"
	}
	switch want {
	case aValue:
		return p.valueHint(i)
	case aName:
		return p.nameHint(i)
	case aColon:
		return p.colonHint(i)
	case commaOrBrace, commaOrBracket:
		return p.commaHint(i, want)
	case theEnd:
		return p.endHint(i)
	}
	return ""
}

// valueHint is for what stands in place of a value.
func (p *Parser) valueHint(i int) string {
	switch c := p.text[i]; c {
	case '\'', '`':
		return hintQuotes
	case ']', '}':
		if p.before(i) == ',' {
			return hintTrailing
		}
		return "a value is missing before it"
	case ',':
		return "a value is missing before it"
	case '+':
		return "write the number without the plus sign"
	case '.':
		return "write a zero before the point"
	}
	switch word := p.word(i); strings.ToLower(word) {
	case "":
		return ""
	case "nan", "infinity", "inf":
		return hintNaN
	case "true", "false", "null":
		return "write " + strings.ToLower(word) + " in lower case"
	case "none", "nil", "undefined":
		return "write null"
	}
	return hintQuotes
}

// nameHint is for what stands in place of a property's name.
func (p *Parser) nameHint(i int) string {
	switch c := p.text[i]; {
	case c == '\'' || c == '`' || c == '_' || c == '$' || c == '-' || isDigit(c) || isLetter(c) || c >= 0x80:
		return hintNames
	case c == '}' && p.before(i) == ',':
		return hintTrailing
	case c == ',':
		return "there is a comma too many"
	}
	return ""
}

// colonHint is for what stands in place of the colon.
func (p *Parser) colonHint(i int) string {
	switch p.text[i] {
	case '=':
		return "write a colon instead"
	case ',', '}':
		return "each property needs a value"
	}
	return ""
}

// commaHint is for what stands behind a value in an array or object.
func (p *Parser) commaHint(i int, want expectation) string {
	c := p.text[i]
	if i > 0 && isDigit(p.text[i-1]) && (c == 'x' || c == 'X' || c == '_') {
		return "numbers are written in decimal digits only"
	}
	switch {
	case c == ';':
		return "write a comma instead"
	case c == ']':
		return "the innermost bracket that is open is {"
	case c == '}':
		return "the innermost bracket that is open is ["
	case c == ':' && want == commaOrBracket:
		return "only objects have names: use { } instead of [ ]"
	case c == '\'':
		return hintQuotes
	case c == '"' || c == '{' || c == '[' || c == '-' || isDigit(c) || isLetter(c):
		return hintMissing
	}
	return ""
}

// endHint is for what stands behind the document.
func (p *Parser) endHint(i int) string {
	switch p.text[i] {
	case ']', '}':
		return "there is a closing bracket too many"
	case '{', '[', ',':
		return "send one document at a time"
	}
	return ""
}

// numberHint is for what stands at i, behind a minus sign.
func (p *Parser) numberHint(i int) string {
	switch strings.ToLower(p.word(i)) {
	case "infinity", "inf", "nan":
		return hintNaN
	}
	return ""
}

// before returns the last byte before i that is no white space; 0 if there is none.
func (p *Parser) before(i int) byte {
	for i--; i >= 0; i-- {
		if !isSpace(p.text[i]) {
			return p.text[i]
		}
	}
	return 0
}
