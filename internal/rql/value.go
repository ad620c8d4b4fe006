package rql

import "strconv"

// place says what a text in quotes means: a name where a field is expected, a literal where a value is.
type place bool

const (
	fieldPlace place = false
	valuePlace place = true
)

// operand reads a path, literal, parameter or function call, with the functions of conditions.
func (p *parser) operand(in place) Value {
	return p.value(in, &conditionFunctions)
}

// value reads an operand in which the named functions may be called, besides declared ones.
func (p *parser) value(in place, functions *functionSet) Value {
	at := p.tok.pos
	switch p.tok.kind {
	case tokenString:
		text := p.tok.text
		p.next()
		if in == valuePlace && p.tok.kind != tokenDot && p.tok.kind != tokenOpenBracket {
			return &StringLit{at, text}
		}
		return p.pathFrom(at, Segment{Name: text, Quoted: true})
	case tokenNumber:
		p.next()
		return &NumberLit{at, p.last.text}
	case tokenParam:
		p.next()
		return &Param{at, p.last.text}
	case tokenIdent:
		return p.wordValue(at, functions)
	}
	if in == valuePlace {
		p.expected("a value")
	} else {
		p.expected("a field")
	}
	return nil
}

// wordValue reads a value that begins with an unquoted word.
func (p *parser) wordValue(at Pos, functions *functionSet) Value {
	if p.isReserved() {
		p.expectedHint("a value", "a field of this name is written in quotes: '"+p.tok.text+"'")
		return nil
	}
	word := p.tok
	p.next()
	switch {
	case p.tok.kind == tokenOpenParen:
		return p.call(word, functions)
	case p.tok.kind == tokenDot && word.isWord("spatial"):
		return p.dotted(word, functions)
	case p.tok.kind == tokenDot || p.tok.kind == tokenOpenBracket:
		return p.pathFrom(at, Segment{Name: word.text})
	case word.isWord("true"):
		return &BoolLit{at, true}
	case word.isWord("false"):
		return &BoolLit{at, false}
	case word.isWord("null"):
		return &NullLit{at}
	}
	return p.pathFrom(at, Segment{Name: word.text})
}

// dotted reads a path that begins with spatial, or a call like spatial.distance(…).
func (p *parser) dotted(word token, functions *functionSet) Value {
	path := p.pathFrom(word.pos, Segment{Name: word.text})
	if p.tok.kind != tokenOpenParen {
		return path
	}
	word.text = path.Text()
	word.end = p.last.end
	return p.call(word, functions)
}

// path reads a field path. A text in quotes is the name of a segment.
func (p *parser) path() *Path {
	at := p.tok.pos
	switch {
	case p.tok.kind == tokenIdent && p.isReserved():
		p.expectedHint("a field", "a field of this name is written in quotes: '"+p.tok.text+"'")
	case p.tok.kind == tokenIdent, p.tok.kind == tokenString:
		return p.pathFrom(at, p.segment())
	default:
		p.expected("a field")
	}
	return &Path{Pos: at}
}

// pathFrom goes on behind the name of the first segment.
func (p *parser) pathFrom(at Pos, first Segment) *Path {
	p.checkSegment(at, first)
	// one allocation for the usual path of one segment
	node := &struct {
		path Path
		one  [1]Segment
	}{path: Path{Pos: at}}
	p.subscript(&first)
	node.one[0] = first
	node.path.Segments = node.one[:]
	for p.accept(tokenDot) {
		segAt := p.tok.pos
		s := p.segment()
		p.checkSegment(segAt, s)
		p.subscript(&s)
		node.path.Segments = append(node.path.Segments, s)
	}
	return &node.path
}

func (p *parser) checkSegment(at Pos, s Segment) {
	if s.Name == "" {
		p.fail(at, "the name of a field cannot be empty", "")
	}
}

// segment reads the name of one segment.
func (p *parser) segment() Segment {
	s := Segment{Name: p.tok.text, Quoted: p.tok.kind == tokenString}
	if !s.Quoted && p.tok.kind != tokenIdent {
		p.expected("the name of a field")
	}
	p.next()
	return s
}

// subscript reads [] behind a segment, and in time-series queries [n].
func (p *parser) subscript(s *Segment) {
	if !p.accept(tokenOpenBracket) {
		return
	}
	if p.inSeries && p.tok.kind == tokenNumber {
		n, err := strconv.Atoi(p.tok.text)
		if err != nil || n < 0 {
			p.fail(p.tok.pos, "a position in Values counts from 0", "")
		}
		s.Indexed, s.Index = true, n
		p.next()
	} else {
		s.Array = true
	}
	p.expectedClose()
}

func (p *parser) expectedClose() {
	if p.accept(tokenCloseBracket) {
		return
	}
	hint := "every item of an array is written []; one item cannot be addressed"
	if p.inSeries {
		hint = "write Values[0] for the first value"
	}
	p.expectedHint("']'", hint)
}

// isReserved reports whether tok is a word that cannot be a field without quotes, because a clause or an alias may follow the
// place where fields stand. Clients quote exactly these.
func (p *parser) isReserved() bool { return p.tok.kind == tokenIdent && reserved(p.tok.text) }

func reserved(word string) bool {
	for _, r := range [...]string{"as", "select", "where", "load", "group", "order", "include", "filter", "update"} {
		if foldEqual(word, r) {
			return true
		}
	}
	return false
}

// isPlainName reports whether s can stand as an alias or the name of a source without quotes.
func isPlainName(s string) bool {
	l := newLexer(s)
	t := l.next()
	if t.kind != tokenIdent || t.pos.Off != 0 || t.end != len(s) {
		return false
	}
	return !reserved(s) && clauseOf(&t) == noClause && !t.isWord("@all_docs") && !t.isWord("@all") && !t.isWord("index")
}
