package timeseries

import (
	"iter"
	"maps"
	"slices"
)

// Sample is an entry as a query sees it.
type Sample struct {
	Entry
	IsRollup bool // values come in sixes
}

// Samples yields entries as samples.
func Samples(entries iter.Seq2[Entry, error], isRollup bool) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for e, err := range entries {
			if !yield(Sample{Entry: e, IsRollup: isRollup}, err) {
				return
			}
		}
	}
}

// Query is what to make of samples.
type Query struct {
	Frame    Frame // zero: one bucket of all samples
	ByTag    bool  // a bucket for each tag in a frame
	Measures []Measure
	Scale    float64 // every value is multiplied by it; 0 is 1
	Fill     Fill    // of frames between others that have no samples; not with ByTag
}

func (q Query) scale() float64 {
	if q.Scale == 0 {
		return 1
	}
	return q.Scale
}

func (q Query) raw() bool { return slices.ContainsFunc(q.Measures, Measure.raw) }

func (q Query) check() error {
	for _, m := range q.Measures {
		if err := m.check(); err != nil {
			return err
		}
	}
	if q.Fill > FillNext {
		return invalidf("unknown interpolation")
	}
	if q.Frame != (Frame{}) {
		if err := q.Frame.check(); err != nil {
			return err
		}
	} else if q.Fill != FillNone {
		return invalidf("interpolation needs grouping by a time frame")
	}
	if q.ByTag && q.Fill != FillNone {
		return invalidf("interpolation is not possible when grouping by tag")
	}
	return nil
}

// Bucket is one row of a result.
//
// Without frames From and To are the times of the first and the last sample.
type Bucket struct {
	From, To Instant // To is the beginning of the next frame
	Key      string  // the tag, with ByTag
	Entries  int     // raw entries, those of rollups too; 0 when filled
	Counts   []int   // for each column: entries that have it
	Results  [][]float64
}

// Aggregate yields buckets by time, those of one time by key; Results has a list for each measure of q, in their order, with a
// number for each column. Samples come by time. What is yielded is the reader's to keep. It ends after its first error: one of samples, an
// *InvalidError when q cannot be answered, a *LimitError.
func Aggregate(samples iter.Seq2[Sample, error], q Query) iter.Seq2[Bucket, error] {
	buckets := func(yield func(Bucket, error) bool) {
		if err := q.check(); err != nil {
			yield(Bucket{}, err)
			return
		}
		frame := current{query: q}
		for s, err := range samples {
			if err == nil && frame.endsBefore(s.At) && !frame.yield(yield) {
				return
			}
			if err == nil {
				err = frame.take(s)
			}
			if err != nil {
				yield(Bucket{}, err)
				return
			}
		}
		frame.yield(yield)
	}
	if q.Fill == FillNone {
		return buckets
	}
	return fill(buckets, q)
}

// current is the frame that samples go into.
type current struct {
	query  Query
	from   Instant
	to     Instant // the last sample, without frames
	groups map[string]*group
}

// endsBefore reports whether there is a frame that at lies behind.
func (c *current) endsBefore(at Instant) bool {
	return len(c.groups) > 0 && c.query.Frame != (Frame{}) && at >= c.to
}

func (c *current) take(s Sample) error {
	if len(c.groups) == 0 {
		c.begin(s.At)
	}
	if c.query.Frame == (Frame{}) {
		c.to = s.At
	}
	key := ""
	if c.query.ByTag {
		key = s.Tag
	}
	g := c.groups[key]
	if g == nil {
		if len(c.groups) == GroupsMax {
			return &LimitError{What: "tags in one time frame", Got: GroupsMax + 1, Max: GroupsMax}
		}
		g = &group{key: key}
		c.groups[key] = g
	}
	return g.take(s, c.query)
}

func (c *current) begin(at Instant) {
	c.groups = map[string]*group{}
	c.from = at
	if c.query.Frame != (Frame{}) {
		c.from = c.query.Frame.Start(at)
		c.to = c.query.Frame.Next(c.from)
	}
}

// yield hands out the groups of the frame, and makes it empty. It reports whether to go on.
func (c *current) yield(yield func(Bucket, error) bool) bool {
	for _, key := range slices.Sorted(maps.Keys(c.groups)) {
		g := c.groups[key]
		b := Bucket{From: c.from, To: c.to, Key: key, Entries: g.entries, Results: g.results(c.query.Measures)}
		for _, column := range g.columns {
			b.Counts = append(b.Counts, column.Count)
		}
		if !yield(b, nil) {
			return false
		}
	}
	c.groups = nil
	return true
}
