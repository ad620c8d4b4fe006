package rql

// groupKeys reads the keys of group by: paths and array(path).
func (p *parser) groupKeys() []GroupKey {
	keys := []GroupKey{p.groupKey()}
	for p.accept(tokenComma) {
		keys = append(keys, p.groupKey())
	}
	return keys
}

func (p *parser) groupKey() GroupKey {
	k := GroupKey{Pos: p.tok.pos}
	if p.tok.kind == tokenIdent && p.peekIs(tokenOpenParen) {
		if !p.isWord("array") {
			p.fail(p.tok.pos, "unknown function '"+p.tok.text+"'", "a key is a path or array(path); compute other keys in an index")
			return k
		}
		p.next()
		p.openParen()
		k.Array, k.Path = true, p.path()
		p.closeParen()
		return k
	}
	k.Path = p.path()
	return k
}

func (p *parser) peekIs(k tokenKind) bool {
	t := p.peek()
	return t.kind == k
}
