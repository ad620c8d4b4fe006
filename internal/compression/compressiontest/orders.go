package compressiontest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Orders makes orders, JSON texts of about 1 KiB. Those of one era share names of fields and words, and have nothing of that
// in common with those of another: what is trained on one era does not fit the next.
type Orders struct {
	random *rand.Rand
	Era    int
	spelt  map[[2]int]string // by era and number
}

// NewOrders returns the orders of the first era. Equal seeds make equal orders.
func NewOrders(seed uint64) *Orders {
	return &Orders{random: rand.New(rand.NewPCG(seed, 20260101)), spelt: map[[2]int]string{}}
}

// Next returns a new order, as a slice of its own.
func (o *Orders) Next() []byte {
	var b strings.Builder
	r := o.random
	fmt.Fprintf(&b, `{"%s":"companies/%d-A","%s":"employees/%d-A","%s":"1997-%02d-%02dT00:00:00.0000000"`,
		o.field(0), r.IntN(5000), o.field(1), r.IntN(100), o.field(2), 1+r.IntN(12), 1+r.IntN(28))
	fmt.Fprintf(&b, `,"%s":{"%s":"%d %s %s","%s":"%s","%s":"%d","%s":%f,"%s":%f},"%s":[`,
		o.field(3), o.field(4), r.IntN(999), o.word(), o.word(), o.field(5), o.word(), o.field(6), r.IntN(99999),
		o.field(7), r.Float64()*90, o.field(8), r.Float64()*90, o.field(9))
	for i := range 8 + r.IntN(3) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"%s":"products/%d-A","%s":"%s %s","%s":%d.%02d,"%s":%d}`, o.field(10), r.IntN(77),
			o.field(11), o.word(), o.word(), o.field(12), r.IntN(100), r.IntN(100), o.field(13), 1+r.IntN(60))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// word is one of the 64 of this era.
func (o *Orders) word() string { return o.spell(100+o.random.IntN(64), 2) }

// field is a name of this era.
func (o *Orders) field(n int) string { return o.spell(n, 3) }

// spell makes a word of so many syllables that depends on era and number alone.
func (o *Orders) spell(n, syllables int) string {
	if word, known := o.spelt[[2]int{o.Era, n}]; known {
		return word
	}
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	r := rand.New(rand.NewPCG(uint64(o.Era), uint64(n)))
	b := make([]byte, 0, 3*syllables)
	for range syllables {
		b = append(b, consonants[r.IntN(len(consonants))], vowels[r.IntN(len(vowels))], consonants[r.IntN(len(consonants))])
	}
	o.spelt[[2]int{o.Era, n}] = string(b)
	return string(b)
}

// Many returns n orders.
func (o *Orders) Many(n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = o.Next()
	}
	return all
}

// Noise returns n bytes that nothing can compress.
func (o *Orders) Noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(o.random.Uint32())
	}
	return b
}
