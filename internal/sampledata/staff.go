package sampledata

import (
	"fmt"
	"iter"
	"time"
)

// territory is a part of a region that somebody looks after.
type territory struct {
	Code string
	Name string
	Area string
}

// region is a part of the country.
type region struct {
	Name        string
	Territories []territory
	Metadata    metadata `json:"@metadata"`
}

// employee works here.
type employee struct {
	LastName    string
	FirstName   string
	Title       string
	Address     address
	HiredAt     date
	Birthday    date
	HomePhone   string
	Extension   string
	ReportsTo   *string
	Notes       []string
	Territories []string // codes of territories, ascending
	Metadata    metadata `json:"@metadata"`
}

// territoriesPerRegion is the number of territories in each region; their codes are region*1000 + 10, 20, …
const territoriesPerRegion = 13

func territoryCode(region, i int) string { return fmt.Sprintf("%d%03d", region, 10*(i+1)) }

// regions yields the four quarters of the compass with their territories.
func (g *generator) regions() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, name := range quarters {
			doc := region{Name: name, Metadata: metadata{"Regions"}}
			for k := range territoriesPerRegion {
				p := places[(i*territoriesPerRegion+k)%len(places)]
				doc.Territories = append(doc.Territories, territory{territoryCode(i+1, k), p.city, p.dial})
			}
			if !yield(id("regions", i+1), doc) {
				return
			}
		}
	}
}

// employees yields the nine who work here. The second leads, the fifth runs the sales office, the others report to them.
func (g *generator) employees() iter.Seq2[string, any] {
	boss := id("employees", 2)
	office := id("employees", 5)
	return func(yield func(string, any) bool) {
		for i, s := range staff {
			p := places[i%2*7] // two offices
			doc := employee{
				LastName:    s.last,
				FirstName:   s.first,
				Title:       s.title,
				Address:     g.newAddress(p),
				HiredAt:     date(time.Date(1992, time.April, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, g.between(0, 950))),
				Birthday:    date(time.Date(1940, time.January, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, g.between(0, 9900))),
				HomePhone:   g.newPhone(p),
				Extension:   fmt.Sprintf("%d", g.between(200, 5999)),
				Notes:       []string{s.note},
				Territories: g.newTerritories(i),
				Metadata:    metadata{"Employees"},
			}
			switch {
			case i == 1: // nobody above
			case i < 5 || i == 7:
				doc.ReportsTo = &boss
			default:
				doc.ReportsTo = &office
			}
			if !yield(id("employees", i+1), doc) {
				return
			}
		}
	}
}

// newTerritories gives employee i a run of territories of one region.
func (g *generator) newTerritories(i int) []string {
	first := g.between(0, territoriesPerRegion-8)
	codes := []string{}
	for k := range g.between(2, 7) {
		codes = append(codes, territoryCode(i%regionCount+1, first+k))
	}
	return codes
}
