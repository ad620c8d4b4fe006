package timeseries

import (
	"math"
	"slices"
)

// MeasureKind is what is computed of the values in a bucket, for each column.
type MeasureKind uint8

// The kinds. Min to Count can be told of rollups; the others need raw entries.
const (
	Min MeasureKind = iota
	Max
	Total
	Average
	First
	Last
	Count
	// Percentile is the value below which so many percent lie, between two values in proportion (Hyndman and Fan,
	// "Sample Quantiles in Statistical Packages", 1996, definition 7).
	Percentile
	// Slope is the last value less the first, for each millisecond between them; 0 when there is no time between.
	Slope
	// StandardDeviation is that of all values there are, divided by their number (Welford's method, TAOCP 4.2.2).
	StandardDeviation
)

// Measure is one column of a query's result.
type Measure struct {
	Kind    MeasureKind
	Percent float64 // of Percentile, 0 to 100
}

func (m Measure) check() error {
	if m.Kind > StandardDeviation {
		return invalidf("unknown measure of time series values")
	}
	if m.Kind == Percentile && !(m.Percent >= 0 && m.Percent <= 100) {
		return invalidf("a percentile lies between 0 and 100")
	}
	return nil
}

// raw reports whether a measure needs raw entries.
func (m Measure) raw() bool { return m.Kind >= Percentile }

// group takes the values of one bucket.
type group struct {
	key     string
	entries int // raw ones
	columns Columns
	spread  []spread // of each column, when a measure needs raw entries
}

// spread is what the column does not say.
type spread struct {
	first, last Instant
	mean, m2    float64   // m2: sum of squares of what differs from the mean
	values      []float64 // when a percentile is asked for
}

func (s *spread) add(at Instant, v float64, n int, keep bool) {
	if n == 1 {
		s.first = at
	}
	s.last = at
	differ := v - s.mean
	s.mean += differ / float64(n)
	s.m2 += differ * (v - s.mean)
	if keep {
		s.values = append(s.values, v)
	}
}

// take adds a sample. Raw measures are refused of rollups: *InvalidError; too many values: *LimitError.
func (g *group) take(s Sample, q Query) error {
	if s.IsRollup {
		if q.raw() {
			return invalidf("percentile, slope and standard deviation cannot be told of rolled up entries")
		}
		columns := RollupColumns(s.Entry)
		for i := range columns {
			columns[i] = columns[i].scaled(q.scale())
		}
		g.columns = g.columns.join(columns)
		if len(columns) > 0 {
			g.entries += columns[0].Count
		}
		return nil
	}
	g.entries++
	keep := slices.ContainsFunc(q.Measures, func(m Measure) bool { return m.Kind == Percentile })
	if keep && g.entries > SamplesMax {
		return &LimitError{What: "values of one bucket for a percentile", Got: g.entries, Max: SamplesMax}
	}
	for i, v := range s.Values {
		g.columns = g.columns.at(i)
		g.columns[i].add(v * q.scale())
		if q.raw() {
			if i == len(g.spread) {
				g.spread = append(g.spread, spread{})
			}
			g.spread[i].add(s.At, v*q.scale(), g.columns[i].Count, keep)
		}
	}
	return nil
}

// scaled multiplies what c sums up.
func (c Column) scaled(by float64) Column {
	c.First, c.Last, c.Min, c.Max, c.Sum = c.First*by, c.Last*by, c.Min*by, c.Max*by, c.Sum*by
	if by < 0 {
		c.Min, c.Max = c.Max, c.Min
	}
	return c
}

// results returns one list for each measure with one number for each column.
func (g *group) results(measures []Measure) [][]float64 {
	for i := range g.spread {
		slices.Sort(g.spread[i].values)
	}
	lists := make([][]float64, len(measures))
	for i, m := range measures {
		lists[i] = make([]float64, len(g.columns))
		for j, c := range g.columns {
			if m.raw() {
				lists[i][j] = g.spread[j].result(m, c)
			} else {
				lists[i][j] = c.result(m)
			}
		}
	}
	return lists
}

func (c Column) result(m Measure) float64 {
	switch m.Kind {
	case Min:
		return c.Min
	case Max:
		return c.Max
	case Total:
		return c.Sum
	case Average:
		return c.Average()
	case First:
		return c.First
	case Last:
		return c.Last
	default:
		return float64(c.Count)
	}
}

func (s spread) result(m Measure, c Column) float64 {
	switch m.Kind {
	case Percentile:
		return percentile(s.values, m.Percent)
	case Slope:
		if s.first == s.last {
			return 0
		}
		return (c.Last - c.First) / float64(s.last-s.first)
	default:
		return math.Sqrt(s.m2 / float64(c.Count))
	}
}

// percentile returns the value at a share of sorted values, of which there are some; between two values, in proportion.
func percentile(sorted []float64, percent float64) float64 {
	place := percent / 100 * float64(len(sorted)-1)
	below := int(place)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	share := place - float64(below)
	if share == 0 {
		return sorted[below]
	}
	return sorted[below]*(1-share) + sorted[below+1]*share
}
