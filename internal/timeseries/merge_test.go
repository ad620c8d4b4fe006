package timeseries_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/timeseries"
	"pgregory.net/rapid"
)

// drawCopy returns entries of another node's copy, few times and values, so that many meet.
func drawCopy(t *rapid.T, kind timeseries.Kind, label string) []timeseries.Entry {
	value := rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 2, -1, math.NaN(), math.Inf(1)})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) timeseries.Entry {
		e := timeseries.Entry{At: start + timeseries.Instant(rapid.IntRange(0, 3).Draw(t, "at")), Dead: rapid.IntRange(0, 5).Draw(t, "dead") == 0}
		if kind == timeseries.Incremental {
			e.Tag = rapid.SampledFrom([]string{"TC:INC-A", "TC:DEC-A", "TC:INC-B"}).Draw(t, "node")
			value := rapid.SampledFrom([]float64{0, 1, 2, 5})
			if e.Tag == "TC:DEC-A" {
				value = rapid.SampledFrom([]float64{0, -1, -2})
			}
			if !e.Dead {
				e.Values = rapid.SliceOfN(value, 1, 3).Draw(t, "values")
			}
			return e
		}
		if !e.Dead {
			e.Values = rapid.SliceOfN(value, 1, 3).Draw(t, "values")
			e.Tag = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "tag")
		}
		return e
	}), 0, 6).Draw(t, label)
}

// merged returns a copy that has merged lists in turn.
func merged(t *rapid.T, kind timeseries.Kind, lists ...[]timeseries.Entry) *memory {
	t.Helper()
	store := &memory{}
	s := timeseries.NewSeries(store, kind)
	for _, list := range lists {
		if _, err := s.Merge(list); err != nil {
			t.Fatalf("%v", err)
		}
	}
	wantSound(t, store)
	return store
}

func TestMerge_Laws(t *testing.T) {
	for _, kind := range []timeseries.Kind{timeseries.Plain, timeseries.Incremental} {
		rapid.Check(t, func(t *rapid.T) {
			a, b, c := drawCopy(t, kind, "a"), drawCopy(t, kind, "b"), drawCopy(t, kind, "c")
			want := merged(t, kind, a, b, c).all(t)
			// commutes
			wantEntries(t, merged(t, kind, c, a, b).all(t), want)
			wantEntries(t, merged(t, kind, b, c, a).all(t), want)
			// associates: what another merged first, as it stands there
			bc := merged(t, kind, b, c)
			wantEntries(t, merged(t, kind, a, bc.all(t)).all(t), want)
			// repeats, and then writes nothing
			store := merged(t, kind, a, b, c)
			puts := store.puts
			s := timeseries.NewSeries(store, kind)
			for _, list := range [][]timeseries.Entry{b, a, want} {
				if change, err := s.Merge(list); err != nil || change != (timeseries.Change{}) {
					t.Fatalf("merging again: %+v, %v", change, err)
				}
			}
			for _, r := range bc.rows {
				if _, err := s.MergeSegment(r.data); err != nil {
					t.Fatalf("%v", err)
				}
			}
			if store.puts != puts {
				t.Fatalf("merging again wrote %d segments", store.puts-puts)
			}
		})
	}
}

func TestMerge_WhoWins(t *testing.T) {
	live := func(tag string, values ...float64) timeseries.Entry {
		return timeseries.Entry{At: start, Values: values, Tag: tag}
	}
	f := func(loser, winner timeseries.Entry) {
		t.Helper()
		for _, order := range [][]timeseries.Entry{{loser, winner}, {winner, loser}} {
			store := &memory{}
			s := timeseries.NewSeries(store, timeseries.Plain)
			for _, e := range order {
				_, err := s.Merge([]timeseries.Entry{e})
				must(t, err)
			}
			wantEntries(t, store.all(t), []timeseries.Entry{winner})
		}
	}
	f(live("", 9), live("", 1, 1))                 // more values
	f(live("", 1, 9), live("", 2, 0))              // greater first value
	f(live("", 2, 0), live("", 2, 1))              // then the next
	f(live("", math.Copysign(0, -1)), live("", 0)) // down to the bit
	f(live("", math.Inf(1)), live("", math.NaN()))
	f(live("a", 1), live("b", 1))
	f(live("z", 9, 9), timeseries.Entry{At: start, Dead: true}) // a deletion beats all
}

// TestMerge_LastWriteWinsOnOneNode: what was deleted can be written again, and the deletion still wins elsewhere.
func TestMerge_LastWriteWinsOnOneNode(t *testing.T) {
	store := &memory{}
	s := timeseries.NewSeries(store, timeseries.Plain)
	entry := []timeseries.Entry{{At: start, Values: []float64{5}}}
	lesser := []timeseries.Entry{{At: start, Values: []float64{4}}}
	_, err := s.Append(entry)
	must(t, err)
	_, err = s.Append(lesser)
	must(t, err)
	wantEntries(t, store.all(t), lesser)
	_, err = s.Delete(start, start)
	must(t, err)
	deleted := store.all(t)
	_, err = s.Append(entry)
	must(t, err)
	wantEntries(t, store.all(t), entry)
	_, err = s.Merge(deleted)
	must(t, err)
	wantEntries(t, store.all(t), deleted)
}

// TestIncrement_AddsUpAcrossNodes: two nodes write, exchange copies in both directions, and read the same sums as a model.
func TestIncrement_AddsUpAcrossNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stores := map[string]*memory{"A-x": {}, "B-y": {}}
		want := map[timeseries.Instant]map[string][]float64{}
		for range rapid.IntRange(1, 20).Draw(t, "writes") {
			node := rapid.SampledFrom([]string{"A-x", "B-y"}).Draw(t, "node")
			at := start + timeseries.Instant(rapid.IntRange(0, 3).Draw(t, "at"))
			var values []float64
			for range rapid.IntRange(1, 3).Draw(t, "n") {
				values = append(values, float64(rapid.IntRange(-5, 5).Draw(t, "value")))
			}
			s := timeseries.NewSeries(stores[node], timeseries.Incremental)
			if _, err := s.Increment(node, []timeseries.Entry{{At: at, Values: values}}); err != nil {
				t.Fatalf("%v", err)
			}
			if want[at] == nil {
				want[at] = map[string][]float64{}
			}
			sum := append(want[at][node], make([]float64, max(0, len(values)-len(want[at][node])))...)
			for i, v := range values {
				sum[i] += v
			}
			want[at][node] = sum
			if rapid.Bool().Draw(t, "replicate") {
				exchange(t, stores[node], stores["B-y"], stores["A-x"])
			}
		}
		exchange(t, stores["A-x"], stores["B-y"])
		exchange(t, stores["B-y"], stores["A-x"])
		wantEntries(t, stores["B-y"].all(t), stores["A-x"].all(t))
		wantSums(t, timeseries.NewView(stores["A-x"], timeseries.Incremental), want)
	})
}

// exchange merges the segments of one copy into others.
func exchange(t *rapid.T, from *memory, into ...*memory) {
	t.Helper()
	for _, to := range into {
		if from == to {
			continue
		}
		for _, r := range from.rows {
			if _, err := timeseries.NewSeries(to, timeseries.Incremental).MergeSegment(r.data); err != nil {
				t.Fatalf("%v", err)
			}
		}
	}
}

func wantSums(t *rapid.T, v timeseries.View, want map[timeseries.Instant]map[string][]float64) {
	t.Helper()
	n := 0
	for s, err := range v.Sums(timeseries.InstantMin, timeseries.InstantMax) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		n++
		if diff := cmp.Diff(want[s.At], s.Nodes); diff != "" {
			t.Fatalf("at %v (-want +got):\n%s", s.At, diff)
		}
		var total []float64
		for _, values := range want[s.At] {
			total = append(total, make([]float64, max(0, len(values)-len(total)))...)
			for i, v := range values {
				total[i] += v
			}
		}
		if !slices.Equal(s.Values, total) || s.Tag != "TC:INC" {
			t.Fatalf("at %v: %v %q, want %v", s.At, s.Values, s.Tag, total)
		}
	}
	if st, err := v.Stats(); err != nil || st.Entries != len(want) || n != len(want) {
		t.Fatalf("%d sums, stats %+v, want %d: %v", n, st, len(want), err)
	}
	last, ok, err := v.Last()
	if err != nil || !ok || last.At != slices.Max(slices.Collect(func(yield func(timeseries.Instant) bool) {
		for at := range want {
			if !yield(at) {
				return
			}
		}
	})) {
		t.Fatalf("last %v, %v, %v", last, ok, err)
	}
}

// TestIncrement_ManyNodesAtOneTime: more than fits into a segment.
func TestIncrement_ManyNodesAtOneTime(t *testing.T) {
	store := &memory{}
	s := timeseries.NewSeries(store, timeseries.Incremental)
	for node := range 60 {
		values := make([]float64, timeseries.ValuesMax)
		for i := range values {
			values[i] = float64((node + 1) * (i + 3))
		}
		_, err := s.Increment(string(rune('A'+node)), []timeseries.Entry{{At: start, Values: values}})
		must(t, err)
	}
	wantSound(t, store)
	sums := 0
	for sum, err := range s.Sums(start, start) {
		must(t, err)
		sums++
		if len(sum.Nodes) != 60 || sum.Values[0] != 3*60*61/2 {
			t.Errorf("%d nodes, sum %v", len(sum.Nodes), sum.Values[0])
		}
	}
	if sums != 1 || len(store.rows) < 2 {
		t.Errorf("%d sums of %d segments", sums, len(store.rows))
	}
	if at, ok, err := s.SinceLast(2); at != start || !ok || err != nil {
		t.Errorf("since last: %v, %v, %v", at, ok, err)
	}
	change, err := s.Delete(start, start)
	must(t, err)
	if st, err := s.Stats(); change.Live != -60 || st.Entries != 0 || err != nil {
		t.Errorf("after deleting: %+v, %+v, %v", change, st, err)
	}
}

func TestIncrement_RefusesWhatDoesNotAddUp(t *testing.T) {
	s := timeseries.NewSeries(&memory{}, timeseries.Incremental)
	f := func(node string, e timeseries.Entry) {
		t.Helper()
		if _, err := s.Increment(node, []timeseries.Entry{e}); err == nil {
			t.Errorf("took %+v of node %.10q", e, node)
		}
	}
	f("A", timeseries.Entry{At: start, Values: []float64{math.NaN()}})
	f("A", timeseries.Entry{At: start, Values: []float64{math.Inf(-1)}})
	f("A", timeseries.Entry{At: start, Values: []float64{1}, Tag: "t"})
	f("A", timeseries.Entry{At: start})
	f("", timeseries.Entry{At: start, Values: []float64{1}})
	f(string(make([]byte, 250)), timeseries.Entry{At: start, Values: []float64{1}})
	plain := timeseries.NewSeries(&memory{}, timeseries.Plain)
	if _, err := plain.Increment("A", []timeseries.Entry{{At: start, Values: []float64{1}}}); err == nil {
		t.Error("a plain series took an increment")
	}
}
