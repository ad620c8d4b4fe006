package rql

// loadItems reads "path as alias, path as alias[]".
func (p *parser) loadItems() []LoadItem {
	items := []LoadItem{p.loadItem()}
	for p.accept(tokenComma) {
		items = append(items, p.loadItem())
	}
	return items
}

func (p *parser) loadItem() LoadItem {
	item := LoadItem{Pos: p.tok.pos}
	item.Path = p.path()
	if !p.acceptWord("as") {
		p.expectedHint("'as'", "a loaded document needs a name: load Company as c")
	}
	item.Alias = p.name("an alias")
	if p.accept(tokenOpenBracket) {
		item.Array = true
		p.expect(tokenCloseBracket, "']'")
	}
	return item
}
