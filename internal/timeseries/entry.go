package timeseries

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Entry is one row of a series.
//
// A dead entry has no values: it stands where one was deleted. In an incremental series Tag says whose entry it is, dead or
// not; in others a dead entry has none.
type Entry struct {
	At     Instant
	Values []float64 // 1 to ValuesMax, of any bits; none when dead
	Tag    string    // up to TagBytesMax; empty is none
	Dead   bool
}

// check refuses what a segment cannot hold: an *InvalidError or a *LimitError.
func (e Entry) check() error {
	switch {
	case !e.At.inRange():
		return invalidf("the time of an entry lies outside the years 1 to 9999")
	case len(e.Values) > ValuesMax:
		return &LimitError{What: "values of an entry", Got: len(e.Values), Max: ValuesMax}
	case len(e.Tag) > TagBytesMax:
		return &LimitError{What: "bytes of a tag", Got: len(e.Tag), Max: TagBytesMax}
	case e.Dead && len(e.Values) != 0:
		return invalidf("the dead entry at %s has values", e.At)
	case !e.Dead && len(e.Values) == 0:
		return invalidf("the entry at %s has no values", e.At)
	}
	return nil
}

// Clone returns e with values of its own.
func (e Entry) Clone() Entry {
	e.Values = slices.Clone(e.Values)
	return e
}

// Equal reports whether the two are the same to the bit.
func (e Entry) Equal(o Entry) bool {
	return e.At == o.At && e.Dead == o.Dead && e.Tag == o.Tag && compareValues(e.Values, o.Values) == 0
}

// compareValues compares in the order of lists: the first value that differs says it, else the shorter list is less.
func compareValues(a, b []float64) int { return slices.CompareFunc(a, b, compareBits) }

// compareBits is the total order of IEEE 754-2019, clause 5.10: negative NaN, -Inf, numbers, -0, 0, numbers, Inf, NaN.
func compareBits(a, b float64) int { return cmp.Compare(orderBits(a), orderBits(b)) }

func orderBits(v float64) uint64 {
	bits := math.Float64bits(v)
	if bits&signBit != 0 {
		return ^bits
	}
	return bits | signBit
}

// newer returns which of two entries with one key wins when they come from different nodes: a dead one over a live one, then
// more values, then greater values, then the greater tag. This is a total order of entries, and the greatest wins; therefore
// merging commutes, associates, and repeats without effect.
func newer(a, b Entry) Entry {
	switch {
	case a.Dead != b.Dead:
		if a.Dead {
			return a
		}
		return b
	case len(a.Values) != len(b.Values):
		if len(a.Values) > len(b.Values) {
			return a
		}
		return b
	}
	if c := cmp.Or(compareValues(a.Values, b.Values), strings.Compare(a.Tag, b.Tag)); c < 0 {
		return b
	}
	return a
}
