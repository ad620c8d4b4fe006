package sampledata

import (
	"fmt"
	"iter"
	"strings"
)

// contact is who answers the telephone.
type contact struct {
	Name  string
	Title string
}

// address is where a firm, a person or a delivery is to be found.
type address struct {
	Line1      string
	Line2      *string
	City       string
	Region     *string
	PostalCode string
	Country    string
	Location   location
}

// location is a point in degrees, north and east positive.
type location struct {
	Latitude  degrees
	Longitude degrees
}

// company is a customer.
type company struct {
	ExternalID string `json:"ExternalId"` // five capitals that people know the customer by
	Name       string
	Contact    contact
	Address    address
	Phone      string
	Fax        *string
	Metadata   metadata `json:"@metadata"`
}

// supplier sells to us.
type supplier struct {
	Name     string
	Contact  contact
	Address  address
	Phone    string
	Fax      *string
	HomePage *string
	Metadata metadata `json:"@metadata"`
}

// companies yields the customers, and keeps them for the orders.
func (g *generator) companies() iter.Seq2[string, any] {
	taken := map[string]bool{}
	for range companyCount {
		surname := g.takeSurname()
		name := fmt.Sprintf(pick(g, firmNames), surname)
		p := pick(g, places)
		g.customers = append(g.customers, company{
			ExternalID: externalID(name, taken),
			Name:       name,
			Contact:    g.newContact(),
			Address:    g.newAddress(p),
			Phone:      g.newPhone(p),
			Fax:        g.newFax(p),
			Metadata:   metadata{"Companies"},
		})
	}
	return func(yield func(string, any) bool) {
		for i, c := range g.customers {
			if !yield(id("companies", i+1), c) {
				return
			}
		}
	}
}

// suppliers yields those we buy from.
func (g *generator) suppliers() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i := range supplierCount {
			surname := g.takeSurname()
			p := pick(g, places)
			doc := supplier{
				Name:     fmt.Sprintf(pick(g, makerNames), surname),
				Contact:  g.newContact(),
				Address:  g.newAddress(p),
				Phone:    g.newPhone(p),
				Fax:      g.newFax(p),
				Metadata: metadata{"Suppliers"},
			}
			if g.rand.IntN(5) == 0 {
				page := "http://" + strings.ToLower(surname) + ".example/"
				doc.HomePage = &page
			}
			if !yield(id("suppliers", i+1), doc) {
				return
			}
		}
	}
}

// externalID makes five capitals from name: its first letters, the last one moved on while another firm has the same.
func externalID(name string, taken map[string]bool) string {
	letters := make([]byte, 0, 5)
	for _, r := range strings.ToUpper(name) {
		if r >= 'A' && r <= 'Z' && len(letters) < 5 {
			letters = append(letters, byte(r))
		}
	}
	for taken[string(letters)] {
		letters[4] = 'A' + (letters[4]-'A'+1)%26
	}
	taken[string(letters)] = true
	return string(letters)
}

func (g *generator) newContact() contact {
	return contact{Name: pick(g, firstNames) + " " + pick(g, surnames), Title: pick(g, titles)}
}

func (g *generator) newAddress(p place) address {
	a := address{
		Line1:      fmt.Sprintf("%d %s", g.between(1, 240), pick(g, streets)),
		City:       p.city,
		PostalCode: postalCode(g, p.postal),
		Country:    p.country,
		Location:   location{p.latitude + degrees(g.between(-300, 300)), p.longitude + degrees(g.between(-300, 300))},
	}
	if p.region != "" {
		a.Region = &p.region
	}
	if g.rand.IntN(12) == 0 {
		floor := fmt.Sprintf("Floor %d", g.between(1, 9))
		a.Line2 = &floor
	}
	return a
}

// postalCode fills a pattern: 9 becomes a digit, A a capital, and the rest stays.
func postalCode(g *generator, pattern string) string {
	code := []byte(pattern)
	for i, c := range code {
		switch c {
		case '9':
			code[i] = byte('0' + g.rand.IntN(10))
		case 'A':
			code[i] = byte('A' + g.rand.IntN(26))
		}
	}
	return string(code)
}

func (g *generator) newPhone(p place) string {
	return fmt.Sprintf("(%s) 555-01%02d", p.dial, g.rand.IntN(100))
}

// newFax returns a number, or nil for the third that has none.
func (g *generator) newFax(p place) *string {
	if g.rand.IntN(3) == 0 {
		return nil
	}
	number := g.newPhone(p)
	return &number
}
