package timeseries_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/timeseries"
	"pgregory.net/rapid"
)

const second = 1000

// start is a time that no field of which is zero.
const start timeseries.Instant = 1_704_164_645_678

// build makes one segment of entries, or fails.
func build(t tb, entries ...timeseries.Entry) []byte {
	t.Helper()
	var b timeseries.Builder
	for i, e := range entries {
		if !b.Append(e) {
			t.Fatalf("no room for entry %d", i)
		}
	}
	return b.AppendTo(nil)
}

// read opens a segment, checks it, and returns its entries.
func read(t tb, data []byte) []timeseries.Entry {
	t.Helper()
	s, err := timeseries.Open(data)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := s.Check(); err != nil {
		t.Fatalf("%v", err)
	}
	var list []timeseries.Entry
	c := s.Cursor()
	for c.Next() {
		list = append(list, c.Entry().Clone())
	}
	return list
}

func TestSegment_KeepsEveryBitOfValues(t *testing.T) {
	odd := []float64{
		0, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0x7ff0_0000_0000_0001), math.Float64frombits(0xfff8_0000_dead_beef),
		math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1, -1, 1, 1,
	}
	var want []timeseries.Entry
	for i, v := range odd {
		want = append(want, timeseries.Entry{At: start + timeseries.Instant(i), Values: []float64{v, odd[len(odd)-1-i]}})
	}
	wantEntries(t, read(t, build(t, want...)), want)
}

func TestSegment_KeepsEveryBitOfDecimals(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 0.1, 0.2, 0.30000000000000004, 0.3, -0.001, 999_999_999_999.999, 1e12, -1e12, 1e12 - 1, 131.071, 262.143, 0, 0.0005, 99.99, 100}
	var want []timeseries.Entry
	for i, a := range values {
		for j, b := range values {
			at := start + timeseries.Instant(2*(i*len(values)+j))
			want = append(want, timeseries.Entry{At: at, Values: []float64{a}}, timeseries.Entry{At: at + 1, Values: []float64{b}})
		}
	}
	for len(want) > 0 {
		n := min(100, len(want))
		wantEntries(t, read(t, build(t, want[:n]...)), want[:n])
		want = want[n:]
	}
}

func TestSegment_KeepsDifferentShapes(t *testing.T) {
	want := []timeseries.Entry{
		{At: start, Dead: true},
		{At: start + 1, Values: []float64{1, 2, 3}, Tag: "a"},
		{At: start + 2, Values: []float64{1}},
		{At: start + 3, Values: make([]float64, timeseries.ValuesMax), Tag: strings.Repeat("b", timeseries.TagBytesMax)},
		{At: start + 4, Tag: "c", Dead: true},
		{At: start + 5, Values: []float64{1, 2}, Tag: "a"},
		{At: start + math.MaxInt32, Values: []float64{4, 2}, Tag: "a"},
	}
	data := build(t, want...)
	wantEntries(t, read(t, data), want)
	s, _ := timeseries.Open(data)
	if s.Entries() != 7 || s.Live() != 5 || s.Start() != start || s.End() != start+math.MaxInt32 {
		t.Errorf("%d entries, %d live, %v to %v", s.Entries(), s.Live(), s.Start(), s.End())
	}
	if got, want := s.Columns()[0], (timeseries.Column{First: 1, Last: 4, Min: 0, Max: 4, Sum: 7, Count: 5}); got != want {
		t.Errorf("column 0: %+v, want %+v", got, want)
	}
}

// drawEntries returns entries in order, of all shapes, with steps of all widths.
func drawEntries(t *rapid.T) []timeseries.Entry {
	at := timeseries.Instant(rapid.Int64Range(-1e12, 1e12).Draw(t, "start"))
	decimal := rapid.Custom(func(t *rapid.T) float64 {
		return float64(rapid.IntRange(-300_000, 300_000).Draw(t, "units")) / rapid.SampledFrom([]float64{1, 10, 100, 1000, 1e4}).Draw(t, "power")
	})
	value := rapid.OneOf(rapid.Float64(), decimal, rapid.SampledFrom([]float64{0, 1, 1, 2, 71.25, math.NaN(), math.Inf(-1)}))
	step := rapid.OneOf(rapid.Int64Range(1, 3), rapid.Just[int64](second), rapid.Int64Range(1, 5000), rapid.Int64Range(1, 1<<28))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) timeseries.Entry {
		at += timeseries.Instant(step.Draw(t, "step"))
		e := timeseries.Entry{At: at, Dead: rapid.IntRange(0, 4).Draw(t, "dead") == 0}
		if !e.Dead {
			e.Values = rapid.SliceOfN(value, 1, rapid.SampledFrom([]int{1, 1, 2, 5, 32}).Draw(t, "columns")).Draw(t, "values")
			e.Tag = rapid.SampledFrom([]string{"", "", "a", "b", "watches/1"}).Draw(t, "tag")
		}
		return e
	}), 1, 60).Draw(t, "entries")
}

// TestBuilder_ResumesWhereItWas: stopping after each entry makes the same bytes as going on.
func TestBuilder_ResumesWhereItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole, parts timeseries.Builder
		var want []timeseries.Entry
		for _, e := range drawEntries(t) {
			if !whole.Append(e) {
				break
			}
			if !parts.Append(e) {
				t.Fatalf("no room after resuming")
			}
			want = append(want, e)
			s, err := timeseries.Open(parts.AppendTo(nil))
			if err != nil {
				t.Fatalf("%v", err)
			}
			parts.Resume(s)
		}
		if got, want := parts.AppendTo(nil), whole.AppendTo(nil); !slices.Equal(got, want) {
			t.Fatalf("after resuming:\n% x\nwant\n% x", got, want)
		}
		wantEntries(t, read(t, whole.AppendTo(nil)), want)
	})
}

// TestBuilder_FillsUpToItsBound: no segment passes it, a refused entry leaves no trace, and little room is wasted.
func TestBuilder_FillsUpToItsBound(t *testing.T) {
	for _, columns := range []int{1, 5, timeseries.ValuesMax} {
		var b timeseries.Builder
		var want []timeseries.Entry
		state := uint64(88172645463325252)
		for {
			e := timeseries.Entry{At: start + timeseries.Instant(len(want)), Tag: fmt.Sprint("t", len(want)%3)}
			for range columns {
				state ^= state << 13
				state ^= state >> 7
				state ^= state << 17
				e.Values = append(e.Values, math.Float64frombits(state))
			}
			if !b.Append(e) {
				break
			}
			want = append(want, e)
		}
		data := b.AppendTo(nil)
		if len(data) != b.Bytes() || len(data) > timeseries.SegmentBytesMax || len(data) < timeseries.SegmentBytesMax-12*columns {
			t.Errorf("%d columns: %d bytes", columns, len(data))
		}
		wantEntries(t, read(t, data), want)
	}
}

func TestBuilder_HasRoomForTheLargestEntry(t *testing.T) {
	e := timeseries.Entry{At: start, Values: make([]float64, timeseries.ValuesMax), Tag: strings.Repeat("t", timeseries.TagBytesMax)}
	for i := range e.Values {
		e.Values[i] = math.Float64frombits(0x3fe5_5555_5555_5555 * uint64(i+1))
	}
	wantEntries(t, read(t, build(t, e)), []timeseries.Entry{e})
}

func TestBuilder_RefusesBeyondBounds(t *testing.T) {
	var b timeseries.Builder
	b.Append(timeseries.Entry{At: start, Values: []float64{1}})
	if b.Append(timeseries.Entry{At: start + timeseries.SpanMax + 1, Values: []float64{1}}) {
		t.Error("took an entry beyond the span")
	}
	for i := range timeseries.TagsMax + 1 {
		e := timeseries.Entry{At: start + timeseries.Instant(i) + 1, Values: []float64{1}, Tag: fmt.Sprint(i)}
		if got, want := b.Append(e), i < timeseries.TagsMax; got != want {
			t.Errorf("tag %d: %v", i+1, got)
		}
	}
	b.Reset()
	for b.Append(timeseries.Entry{At: start + timeseries.Instant(b.Len()), Dead: true}) {
	}
	if b.Len() < 7000 || b.Len() >= timeseries.EntriesMax {
		t.Errorf("%d dead entries: the bound of bytes should come before that of entries", b.Len())
	}
}

func TestOpen_RefusesDamage(t *testing.T) {
	data := build(t,
		timeseries.Entry{At: start, Values: []float64{1, 2}, Tag: "a"}, timeseries.Entry{At: start + 5, Values: []float64{3}})
	for i := range data {
		for bit := range 8 {
			bad := slices.Clone(data)
			bad[i] ^= 1 << bit
			s, err := timeseries.Open(bad)
			if err == nil {
				err = s.Check()
			}
			var damage *timeseries.CorruptError
			if err != nil && (!errors.As(err, &damage) || fault.Of(err) != fault.Corrupt || damage.Error() == "") {
				t.Errorf("byte %d, bit %d: %v", i, bit, err)
			}
		}
		if _, err := timeseries.Open(data[:i]); err == nil {
			t.Errorf("opened the first %d bytes", i)
		}
	}
	// what Open looks at
	for off, value := range map[int]byte{0: 2, 1: 33, 2: 200, 4: 9, 12: 0x7f, 17: 0xff, 18: 99, 22: 3, 23: 2, 24: 3, 25: 0} {
		bad := slices.Clone(data)
		bad[off] = value
		if _, err := timeseries.Open(bad); err == nil {
			t.Errorf("opened with %d at %d", value, off)
		}
	}
}

// TestCursor_EndsAtNoise: under a sound head, a stream of noise gives entries in order and then a typed error, or none.
func TestCursor_EndsAtNoise(t *testing.T) {
	var b timeseries.Builder
	for i := range 20 {
		e := timeseries.Entry{At: start + timeseries.Instant(i*i*70_000), Values: []float64{float64(i) / 7, 1e300}[:1+i%2]}
		b.Append(e)
	}
	data := b.AppendTo(nil)
	s, _ := timeseries.Open(data)
	streamOff := 27 + 44*len(s.Columns())
	r := rand.New(rand.NewPCG(5, 6))
	ends := map[string]int{}
	for range 20_000 {
		for i := streamOff; i < len(data); i++ {
			data[i] = byte(r.Uint32()) & byte(r.Uint32()|r.Uint32()) // times are more often in range when few bits are set
		}
		s, err := timeseries.Open(data)
		must(t, err)
		before := timeseries.Instant(math.MinInt64)
		c := s.Cursor()
		for c.Next() {
			if e := c.Entry(); e.At <= before || e.At < s.Start() || e.At > s.End() || len(e.Values) > 2 || e.Dead != (len(e.Values) == 0) {
				t.Fatalf("entry %+v after %v", e, before)
			}
			before = c.Entry().At
		}
		var damage *timeseries.CorruptError
		if c.Err() != nil && !errors.As(c.Err(), &damage) {
			t.Fatal(c.Err())
		}
		if damage != nil {
			ends[damage.Reason]++
		}
	}
	for _, reason := range []string{
		"window of a value", "entries out of order", "entry with more values than columns", "entry with an unknown tag",
		"time outside the span of the segment", "step in units from a value that has none",
	} {
		if ends[reason] == 0 {
			t.Errorf("never ended by: %s; %v", reason, ends)
		}
	}
}

// TestSegment_KeepsStepsOfAllWidths: changes of steps at the bounds of each width, and beside them.
func TestSegment_KeepsStepsOfAllWidths(t *testing.T) {
	for _, width := range []int{1, 7, 12, 20, 31} {
		for beside := timeseries.Instant(-2); beside <= 2; beside++ {
			wide := max(timeseries.Instant(1)<<(width-1)+beside, 0)
			for _, steps := range [][]timeseries.Instant{{wide + 1, 2 * wide, 5}, {1, wide, 1, 1}, {wide/2 + 1, 1, 1}} {
				want := []timeseries.Entry{{At: start, Values: []float64{1}}}
				for _, step := range steps {
					if at := want[len(want)-1].At + max(step, 1); at-start <= timeseries.SpanMax {
						want = append(want, timeseries.Entry{At: at, Values: []float64{1}})
					}
				}
				wantEntries(t, read(t, build(t, want...)), want)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(build(f, timeseries.Entry{At: start, Values: []float64{1.5, math.NaN()}, Tag: "watches/1"}, timeseries.Entry{At: start + second, Dead: true}))
	f.Add(build(f, timeseries.Entry{At: start, Values: []float64{1}}, timeseries.Entry{At: start + second, Values: []float64{1.25}},
		timeseries.Entry{At: start + 3*second, Values: []float64{7, 8, 9}, Tag: "b"}))
	f.Fuzz(func(t *testing.T, input []byte) {
		s, err := timeseries.Open(input)
		if err != nil {
			return
		}
		var list []timeseries.Entry
		c := s.Cursor()
		for c.Next() {
			list = append(list, c.Entry().Clone())
		}
		if c.Err() != nil || s.Check() != nil {
			return
		}
		if len(list) != s.Entries() {
			t.Fatalf("%d entries, the head says %d", len(list), s.Entries())
		}
		var b timeseries.Builder // what is sound can be continued
		b.Resume(s)
		if b.Append(timeseries.Entry{At: s.End() + 1, Values: []float64{42}}) {
			wantEntries(t, read(t, b.AppendTo(nil))[:len(list)], list)
		}
	})
}
