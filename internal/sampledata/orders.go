package sampledata

import (
	"iter"
	"time"
)

// order is what a company bought at one time.
type order struct {
	Company   string
	Employee  string
	OrderedAt date
	RequireAt date
	ShippedAt *date
	ShipTo    address
	ShipVia   string
	Freight   cents
	Lines     []line
	Metadata  metadata `json:"@metadata"`
}

// line is one product of an order.
type line struct {
	Product      string
	ProductName  string
	PricePerUnit cents
	Quantity     int
	Discount     cents // share of the price, 0.05 = 5 %
}

// orderDays is the number of days over which the orders are spread, beginning with firstOrder.
const orderDays = 672

// notYetShipped is how many of the newest orders still wait.
const notYetShipped = 21

func firstOrder() time.Time { return time.Date(1996, time.July, 4, 0, 0, 0, 0, time.UTC) }

// orders yields the orders, oldest first.
func (g *generator) orders() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for n := range orderCount {
			if !yield(id("orders", n+1), g.newOrder(n)) {
				return
			}
		}
	}
}

func (g *generator) newOrder(n int) order {
	buyer := g.rand.IntN(companyCount)
	day := firstOrder().AddDate(0, 0, n*orderDays/orderCount)
	o := order{
		Company:   id("companies", buyer+1),
		Employee:  id("employees", g.between(1, employeeCount)),
		OrderedAt: date(day),
		RequireAt: date(day.AddDate(0, 0, 14*pick(g, []int{1, 2, 2, 2, 2, 3}))),
		ShipTo:    g.customers[buyer].Address,
		ShipVia:   id("shippers", g.between(1, shipperCount)),
		Freight:   cents(g.between(15, 9000) * g.between(1, 3)),
		Lines:     g.newLines(n),
		Metadata:  metadata{"Orders"},
	}
	if n < orderCount-notYetShipped {
		shipped := date(day.AddDate(0, 0, g.between(1, 21)))
		o.ShippedAt = &shipped
	}
	return o
}

// newLines makes one to six lines. Order n begins with product n in turn, so that everything is bought.
//
// The products of an order differ: 77 has no divisor in common with 1 to 5, so up to five equal steps never come round.
func (g *generator) newLines(n int) []line {
	step := g.between(1, productCount-1)
	var lines []line
	for k := range pick(g, []int{1, 2, 2, 2, 3, 3, 3, 4, 5, 6}) {
		lines = append(lines, g.newLine(n, (n+k*step)%productCount))
	}
	return lines
}

func (g *generator) newLine(n, at int) line {
	p := g.priceList[at]
	price := p.PricePerUnit
	if n < orderCount/3 {
		price -= price / 5 // the first year's price list was a fifth lower
	}
	return line{
		Product:      id("products", at+1),
		ProductName:  p.Name,
		PricePerUnit: price,
		Quantity:     pick(g, []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 20, 21, 24, 25, 28, 30, 30, 35, 40, 50, 60, 70, 120}),
		Discount:     cents(pick(g, []int{0, 0, 0, 0, 0, 0, 5, 10, 15, 20, 25})),
	}
}
