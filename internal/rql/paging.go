package rql

// paging reads "limit offset, size", "limit size", and offset before or behind limit. Both words fill the one Limit.
func (p *parser) paging(c clauseKind, at Pos, q *Query) {
	if q.Limit == nil {
		q.Limit = &Limit{Pos: at}
	}
	first := p.countValue(clauseWords[c])
	if c == clauseOffset {
		p.setOffset(at, first, q.Limit)
		return
	}
	if !p.accept(tokenComma) {
		q.Limit.Size = first
		return
	}
	p.setOffset(at, first, q.Limit)
	q.Limit.Size = p.countValue("limit")
}

func (p *parser) setOffset(at Pos, v Value, l *Limit) {
	if l.Offset != nil {
		p.fail(at, "a second offset; the first is at "+l.Offset.Position().Place(), "write limit offset, size or limit size offset offset")
		return
	}
	l.Offset = v
}

// countValue reads a count of results: a whole number from 0, a parameter, or null.
func (p *parser) countValue(clause string) Value {
	t := p.tok
	switch {
	case t.kind == tokenParam:
		p.next()
		return &Param{t.pos, t.text}
	case t.isWord("null"):
		p.next()
		return &NullLit{t.pos}
	case t.kind == tokenNumber:
		p.next()
		n := &NumberLit{t.pos, t.text}
		if i, ok := n.Int64(); !ok || i < 0 {
			p.fail(t.pos, "'"+clause+"' takes a whole number from 0, found "+t.text, "")
		}
		return n
	}
	p.expected("a number or parameter")
	return nil
}
