package timeseries_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/timeseries"
	"pgregory.net/rapid"
)

// at returns a time from text.
func at(t testing.TB, text string) timeseries.Instant {
	t.Helper()
	parsed, err := time.Parse("2006-01-02T15:04:05.999", text)
	must(t, err)
	return timeseries.InstantOf(parsed)
}

// bruteColumns sums up whole numbers, one at a time.
func bruteColumns(entries []timeseries.Entry) timeseries.Columns {
	var columns timeseries.Columns
	for _, e := range entries {
		for i, v := range e.Values {
			if i == len(columns) {
				columns = append(columns, timeseries.Column{First: v, Min: v, Max: v})
			}
			c := &columns[i]
			c.Last, c.Min, c.Max, c.Sum, c.Count = v, min(c.Min, v), max(c.Max, v), c.Sum+v, c.Count+1
		}
	}
	return columns
}

// drawWhole returns entries with whole values, which add up the same in any order, over some segments.
func drawWhole(t *rapid.T, n int) []timeseries.Entry {
	seed := rapid.Uint64().Draw(t, "seed") | 1
	next := func(below uint64) uint64 {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return seed % below
	}
	var list []timeseries.Entry
	moment := start
	for range n {
		moment += timeseries.Instant(1 + next(100*second))
		e := timeseries.Entry{At: moment, Tag: string(rune('a' + next(3)))}
		for range 1 + next(3) {
			e.Values = append(e.Values, float64(next(1<<40))-1<<39)
		}
		list = append(list, e)
	}
	return list
}

func TestSummary_MatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawWhole(t, rapid.IntRange(1, 1500).Draw(t, "entries"))
		s := timeseries.NewSeries(&memory{}, timeseries.Plain)
		if _, err := s.Append(list); err != nil {
			t.Fatalf("%v", err)
		}
		i, j := rapid.IntRange(0, len(list)-1).Draw(t, "i"), rapid.IntRange(0, len(list)-1).Draw(t, "j")
		i, j = min(i, j), max(i, j)
		got, err := s.Summary(list[i].At, list[j].At)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(bruteColumns(list[i:j+1]), got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestSummary_PassesOverNaN(t *testing.T) {
	s := timeseries.NewSeries(&memory{}, timeseries.Plain)
	for i, v := range []float64{math.NaN(), 3, math.NaN(), -1, math.NaN()} {
		_, err := s.Append([]timeseries.Entry{{At: start + timeseries.Instant(i), Values: []float64{v, math.NaN()}}})
		must(t, err)
	}
	got, err := s.Summary(start, start+9)
	must(t, err)
	nan := math.NaN()
	want := timeseries.Columns{
		{First: nan, Last: nan, Min: -1, Max: 3, Sum: nan, Count: 5}, {First: nan, Last: nan, Min: nan, Max: nan, Sum: nan, Count: 5},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// allMeasures are all that there are.
var allMeasures = []timeseries.Measure{
	{Kind: timeseries.Min},
	{Kind: timeseries.Max},
	{Kind: timeseries.Total},
	{Kind: timeseries.Average},
	{Kind: timeseries.First},
	{Kind: timeseries.Last},
	{Kind: timeseries.Count},
	{Kind: timeseries.Percentile, Percent: 90},
	{Kind: timeseries.Slope},
	{Kind: timeseries.StandardDeviation},
}

// bruteMeasures computes each measure of one column the long way.
func bruteMeasures(entries []timeseries.Entry, column int, scale float64) []float64 {
	var values []float64
	var times []timeseries.Instant
	for _, e := range entries {
		if column < len(e.Values) {
			values = append(values, e.Values[column]*scale)
			times = append(times, e.At)
		}
	}
	n := len(values)
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += v
	}
	for _, v := range values {
		squares += (v - sum/float64(n)) * (v - sum/float64(n))
	}
	slope := 0.0
	if n > 1 {
		slope = (values[n-1] - values[0]) / float64(times[n-1]-times[0])
	}
	sorted := slices.Sorted(slices.Values(values))
	place := 0.9 * float64(n-1)
	low, high := sorted[int(math.Floor(place))], sorted[int(math.Ceil(place))]
	return []float64{
		sorted[0], sorted[n-1], sum, sum / float64(n), values[0], values[n-1], float64(n),
		low + (high-low)*(place-math.Floor(place)), slope, math.Sqrt(squares / float64(n)),
	}
}

func TestAggregate_MatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawWhole(t, rapid.IntRange(1, 300).Draw(t, "entries"))
		q := timeseries.Query{Frame: timeseries.Frame{Millis: 3600 * second}, Measures: allMeasures, ByTag: rapid.Bool().Draw(t, "by tag"), Scale: -2}
		type place struct {
			from timeseries.Instant
			key  string
		}
		parts := map[place][]timeseries.Entry{}
		for _, e := range list {
			p := place{from: e.At - (e.At % (3600 * second))}
			if q.ByTag {
				p.key = e.Tag
			}
			parts[p] = append(parts[p], e)
		}
		s := timeseries.NewSeries(&memory{}, timeseries.Plain)
		if _, err := s.Append(list); err != nil {
			t.Fatalf("%v", err)
		}
		n := 0
		var before timeseries.Bucket
		for b, err := range timeseries.Aggregate(timeseries.Samples(s.Range(timeseries.InstantMin, timeseries.InstantMax), false), q) {
			if err != nil {
				t.Fatalf("%v", err)
			}
			part := parts[place{b.From, b.Key}]
			if b.To != b.From+3600*second || b.Entries != len(part) || n > 0 && b.From <= before.From && b.Key <= before.Key {
				t.Fatalf("bucket %+v after %+v, want %d entries", b, before, len(part))
			}
			for column, count := range b.Counts {
				var got []float64
				for _, results := range b.Results {
					got = append(got, results[column])
				}
				want := bruteMeasures(part, column, q.Scale)
				if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" || float64(count) != want[6] {
					t.Fatalf("column %d (-want +got):\n%s", column, diff)
				}
			}
			n, before = n+1, b
		}
		if n != len(parts) {
			t.Fatalf("%d buckets, want %d", n, len(parts))
		}
	})
}

// collectBuckets aggregates entries.
func collectBuckets(t *testing.T, q timeseries.Query, isRollup bool, entries ...timeseries.Entry) []timeseries.Bucket {
	t.Helper()
	var list []timeseries.Bucket
	for b, err := range timeseries.Aggregate(timeseries.Samples(sequence(entries), isRollup), q) {
		must(t, err)
		list = append(list, b)
	}
	return list
}

func sequence(entries []timeseries.Entry) func(func(timeseries.Entry, error) bool) {
	return func(yield func(timeseries.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestAggregate_WithoutFramesIsOneBucket(t *testing.T) {
	got := collectBuckets(t, timeseries.Query{Measures: []timeseries.Measure{{Kind: timeseries.Average}}}, false,
		timeseries.Entry{At: start, Values: []float64{1}}, timeseries.Entry{At: start + 9, Values: []float64{2, 8}})
	want := []timeseries.Bucket{{From: start, To: start + 9, Entries: 2, Counts: []int{2, 1}, Results: [][]float64{{1.5, 8}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAggregate_ReadsRollupsInSixes(t *testing.T) {
	q := timeseries.Query{Frame: timeseries.Frame{Months: 1}, Measures: allMeasures[:7], Scale: -1}
	got := collectBuckets(t, q, true,
		timeseries.Entry{At: start, Values: []float64{1, 4, 0, 5, 10, 4}}, timeseries.Entry{At: start + 9, Values: []float64{7, 6, 6, 8, 20, 3}})
	want := []timeseries.Bucket{{
		From: at(t, "2024-01-01T00:00:00"), To: at(t, "2024-02-01T00:00:00"), Entries: 7, Counts: []int{7},
		Results: [][]float64{{-8}, {0}, {-30}, {-30.0 / 7}, {-1}, {-6}, {7}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAggregate_FillsGaps(t *testing.T) {
	f := func(how timeseries.Fill, want ...float64) {
		t.Helper()
		q := timeseries.Query{Frame: timeseries.Frame{Millis: second}, Measures: []timeseries.Measure{{Kind: timeseries.Max}, {Kind: timeseries.Count}}, Fill: how}
		var got []float64
		for i, b := range collectBuckets(t, q, false,
			timeseries.Entry{At: 0, Values: []float64{10, 1}}, timeseries.Entry{At: 4*second + 1, Values: []float64{30}}, timeseries.Entry{At: 5 * second, Values: []float64{0}}) {
			got = append(got, b.Results[0][0])
			filled := how != timeseries.FillNone && i > 0 && i < 4
			if (b.Entries == 0) != filled || (b.Results[1][0] == 0) != filled || how != timeseries.FillNone && b.From != timeseries.Instant(i)*second {
				t.Errorf("bucket %d: %+v", i, b)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("fill %d (-want +got):\n%s", how, diff)
		}
	}
	f(timeseries.FillNone, 10, 30, 0)
	f(timeseries.FillLinear, 10, 15, 20, 25, 30, 0)
	f(timeseries.FillNearest, 10, 10, 10, 30, 30, 0)
	f(timeseries.FillLast, 10, 10, 10, 10, 30, 0)
	f(timeseries.FillNext, 10, 30, 30, 30, 30, 0)
}

func TestAggregate_RefusesWhatItCannotAnswer(t *testing.T) {
	hour := timeseries.Frame{Millis: 3600 * second}
	f := func(q timeseries.Query, isRollup bool, want fault.Kind) {
		t.Helper()
		entries := []timeseries.Entry{{At: 0, Values: make([]float64, 6)}, {At: start, Values: make([]float64, 6)}}
		var last error
		for _, err := range timeseries.Aggregate(timeseries.Samples(sequence(entries), isRollup), q) {
			last = err
		}
		if last == nil || fault.Of(last) != want {
			t.Errorf("%+v: %v", q, last)
		}
	}
	for _, m := range allMeasures[7:] {
		f(timeseries.Query{Frame: hour, Measures: []timeseries.Measure{m}}, true, fault.Invalid)
	}
	f(timeseries.Query{Measures: []timeseries.Measure{{Kind: timeseries.Percentile, Percent: 101}}}, false, fault.Invalid)
	f(timeseries.Query{Measures: []timeseries.Measure{{Kind: timeseries.Percentile, Percent: math.NaN()}}}, false, fault.Invalid)
	f(timeseries.Query{Measures: []timeseries.Measure{{Kind: 99}}}, false, fault.Invalid)
	f(timeseries.Query{Fill: timeseries.FillLast}, false, fault.Invalid)
	f(timeseries.Query{Frame: hour, Fill: 99}, false, fault.Invalid)
	f(timeseries.Query{Frame: hour, ByTag: true, Fill: timeseries.FillLast}, false, fault.Invalid)
	f(timeseries.Query{Frame: timeseries.Frame{Months: 1, Millis: 1}}, false, fault.Invalid)
	f(timeseries.Query{Frame: timeseries.Frame{Millis: -1}}, false, fault.Invalid)
	f(timeseries.Query{Frame: timeseries.Frame{Millis: second}, Fill: timeseries.FillLast}, false, fault.TooLarge)
}
