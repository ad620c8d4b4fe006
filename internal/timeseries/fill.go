package timeseries

import "iter"

// Fill says what stands in frames without samples, between two that have some. Frames before the first and after the last sample
// are not there.
type Fill uint8

// The ways to fill, by the names they have in queries.
const (
	FillNone    Fill = iota // frames without samples are left out
	FillLinear              // on the line between the results before and after
	FillNearest             // the nearer of both; the one before when both are as near
	FillLast                // the results before
	FillNext                // the results after
)

// fill puts buckets between those that do not follow each other.
func fill(buckets iter.Seq2[Bucket, error], q Query) iter.Seq2[Bucket, error] {
	return func(yield func(Bucket, error) bool) {
		var before Bucket
		first := true
		for b, err := range buckets {
			if err == nil && !first {
				var more bool
				if more, err = fillGap(before, b, q, yield); !more && err == nil {
					return
				}
			}
			if !yield(b, err) || err != nil {
				return
			}
			before, first = b, false
		}
	}
}

// fillGap yields what lies between two buckets. It reports whether to go on.
func fillGap(before, after Bucket, q Query, yield func(Bucket, error) bool) (bool, error) {
	steps := 1 // from before to after
	for from := before.To; from < after.From; from = q.Frame.Next(from) {
		if steps++; steps > BucketsMax {
			return false, &LimitError{What: "time frames to interpolate in one gap", Got: steps, Max: BucketsMax}
		}
	}
	from := before.To
	for i := 1; i < steps; i++ {
		b := Bucket{From: from, To: q.Frame.Next(from), Counts: make([]int, min(len(before.Counts), len(after.Counts)))}
		for j := range q.Measures {
			b.Results = append(b.Results, between(before.Results[j], after.Results[j], i, steps, q.Measures[j], q.Fill))
		}
		if !yield(b, nil) {
			return false, nil
		}
		from = b.To
	}
	return true, nil
}

// between returns the results i steps behind a, of those that lead to b. Columns that only one of both has are left out, and there
// is nothing to count.
func between(a, b []float64, i, steps int, m Measure, how Fill) []float64 {
	list := make([]float64, min(len(a), len(b)))
	for j := range list {
		switch {
		case m.Kind == Count:
			list[j] = 0
		case how == FillLast, how == FillNearest && 2*i <= steps:
			list[j] = a[j]
		case how == FillLinear:
			list[j] = a[j] + (b[j]-a[j])*float64(i)/float64(steps)
		default:
			list[j] = b[j]
		}
	}
	return list
}
