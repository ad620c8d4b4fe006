package rql

import "strings"

// spatial reads spatial.within(…) and its relatives. tok is the word spatial; a field of that name is left alone.
func (p *parser) spatial() (Condition, bool) {
	ahead := parser{lex: p.lex}
	ahead.next()
	ahead.next()
	word := ahead.tok
	ahead.next()
	if word.kind != tokenIdent || ahead.tok.kind != tokenOpenParen {
		return nil, false
	}
	for f := Within; f <= Disjoint; f++ {
		if strings.EqualFold("spatial."+word.text, f.String()) {
			at := p.tok.pos
			p.next()
			p.next()
			p.next()
			return p.inParens(at, func(p *parser, at Pos) Condition { return p.spatialTest(f, at) }), true
		}
	}
	return nil, false
}

func (p *parser) spatialTest(f SpatialFunc, at Pos) Condition {
	s := &Spatial{Pos: at, Func: f, Field: p.spatialField()}
	p.comma()
	s.Shape = p.shape()
	if p.accept(tokenComma) {
		s.Error = p.operand(valuePlace)
	}
	return s
}

// spatialField reads a path, spatial.point(lat, lng) or spatial.wkt(field); the calls may stand in quotes.
func (p *parser) spatialField() Value {
	if p.tok.kind == tokenString && isSpatialCall(p.tok.text) {
		return p.quotedSpatialField()
	}
	at := p.tok.pos
	switch v := p.value(fieldPlace, &spatialFieldFunctions).(type) {
	case *Path, *Call:
		return v
	}
	p.fail(at, "expected a field, spatial.point(lat, lng) or spatial.wkt(field)", "")
	return nil
}

func isSpatialCall(s string) bool {
	return len(s) > len("spatial.") && foldEqual(s[:len("spatial.")], "spatial.") && strings.HasSuffix(s, ")")
}

// quotedSpatialField reads the text of tok as a query text of its own. All its nodes get the place of the text.
func (p *parser) quotedSpatialField() Value {
	at := p.tok.pos
	inner := parser{lex: newLexer(p.tok.text), depth: p.depth}
	inner.next()
	call, ok := inner.value(fieldPlace, &spatialFieldFunctions).(*Call)
	if inner.err != nil || !ok || inner.tok.kind != tokenEnd {
		p.fail(at, "this text is not a spatial field", "write spatial.point(lat, lng) or spatial.wkt(field)")
		return nil
	}
	call.Pos = at
	for _, arg := range call.Args {
		if path, ok := arg.(*Path); ok {
			path.Pos = at
		}
	}
	p.next()
	return call
}

// shape reads spatial.circle(…), spatial.wkt(…) or spatial.point(…).
func (p *parser) shape() *Call {
	at := p.tok.pos
	if p.tok.kind == tokenIdent {
		if c, ok := p.value(valuePlace, &shapeFunctions).(*Call); ok && shapeFunctions.find(c.Name) != nil {
			return c
		}
	}
	p.fail(at, "expected a shape", "write spatial.circle(radius, lat, lng), spatial.wkt('…') or spatial.point(lat, lng)")
	return nil
}
