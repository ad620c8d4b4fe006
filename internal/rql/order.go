package rql

// orderTypeWords are the words behind as, by OrderType.
var orderTypeWords = [...]string{"", "string", "long", "double", "alphaNumeric"}

// String returns the word of the type, empty for OrderUnstated.
func (t OrderType) String() string { return orderTypeWords[t] }

// orderItems reads the orderings of order by.
func (p *parser) orderItems() []OrderItem {
	items := make([]OrderItem, 0, 1)
	for {
		items = append(items, p.orderItem())
		if !p.accept(tokenComma) {
			return items
		}
	}
}

func (p *parser) orderItem() OrderItem {
	item := OrderItem{Pos: p.tok.pos}
	item.By = p.value(fieldPlace, &orderFunctions)
	switch item.By.(type) {
	case nil, *Path, *Call:
	default:
		p.fail(item.Pos, "expected a field to order by", "")
	}
	if p.acceptWord("as") {
		item.As = p.orderType()
	}
	if p.acceptWord("desc") {
		item.Desc = true
	} else {
		p.acceptWord("asc")
	}
	return item
}

func (p *parser) orderType() OrderType {
	switch {
	case p.acceptWord("string"):
		return OrderString
	case p.acceptWord("long"):
		return OrderLong
	case p.acceptWord("double"):
		return OrderDouble
	case p.acceptWord("alphanumeric"):
		return OrderAlphaNumeric
	}
	p.expectedHint("an order type", "the types are string, long, double and alphaNumeric")
	return OrderUnstated
}
