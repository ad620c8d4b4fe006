package rql

// selectClause reads what stands behind select; at is the place of that word.
func (p *parser) selectClause(at Pos) *Select {
	s := &Select{Pos: at, Distinct: p.acceptWord("distinct")}
	switch p.tok.kind {
	case tokenStar:
		p.next()
		s.All = true
	case tokenOpenBrace:
		s.Object = p.script()
	default:
		s.Items = p.selectItems()
	}
	return s
}

func (p *parser) selectItems() []SelectItem {
	items := []SelectItem{p.selectItem()}
	for p.accept(tokenComma) {
		items = append(items, p.selectItem())
	}
	return items
}

func (p *parser) selectItem() SelectItem {
	item := SelectItem{Pos: p.tok.pos}
	item.Value = p.selected()
	if p.acceptWord("as") {
		item.Alias = p.name("an alias")
	}
	return item
}

// selected reads one column. A text in quotes is the name of a field here: clients quote fields in this way.
func (p *parser) selected() Selected {
	if p.tok.kind == tokenIdent && p.peekIs(tokenOpenParen) {
		switch {
		case p.isWord("facet"):
			return p.facet()
		case p.isWord("timeseries"):
			return p.selectTimeSeries()
		}
	}
	v := p.value(fieldPlace, &selectFunctions)
	if v == nil {
		return nil
	}
	return v
}

func (p *parser) selectTimeSeries() *TimeSeries {
	p.next()
	p.openParen()
	t := p.timeSeries()
	p.closeParen()
	return t
}
