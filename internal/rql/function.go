package rql

// boolFunctions are the functions that are conditions, as they are printed.
var boolFunctions = [...]string{
	"exact", "boost", "search", "startsWith", "endsWith", "lucene", "regex", "exists", "fuzzy", "proximity", "intersect",
	"moreLikeThis", "spatial.within", "spatial.contains", "spatial.intersects", "spatial.disjoint",
}

// boolFunction reads a boolean function if one begins at tok. A field that has the name of a function is not followed by a
// parenthesis.
func (p *parser) boolFunction() (Condition, bool) {
	if p.tok.kind != tokenIdent {
		return nil, false
	}
	if p.isWord("spatial") {
		return p.spatial()
	}
	var read func(*parser, Pos) Condition
	switch {
	case p.isWord("exact"):
		read = (*parser).exact
	case p.isWord("boost"):
		read = (*parser).boost
	case p.isWord("search"):
		read = func(p *parser, at Pos) Condition { return p.search(at) }
	case p.isWord("startswith"):
		read = matcher(StartsWith)
	case p.isWord("endswith"):
		read = matcher(EndsWith)
	case p.isWord("lucene"):
		read = matcher(Lucene)
	case p.isWord("regex"):
		read = matcher(Regex)
	case p.isWord("exists"):
		read = func(p *parser, at Pos) Condition { return &Exists{at, p.path()} }
	case p.isWord("fuzzy"):
		read = (*parser).fuzzy
	case p.isWord("proximity"):
		read = (*parser).proximity
	case p.isWord("intersect"):
		read = (*parser).intersect
	case p.isWord("morelikethis"):
		read = (*parser).moreLikeThis
	default:
		return nil, false
	}
	if t := p.peek(); t.kind != tokenOpenParen {
		return nil, false
	}
	at := p.tok.pos
	p.next()
	return p.inParens(at, read), true
}

func (p *parser) inParens(at Pos, read func(*parser, Pos) Condition) Condition {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	p.openParen()
	c := read(p, at)
	p.closeParen()
	return c
}

func (p *parser) exact(at Pos) Condition { return &Exact{at, p.condition()} }

func (p *parser) boost(at Pos) Condition {
	term := p.condition()
	p.comma()
	return &Boost{at, term, p.operand(valuePlace)}
}

func (p *parser) search(at Pos) *Search {
	s := &Search{Pos: at, Field: p.path()}
	p.comma()
	s.Terms = p.operand(valuePlace)
	if p.accept(tokenComma) {
		s.Operator = p.searchOperator()
	}
	return s
}

// searchOperator reads and or or, as a bare word or a text.
func (p *parser) searchOperator() SearchOperator {
	t := p.tok
	if t.kind == tokenString {
		t.kind = tokenIdent
	}
	switch {
	case t.isWord("and"):
		p.next()
		return SearchAnd
	case t.isWord("or"):
		p.next()
		return SearchOr
	}
	p.expected("'and' or 'or'")
	return SearchUnstated
}

// matcher reads the arguments of startsWith and its relatives.
func matcher(f MatchFunc) func(*parser, Pos) Condition {
	return func(p *parser, at Pos) Condition {
		m := &Match{Pos: at, Func: f, Field: p.matchField()}
		p.comma()
		m.Text = p.operand(valuePlace)
		return m
	}
}

// matchField reads a path or id().
func (p *parser) matchField() Value {
	at := p.tok.pos
	switch v := p.operand(fieldPlace).(type) {
	case *Path:
		return v
	case *Call:
		if v.Name == "id" {
			return v
		}
	}
	p.fail(at, "expected a field or id()", "")
	return nil
}

func (p *parser) fuzzy(at Pos) Condition {
	f := &Fuzzy{Pos: at}
	termAt := p.tok.pos
	term, ok := p.condition().(*Compare)
	if !ok || term.Op != Equal {
		p.fail(termAt, "fuzzy takes one equality", "write fuzzy(Name = 'text', 0.7)")
		return f
	}
	f.Term = term
	p.comma()
	f.Factor = p.operand(valuePlace)
	return f
}

func (p *parser) proximity(at Pos) Condition {
	x := &Proximity{Pos: at}
	termAt := p.tok.pos
	term, ok := p.condition().(*Search)
	if !ok {
		p.fail(termAt, "proximity takes one search", "write proximity(search(Name, 'two words'), 3)")
		return x
	}
	x.Term = term
	p.comma()
	x.Distance = p.operand(valuePlace)
	return x
}

func (p *parser) intersect(at Pos) Condition {
	x := &Intersect{at, []Condition{p.condition()}}
	for p.accept(tokenComma) {
		x.Terms = append(x.Terms, p.condition())
	}
	if len(x.Terms) < 2 {
		p.expectedHint("','", "intersect takes two or more conditions")
	}
	return x
}

func (p *parser) moreLikeThis(at Pos) Condition {
	m := &MoreLikeThis{Pos: at}
	if t := p.peek(); p.tok.kind == tokenParam && (t.kind == tokenComma || t.kind == tokenCloseParen) {
		p.next()
		m.Document = &Param{p.last.pos, p.last.text}
	} else {
		m.Term = p.condition()
	}
	if p.accept(tokenComma) {
		m.Options = p.operand(valuePlace)
	}
	return m
}
