package timeseries_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/timeseries"
)

// shapes are series as users have them.
var shapes = []struct {
	name string
	make func(r *rand.Rand, i int, before []float64) []float64
}{
	{"heartbeat", func(r *rand.Rand, _ int, before []float64) []float64 { // whole numbers near 70, often the same
		if before == nil {
			return []float64{70}
		}
		return []float64{math.Max(50, math.Min(120, before[0]+float64(r.IntN(3)-1)))}
	}},
	{"walk", func(r *rand.Rand, _ int, before []float64) []float64 { return walk(r, before, 1) }},
	{"rows of 5", func(r *rand.Rand, _ int, before []float64) []float64 { return walk(r, before, 5) }},
	{"constant", func(*rand.Rand, int, []float64) []float64 { return []float64{21.5} }},
	{"random", func(r *rand.Rand, _ int, _ []float64) []float64 { return []float64{r.Float64()} }},
}

// walk goes up or down by up to one with two decimals, like a price.
func walk(r *rand.Rand, before []float64, columns int) []float64 {
	values := make([]float64, columns)
	for i := range values {
		last := 100.0
		if before != nil {
			last = before[i]
		}
		values[i] = math.Round(last*100+float64(r.IntN(201)-100)) / 100
	}
	return values
}

// shaped returns entries of a shape, one a second.
func shaped(n int, next func(*rand.Rand, int, []float64) []float64) []timeseries.Entry {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]timeseries.Entry, n)
	var before []float64
	for i := range list {
		before = next(r, i, before)
		list[i] = timeseries.Entry{At: start + second*timeseries.Instant(i), Values: before}
	}
	return list
}

// BenchmarkAppend writes entries into segments in memory; plain bytes are 8 of time and 8 of each value.
func BenchmarkAppend(b *testing.B) {
	for _, shape := range shapes {
		list := shaped(10_000, shape.make)
		b.Run("shape="+shape.name, func(b *testing.B) {
			b.ReportAllocs()
			var builder timeseries.Builder
			var out []byte
			total := 0
			for b.Loop() {
				total = 0
				builder.Reset()
				for _, e := range list {
					if !builder.Append(e) {
						out = builder.AppendTo(out[:0])
						total += len(out)
						builder.Reset()
						builder.Append(e)
					}
				}
				total += builder.Bytes()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/entry")
			b.ReportMetric(float64(total)/float64(len(list)), "B/entry")
			b.ReportMetric(float64(8+8*len(list[0].Values)), "plainB/entry")
		})
	}
}

// BenchmarkPlain writes and reads the walk as 8 bytes of time and 8 of value, to compare with.
func BenchmarkPlain(b *testing.B) {
	list := shaped(10_000, shapes[1].make)
	var buf []byte
	b.Run("do=append", func(b *testing.B) {
		for b.Loop() {
			buf = buf[:0]
			for _, e := range list {
				buf = binary.LittleEndian.AppendUint64(buf, uint64(e.At))
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(e.Values[0]))
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/entry")
	})
	b.Run("do=read", func(b *testing.B) {
		sum := 0.0
		for b.Loop() {
			for src := buf; len(src) >= 16; src = src[16:] {
				if at := timeseries.Instant(binary.LittleEndian.Uint64(src)); at >= start {
					sum += math.Float64frombits(binary.LittleEndian.Uint64(src[8:]))
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/entry")
		if math.IsNaN(sum) {
			b.Fatal(sum)
		}
	})
}

// BenchmarkRead reads all entries of a series.
func BenchmarkRead(b *testing.B) {
	for _, shape := range shapes {
		list := shaped(10_000, shape.make)
		store := &memory{}
		s := timeseries.NewSeries(store, timeseries.Plain)
		if _, err := s.Append(list); err != nil {
			b.Fatal(err)
		}
		cursors := make([]timeseries.Segment, len(store.rows))
		for i, r := range store.rows {
			cursors[i], _ = timeseries.Open(r.data)
		}
		b.Run("shape="+shape.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for _, segment := range cursors {
					for c := segment.Cursor(); c.Next(); {
						n++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/entry")
		})
	}
}

// BenchmarkSeriesAppend adds one entry at a time, through the store in memory, which copies a segment twice.
func BenchmarkSeriesAppend(b *testing.B) {
	for _, place := range []string{"end", "middle"} {
		b.Run("to="+place, func(b *testing.B) {
			b.ReportAllocs()
			store := &memory{}
			s := timeseries.NewSeries(store, timeseries.Plain)
			if _, err := s.Append(shaped(10_000, shapes[1].make)); err != nil {
				b.Fatal(err)
			}
			at := start + 10_000*second
			for i := 0; b.Loop(); i++ {
				if at += second; place == "middle" {
					at = start + 5000*second + timeseries.Instant(i%500)
				}
				if _, err := s.Append([]timeseries.Entry{{At: at, Values: []float64{float64(i%1000) / 100}}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSummary sums up a series by its heads, and by reading it.
func BenchmarkSummary(b *testing.B) {
	s := timeseries.NewSeries(&memory{}, timeseries.Plain)
	list := shaped(100_000, shapes[1].make)
	if _, err := s.Append(list); err != nil {
		b.Fatal(err)
	}
	b.Run("by=heads", func(b *testing.B) {
		for b.Loop() {
			if c, err := s.Summary(start+1, timeseries.InstantMax); err != nil || c[0].Count != len(list)-1 {
				b.Fatal(c, err)
			}
		}
	})
	b.Run("by=entries", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for _, err := range s.Range(start+1, timeseries.InstantMax) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != len(list)-1 {
				b.Fatal(n)
			}
		}
	})
}

// TestSegment_BytesOfAPoint holds what docs/adr/0016-time-series-segments.md says of sizes.
func TestSegment_BytesOfAPoint(t *testing.T) {
	most := map[string]float64{"heartbeat": 1.2, "walk": 2.5, "rows of 5": 12, "constant": 0.5, "random": 8}
	for _, shape := range shapes {
		store := &memory{}
		list := shaped(10_000, shape.make)
		_, err := timeseries.NewSeries(store, timeseries.Plain).Append(list)
		must(t, err)
		if got := float64(totalBytes(store)) / float64(len(list)); got > most[shape.name] {
			t.Errorf("%s: %.2f bytes an entry, at most %v expected", shape.name, got, most[shape.name])
		} else {
			t.Logf("%-10s %.2f bytes an entry", shape.name, got)
		}
	}
}
