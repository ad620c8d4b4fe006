package rql

// condition reads terms joined by or, the weakest operator. where, filter and every parenthesis begin here.
func (p *parser) condition() Condition {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	at := p.tok.pos
	first := p.conjunction()
	if !p.isWord("or") {
		return first
	}
	or := &Or{Pos: at, Terms: []Condition{first}}
	for p.acceptWord("or") {
		or.Terms = append(or.Terms, p.conjunction())
	}
	return or
}

// conjunction reads terms joined by and.
func (p *parser) conjunction() Condition {
	at := p.tok.pos
	first := p.negation()
	if !p.isWord("and") {
		return first
	}
	and := &And{Pos: at, Terms: []Condition{first}}
	for p.acceptWord("and") {
		and.Terms = append(and.Terms, p.negation())
	}
	return and
}

// negation reads an optional not, the strongest operator, before a parenthesis or predicate.
func (p *parser) negation() Condition {
	if !p.isWord("not") || p.operatorFollows() {
		return p.primary()
	}
	at := p.tok.pos
	p.next()
	return &Not{Pos: at, Term: p.primary()}
}

// operatorFollows tells a field that is called not from the operator.
func (p *parser) operatorFollows() bool {
	t := p.peek()
	return t.kind == tokenCompare || t.kind == tokenDot || t.isWord("in") || t.isWord("between") || t.isWord("all")
}

func (p *parser) primary() Condition {
	if p.accept(tokenOpenParen) {
		c := p.condition()
		p.closeParen()
		return c
	}
	return p.predicate()
}

// predicate reads a boolean function, or an operand and what is said of it.
func (p *parser) predicate() Condition {
	switch {
	case p.tok.kind == tokenEnd, p.isReserved(), (p.isWord("and") || p.isWord("or")) && !p.operatorFollows():
		p.expected("a condition")
		return nil
	case p.isWord("not") && !p.operatorFollows():
		p.expectedHint("a condition", "put the inner not in parentheses: not (not …)")
		return nil
	}
	at := p.tok.pos
	if c, ok := p.boolFunction(); ok {
		return c
	}
	return p.relation(at, p.operand(fieldPlace))
}

// relation reads what follows the left operand.
func (p *parser) relation(at Pos, left Value) Condition {
	switch {
	case p.err != nil:
		return nil
	case p.tok.kind == tokenCompare:
		op := p.tok.op
		p.next()
		return &Compare{Pos: at, Left: left, Op: op, Right: p.operand(valuePlace)}
	case p.acceptWord("between"):
		b := &Between{Pos: at, Operand: left, Low: p.operand(valuePlace)}
		p.expectWord("and")
		b.High = p.operand(valuePlace)
		return b
	case p.acceptWord("in"):
		return &In{Pos: at, Operand: left, List: p.list()}
	case p.acceptWord("all"):
		p.expectWord("in")
		return &In{Pos: at, Operand: left, All: true, List: p.list()}
	}
	return p.bare(at, left)
}

// bare turns an operand that stands alone into a condition: true, false, or a call of a declared function.
func (p *parser) bare(at Pos, left Value) Condition {
	switch v := left.(type) {
	case *BoolLit:
		return &Constant{Pos: at, Value: v.Value}
	case *Call:
		if p.isDeclared(v.Name) != nil {
			return &Test{Pos: at, Call: v}
		}
	}
	hint := ""
	if p.tok.kind == tokenIdent {
		hint = didYouMean(p.tok.text, "between", "in", "and", "or")
	}
	p.expectedHint("a comparison like = < > in between", hint)
	return nil
}

// list reads the values of in: a parenthesis, possibly empty, or one parameter without one.
func (p *parser) list() []Value {
	if p.tok.kind == tokenParam {
		return []Value{p.operand(valuePlace)}
	}
	p.openParen()
	if p.accept(tokenCloseParen) {
		return nil
	}
	list := make([]Value, 0, 4)
	for {
		list = append(list, p.operand(valuePlace))
		if !p.accept(tokenComma) {
			break
		}
	}
	p.closeParen()
	return list
}
