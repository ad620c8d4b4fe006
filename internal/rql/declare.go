package rql

import "strings"

// declaration reads "declare function name(a, b) { … }" or "declare timeseries name(a) { from … }".
func (p *parser) declaration() Declaration {
	d := Declaration{Pos: p.tok.pos}
	p.next()
	series := p.isWord("timeseries")
	if !series && !p.isWord("function") {
		p.expectedHint("'function' or 'timeseries'", didYouMean(p.tok.text, "function", "timeseries"))
	}
	p.next()
	nameAt := p.tok.pos
	d.Name = p.ident("the name of the function")
	p.checkDeclared(d.Name, nameAt)
	d.Params = p.paramNames()
	if !series {
		d.Function = p.script()
		return d
	}
	p.expect(tokenOpenBrace, "'{'")
	d.TimeSeries = p.timeSeries()
	p.expect(tokenCloseBrace, "'}'")
	return d
}

func (p *parser) checkDeclared(name string, at Pos) {
	if p.isDeclared(name) != nil {
		p.fail(at, "the function '"+name+"' is declared twice", "")
	}
}

// isDeclared returns the declaration of the name, letters' case ignored, nil if there is none.
func (p *parser) isDeclared(name string) *Declaration {
	for i := range p.declared {
		if strings.EqualFold(p.declared[i].Name, name) {
			return &p.declared[i]
		}
	}
	return nil
}

func (p *parser) paramNames() []string {
	var names []string
	p.openParen()
	if p.accept(tokenCloseParen) {
		return nil
	}
	for {
		names = append(names, p.ident("the name of a parameter"))
		if !p.accept(tokenComma) {
			break
		}
	}
	p.closeParen()
	return names
}
