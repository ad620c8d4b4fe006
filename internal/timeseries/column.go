package timeseries

import "math"

// Column sums up one place in the values of some entries: Values[0] of each, or Values[1].
//
// Min and Max pass over NaN and are NaN only when all values are; Sum does not. All are zero when Count is.
type Column struct {
	First, Last, Min, Max, Sum float64
	Count                      int // entries that have the value
}

// Average returns the mean, NaN without values.
func (c Column) Average() float64 { return c.Sum / float64(c.Count) }

// add takes a value that follows those before.
func (c *Column) add(v float64) { c.join(Column{First: v, Last: v, Min: v, Max: v, Sum: v, Count: 1}) }

// join takes the values of next, which follow those of c.
func (c *Column) join(next Column) {
	switch {
	case next.Count == 0:
		return
	case c.Count == 0:
		*c = next
		return
	}
	c.Last = next.Last
	c.Min = lesser(c.Min, next.Min)
	c.Max = -lesser(-c.Max, -next.Max)
	c.Sum += next.Sum
	c.Count += next.Count
}

// lesser returns the less of two, which is the other one when one is NaN.
func lesser(a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return math.Min(a, b)
}

// Columns are those of some entries, by their place.
type Columns []Column

// join takes over next, whose entries follow, and returns the longer list.
func (c Columns) join(next Columns) Columns {
	for i := range next {
		c = c.at(i)
		c[i].join(next[i])
	}
	return c
}

// add takes over the values of an entry that follows.
func (c Columns) add(values []float64) Columns {
	for i, v := range values {
		c = c.at(i)
		c[i].add(v)
	}
	return c
}

// at returns c with at least i+1 columns, if it has i.
func (c Columns) at(i int) Columns {
	if i == len(c) {
		c = append(c, Column{})
	}
	return c
}

// same reports whether both say the same to the bit; one NaN is as good as another where it was computed.
func (c Column) same(o Column) bool {
	near := func(a, b float64) bool { return compareBits(a, b) == 0 || math.IsNaN(a) && math.IsNaN(b) }
	return c.Count == o.Count && compareBits(c.First, o.First) == 0 && compareBits(c.Last, o.Last) == 0 &&
		near(c.Min, o.Min) && near(c.Max, o.Max) && near(c.Sum, o.Sum)
}
