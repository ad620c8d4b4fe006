package rql

// from reads "from Orders as o", "from index 'Orders/ByTotal'", "from @all_docs", "from Users (Revisions = true) as u".
func (p *parser) from() From {
	f := From{Pos: p.tok.pos}
	if !p.acceptWord("from") {
		p.noFrom()
		return f
	}
	f.NameAt = p.tok.pos
	switch {
	case p.isWord("@all_docs"), p.isWord("@all"):
		f.Kind = AllDocs
		p.next()
	case p.isWord("index") && p.nameFollows():
		p.next()
		f.Kind, f.NameAt = Index, p.tok.pos
		f.Name = p.name("the name of an index")
	case p.isReserved():
		p.expectedHint("the name of a collection", "write it in quotes: from '"+p.tok.text+"'")
	default:
		f.Name = p.name("the name of a collection")
	}
	if p.accept(tokenOpenParen) {
		f.Filter = p.condition()
		p.closeParen()
	}
	f.Alias = p.fromAlias()
	return f
}

// nameFollows tells "from index 'X'" and "from index X" from a collection called index.
func (p *parser) nameFollows() bool {
	t := p.peek()
	return t.kind == tokenString || t.kind == tokenIdent && !t.isWord("as") && clauseOf(&t) == noClause
}

func (p *parser) fromAlias() string {
	if p.acceptWord("as") {
		return p.name("an alias")
	}
	if p.tok.kind != tokenIdent || clauseOf(&p.tok) != noClause {
		return ""
	}
	return p.ident("an alias")
}

func (p *parser) noFrom() {
	hint := "a query begins with from: from Orders where Total > 10"
	if p.tok.kind == tokenIdent {
		if h := didYouMean(p.tok.text, "from", "declare"); h != "" {
			hint = h
		}
	}
	p.expectedHint("'from'", hint)
}
