package sampledata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
)

// How many documents of each collection there are. Client libraries expect 1,059 in all, counters of id ranges included.
const (
	categoryCount = 8
	companyCount  = 91
	employeeCount = 9
	orderCount    = 830
	productCount  = 77
	regionCount   = 4
	shipperCount  = 3
	supplierCount = 29

	collectionCount = 8

	// Count is the number of documents that Documents yields.
	Count = categoryCount + companyCount + employeeCount + orderCount + productCount + regionCount + shipperCount +
		supplierCount + collectionCount
)

// seed is fixed: the bytes are part of what users see in guides, and of a golden hash.
const seed = 0x526f6f6b657279

// Documents yields the id and the JSON text of every document, Count in all, always the same bytes in the same order.
//
// The text is one line with @metadata.@collection set, and belongs to the caller. The last documents, one for each
// collection, are the counters from which clients reserve ranges of ids ("Raven/Hilo/orders"): they stand above every
// number used here, so that an id reserved later never meets one of these.
func Documents() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		g := newGenerator()
		for _, each := range []func() iter.Seq2[string, any]{
			g.categories, g.suppliers, g.products, g.regions, g.employees, g.shippers, g.companies, g.orders, idCounters,
		} {
			for id, doc := range each() {
				if !yield(id, encode(doc)) {
					return
				}
			}
		}
	}
}

// generator holds what later documents refer to.
type generator struct {
	rand      *rand.Rand
	surnames  []string // shuffled; each is used for one firm at most
	priceList []product
	customers []company
}

func newGenerator() *generator {
	g := &generator{rand: rand.New(rand.NewPCG(seed, 1))}
	g.surnames = append(g.surnames, surnames...)
	g.rand.Shuffle(len(g.surnames), func(i, j int) { g.surnames[i], g.surnames[j] = g.surnames[j], g.surnames[i] })
	return g
}

// between returns a number from lo to hi, both included.
func (g *generator) between(lo, hi int) int { return lo + g.rand.IntN(hi-lo+1) }

// pick returns one of words.
func pick[T any](g *generator, words []T) T { return words[g.rand.IntN(len(words))] }

// takeSurname returns a family name that no other firm has.
func (g *generator) takeSurname() string {
	name := g.surnames[len(g.surnames)-1]
	g.surnames = g.surnames[:len(g.surnames)-1]
	return name
}

// cents is an amount of money that prints as a JSON number with at most two decimals: 1850 is 18.5.
type cents int

// MarshalJSON prints without going through a float, so that the bytes never depend on rounding.
func (c cents) MarshalJSON() ([]byte, error) {
	text := fmt.Sprintf("%d.%02d", int(c)/100, int(c)%100)
	return []byte(strings.TrimSuffix(strings.TrimRight(text, "0"), ".")), nil
}

// metadata is the part of a document that says which collection it is in.
type metadata struct {
	Collection string `json:"@collection"`
}

// id returns the id of the n-th document with this prefix, as a client of node A would have made it.
func id(prefix string, n int) string { return fmt.Sprintf("%s/%d-A", prefix, n) }

// encode prints doc on one line, leaving &, < and > as they are.
func encode(doc any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		panic("BUG: sample document does not encode: " + err.Error())
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
