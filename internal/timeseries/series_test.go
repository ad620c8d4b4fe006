package timeseries_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/timeseries"
	"pgregory.net/rapid"
)

// model is a plain series as a map; a dead entry has no values.
type model map[timeseries.Instant]timeseries.Entry

// entries returns those from one time to another, in order.
func (m model) entries(from, to timeseries.Instant, dead bool) []timeseries.Entry {
	var list []timeseries.Entry
	for _, at := range slices.Sorted(maps.Keys(m)) {
		if e := m[at]; at >= from && at <= to && (dead || !e.Dead) {
			list = append(list, e)
		}
	}
	return list
}

func (m model) delete(from, to timeseries.Instant) {
	for _, e := range m.entries(from, to, true) {
		m[e.At] = timeseries.Entry{At: e.At, Dead: true}
	}
}

func drawTime(t *rapid.T, label string) timeseries.Instant {
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) timeseries.Instant {
			return start + second*timeseries.Instant(rapid.IntRange(0, 400).Draw(t, "s"))
		}),
		rapid.Custom(func(t *rapid.T) timeseries.Instant { // segments end by their span as well
			return start + 1_500_000_000*timeseries.Instant(rapid.IntRange(0, 6).Draw(t, "far"))
		})).Draw(t, label)
}

func drawRange(t *rapid.T) (from, to timeseries.Instant) {
	from, to = drawTime(t, "from"), drawTime(t, "to")
	switch rapid.IntRange(0, 5).Draw(t, "open") {
	case 0:
		from = timeseries.InstantMin
	case 1:
		to = timeseries.InstantMax
	}
	return from, to
}

func drawBatch(t *rapid.T) []timeseries.Entry {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) timeseries.Entry {
		return timeseries.Entry{
			At:     drawTime(t, "at"),
			Values: rapid.SliceOfN(rapid.Float64(), 1, rapid.SampledFrom([]int{1, 3, 32}).Draw(t, "n")).Draw(t, "values"),
			Tag:    rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "tag"),
		}
	}), 0, 30).Draw(t, "batch")
}

func TestSeries_MatchesMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, want := &memory{}, model{}
		s := timeseries.NewSeries(store, timeseries.Plain)
		apply := func(c timeseries.Change, err error, change func()) {
			before := len(want.entries(timeseries.InstantMin, timeseries.InstantMax, false))
			change()
			after := len(want.entries(timeseries.InstantMin, timeseries.InstantMax, false))
			if err != nil || c.Live != after-before {
				t.Fatalf("change %+v, want %d live: %v", c, after-before, err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				batch := drawBatch(t)
				c, err := s.Append(batch)
				apply(c, err, func() {
					for _, e := range batch {
						want[e.At] = e
					}
				})
			},
			"delete": func(t *rapid.T) {
				from, to := drawRange(t)
				c, err := s.Delete(from, to)
				apply(c, err, func() { want.delete(from, to) })
			},
			"remove": func(t *rapid.T) {
				from, to := drawRange(t)
				c, err := s.Remove(from, to)
				apply(c, err, func() {
					for _, e := range want.entries(from, to, true) {
						delete(want, e.At)
					}
				})
			},
			"read": func(t *rapid.T) { wantReads(t, s, want) },
			"": func(t *rapid.T) {
				wantSound(t, store)
				wantEntries(t, store.all(t), want.entries(timeseries.InstantMin, timeseries.InstantMax, true))
			},
		})
	})
}

// wantReads compares every way to read with the model.
func wantReads(t *rapid.T, s *timeseries.Series, want model) {
	t.Helper()
	from, to := drawRange(t)
	list := want.entries(from, to, false)
	wantEntries(t, collect(t, s.Range(from, to)), list)
	skip, size := rapid.IntRange(0, 20).Draw(t, "skip"), rapid.IntRange(-1, 20).Draw(t, "size")
	page := list[min(skip, len(list)):]
	if size >= 0 {
		page = page[:min(size, len(page))]
	}
	wantEntries(t, collect(t, s.Page(from, to, skip, size)), page)

	all := want.entries(timeseries.InstantMin, timeseries.InstantMax, false)
	st, err := s.Stats()
	if err != nil || st.Entries != len(all) || len(all) > 0 && (st.Start != all[0].At || st.End != all[len(all)-1].At) {
		t.Fatalf("stats %+v of %d entries: %v", st, len(all), err)
	}
	first, ok, err := s.First()
	if err != nil || ok != (len(all) > 0) || ok && !first.Equal(all[0]) {
		t.Fatalf("first %v, %v, %v", first, ok, err)
	}
	last, ok, err := s.Last()
	if err != nil || ok != (len(all) > 0) || ok && !last.Equal(all[len(all)-1]) {
		t.Fatalf("last %v, %v, %v", last, ok, err)
	}
	n := rapid.IntRange(1, 40).Draw(t, "last")
	at, ok, err := s.SinceLast(n)
	if err != nil || ok != (len(all) > 0) || ok && at != all[max(0, len(all)-n)].At {
		t.Fatalf("since last %d: %v, %v, %v", n, at, ok, err)
	}
}

func TestSeries_AppendInOrderWritesOneSegment(t *testing.T) {
	store := &memory{}
	s := timeseries.NewSeries(store, timeseries.Plain)
	for i := range 3000 {
		before := store.puts
		c, err := s.Append([]timeseries.Entry{{At: start + second*timeseries.Instant(i), Values: []float64{float64(60 + i*i%31)}}})
		must(t, err)
		if store.puts != before+1 || c.Live != 1 {
			t.Fatalf("entry %d: %d puts, %+v", i, store.puts-before, c)
		}
	}
	wantSound(t, store)
	if len(store.rows) > 3 {
		t.Errorf("%d segments", len(store.rows))
	}
}

// TestSeries_BackwardsFillsSegments: the worst order does not leave a segment for each entry.
func TestSeries_BackwardsFillsSegments(t *testing.T) {
	store := &memory{}
	s := timeseries.NewSeries(store, timeseries.Plain)
	for i := range 2000 {
		_, err := s.Append([]timeseries.Entry{{At: start - second*timeseries.Instant(i), Values: []float64{float64(i*i%1001) / 7}}})
		must(t, err)
	}
	wantSound(t, store)
	if bytes := totalBytes(store); bytes > len(store.rows)*timeseries.SegmentBytesMax || bytes < len(store.rows)*timeseries.SegmentBytesMax*4/10 {
		t.Errorf("%d segments hold %d bytes", len(store.rows), bytes)
	}
}

func totalBytes(m *memory) int {
	n := 0
	for _, r := range m.rows {
		n += len(r.data)
	}
	return n
}

func TestSeries_RefusesWhatItCannotStore(t *testing.T) {
	store := &memory{}
	plain, incremental := timeseries.NewSeries(store, timeseries.Plain), timeseries.NewSeries(store, timeseries.Incremental)
	good := timeseries.Entry{At: start, Values: []float64{1}}
	f := func(_ timeseries.Change, err error, want fault.Kind) {
		t.Helper()
		if err == nil || fault.Of(err) != want || err.Error() == "" {
			t.Errorf("got %v, want kind %v", err, want)
		}
		if len(store.rows) != 0 {
			t.Error("something was written")
		}
	}
	app := func(s *timeseries.Series, e timeseries.Entry, want fault.Kind) {
		t.Helper()
		c, err := s.Append([]timeseries.Entry{good, e})
		f(c, err, want)
	}
	app(plain, timeseries.Entry{At: start}, fault.Invalid)
	app(plain, timeseries.Entry{At: start, Dead: true}, fault.Invalid)
	app(plain, timeseries.Entry{At: timeseries.InstantMax + 1, Values: []float64{1}}, fault.Invalid)
	app(plain, timeseries.Entry{At: start, Values: make([]float64, 33)}, fault.TooLarge)
	app(plain, timeseries.Entry{At: start, Values: []float64{1}, Tag: string(make([]byte, 256))}, fault.TooLarge)
	app(incremental, good, fault.Invalid)
	merge := func(s *timeseries.Series, e timeseries.Entry) {
		t.Helper()
		c, err := s.Merge([]timeseries.Entry{e})
		f(c, err, fault.Invalid)
	}
	merge(plain, timeseries.Entry{At: start, Dead: true, Tag: "a"})
	merge(plain, timeseries.Entry{At: start, Dead: true, Values: []float64{1}})
	merge(incremental, good)
	c, err := plain.MergeSegment([]byte{1})
	f(c, err, fault.Corrupt)
}

// TestSeries_ReturnsErrorsOfItsStore: whichever call fails, the error comes up.
func TestSeries_ReturnsErrorsOfItsStore(t *testing.T) {
	var batch []timeseries.Entry
	for i := range 2000 {
		batch = append(batch, timeseries.Entry{At: start + second*timeseries.Instant(i), Values: []float64{float64(i) / 3}})
	}
	failures := 0
	for i := 1; ; i++ {
		store := &memory{}
		s := timeseries.NewSeries(store, timeseries.Plain)
		_, err := s.Append(batch)
		must(t, err)
		store.calls, store.failAt = 0, i
		err = work(s)
		if store.calls < i {
			must(t, err)
			break
		}
		if !errors.As(err, &storeError{}) {
			t.Fatalf("call %d failed, the answer is %v", i, err)
		}
		failures++
	}
	if failures < 20 {
		t.Errorf("only %d calls failed", failures)
	}
}

// work uses a store in each way and returns the first error.
func work(s *timeseries.Series) error {
	if _, err := s.Append([]timeseries.Entry{{At: start + 1, Values: []float64{1}}, {At: start - 1, Values: []float64{1}}}); err != nil {
		return err
	}
	if _, err := s.Delete(start, start+1500*second); err != nil {
		return err
	}
	if _, err := s.Stats(); err != nil {
		return err
	}
	if _, _, err := s.First(); err != nil {
		return err
	}
	if _, _, err := s.Last(); err != nil {
		return err
	}
	if _, err := s.Summary(timeseries.InstantMin, timeseries.InstantMax); err != nil {
		return err
	}
	for _, err := range s.Page(start, timeseries.InstantMax, 1700, 100) {
		if err != nil {
			return err
		}
	}
	_, err := s.Remove(start, timeseries.InstantMax)
	return err
}
