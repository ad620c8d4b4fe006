package rql

import "strings"

// facet reads facet(…): a field, ranges over a field, or a set-up document; then aggregations and options in any order.
func (p *parser) facet() *Facet {
	f := &Facet{Pos: p.tok.pos}
	p.next()
	p.openParen()
	for {
		p.facetArg(f)
		if !p.accept(tokenComma) {
			break
		}
	}
	p.closeParen()
	return f
}

func (p *parser) facetArg(f *Facet) {
	at := p.tok.pos
	switch {
	case p.tok.kind == tokenIdent && p.peekIs(tokenOpenParen):
		p.facetCall(f)
		return
	case p.tok.kind == tokenParam && f.Options == nil:
		p.next()
		f.Options = &Param{p.last.pos, p.last.text}
		return
	}
	left := p.operand(fieldPlace)
	if p.tok.kind == tokenCompare || p.isWord("between") {
		p.checkFacetForm(at, f.Field == nil && f.Setup == nil)
		f.Ranges = append(f.Ranges, p.facetRange(at, left))
		return
	}
	path, ok := left.(*Path)
	if !ok {
		p.fail(at, "expected a field, a range over a field, or an aggregation", "")
		return
	}
	p.checkFacetForm(at, f.Field == nil && f.Setup == nil && f.Ranges == nil)
	f.Field = path
}

func (p *parser) checkFacetForm(at Pos, ok bool) {
	if !ok {
		p.fail(at, "a facet is over one field, over ranges of one field, or over a set-up document", "write several facets: select facet(A), facet(B)")
	}
}

// facetRange reads the rest of "A < 1" and further conditions joined by and.
func (p *parser) facetRange(at Pos, left Value) Condition {
	first := p.facetBound(at, left)
	if !p.isWord("and") {
		return first
	}
	and := &And{Pos: at, Terms: []Condition{first}}
	for p.acceptWord("and") {
		termAt := p.tok.pos
		and.Terms = append(and.Terms, p.facetBound(termAt, p.operand(fieldPlace)))
	}
	return and
}

func (p *parser) facetBound(at Pos, left Value) Condition {
	c := p.relation(at, left)
	switch c.(type) {
	case nil, *Compare, *Between:
	default:
		p.fail(at, "a range is made of comparisons and between", "")
	}
	return c
}

// facetCall reads id('facets/x') or an aggregation like sum(Total) as T.
func (p *parser) facetCall(f *Facet) {
	at, name := p.tok.pos, strings.ToLower(p.tok.text)
	switch name {
	case "id":
		p.checkFacetForm(at, f.Field == nil && f.Setup == nil && f.Ranges == nil)
		p.next()
		p.openParen()
		f.Setup = p.operand(valuePlace)
		p.closeParen()
	case "sum", "min", "max", "avg", "average":
		p.next()
		if name == "average" {
			name = "avg"
		}
		a := FacetAggregation{Pos: at, Func: name}
		p.openParen()
		a.Path = p.path()
		p.closeParen()
		if p.acceptWord("as") {
			a.Alias = p.name("an alias")
		}
		f.Aggregations = append(f.Aggregations, a)
	default:
		p.fail(at, "unknown function '"+p.tok.text+"' in a facet", didYouMean(name, "sum", "min", "max", "avg", "id"))
	}
}
