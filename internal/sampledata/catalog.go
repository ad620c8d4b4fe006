package sampledata

import (
	"fmt"
	"iter"
)

// category is a kind of goods.
type category struct {
	Name        string
	Description string
	Metadata    metadata `json:"@metadata"`
}

// product is one thing on the price list.
type product struct {
	Name            string
	Supplier        string
	Category        string
	QuantityPerUnit string
	PricePerUnit    cents
	UnitsInStock    int
	UnitsOnOrder    int
	Discontinued    bool
	ReorderLevel    int
	Metadata        metadata `json:"@metadata"`
}

// shipper is a carrier.
type shipper struct {
	Name     string
	Phone    string
	Metadata metadata `json:"@metadata"`
}

// categories yields the shelves, in the order of their ids.
func (g *generator) categories() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, s := range shelves {
			if !yield(id("categories", i+1), category{s.name, s.description, metadata{"Categories"}}) {
				return
			}
		}
	}
}

// products yields the price list. Each shelf's goods are spread over the list, as if bought in over the years.
func (g *generator) products() iter.Seq2[string, any] {
	for i, s := range shelves {
		for _, noun := range s.goods {
			g.priceList = append(g.priceList, g.newProduct(i, noun))
		}
	}
	g.rand.Shuffle(len(g.priceList), func(i, j int) { g.priceList[i], g.priceList[j] = g.priceList[j], g.priceList[i] })
	return func(yield func(string, any) bool) {
		for i, p := range g.priceList {
			if !yield(id("products", i+1), p) {
				return
			}
		}
	}
}

func (g *generator) newProduct(shelf int, noun string) product {
	s := shelves[shelf]
	p := product{
		Name:            pick(g, adjectives) + " " + noun,
		Supplier:        id("suppliers", g.between(1, supplierCount)),
		Category:        id("categories", shelf+1),
		QuantityPerUnit: fmt.Sprintf(pick(g, s.packs), pick(g, []int{6, 10, 12, 16, 20, 24, 36, 48})),
		PricePerUnit:    cents(g.between(s.priceLow, s.priceHigh) * 5),
		UnitsInStock:    g.between(0, 125),
		ReorderLevel:    5 * g.between(0, 6),
		Discontinued:    g.rand.IntN(10) == 0,
		Metadata:        metadata{"Products"},
	}
	if p.UnitsInStock <= p.ReorderLevel && !p.Discontinued {
		p.UnitsOnOrder = 10 * g.between(1, 10)
	}
	return p
}

// shippers yields the carriers.
func (g *generator) shippers() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, name := range carriers {
			doc := shipper{name, fmt.Sprintf("(503) 555-01%02d", 31+7*i), metadata{"Shippers"}}
			if !yield(id("shippers", i+1), doc) {
				return
			}
		}
	}
}
