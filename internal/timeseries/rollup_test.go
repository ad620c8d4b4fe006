package timeseries_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rookerydb/rookery/internal/timeseries"
	"pgregory.net/rapid"
)

// TestRollup_OfRollupsIsRollupOfRaw: going through minutes changes nothing in hours, whatever was touched again in between.
func TestRollup_OfRollupsIsRollupOfRaw(t *testing.T) {
	c := &timeseries.CollectionConfiguration{Policies: []timeseries.Policy{
		policy("ByHour", timeseries.Unlimited(), seconds(3600)), policy("ByMinute", days(365), seconds(60)),
	}}
	must(t, c.SetRawPolicy(timeseries.RawPolicy{RetentionTime: days(365)}))
	rapid.Check(t, func(t *rapid.T) {
		series := map[string]*timeseries.Series{}
		for _, name := range []string{"HR", "HR@ByMinute", "HR@ByHour"} {
			series[name] = timeseries.NewSeries(&memory{}, timeseries.Plain)
		}
		list := drawWhole(t, rapid.IntRange(1, 300).Draw(t, "entries"))
		now := list[len(list)-1].At
		run := func(from, to timeseries.Instant) {
			for _, step := range c.Steps("HR") {
				if _, err := step.Run(series[step.Source].View, series[step.Target], from, to, now); err != nil {
					t.Fatalf("%v", err)
				}
			}
		}
		// first without some entries, and with others that go again
		for i, e := range list {
			if i%5 != 0 {
				appendAll(t, series["HR"], e)
			}
		}
		extra := list[0].At + 3*3600*second/2
		appendAll(t, series["HR"], timeseries.Entry{At: extra, Values: []float64{1e15, 1, 1, 1}})
		run(timeseries.InstantMin, now)
		if _, err := series["HR"].Delete(extra, extra); err != nil {
			t.Fatalf("%v", err)
		}
		run(extra, extra)
		for i, e := range list {
			if i%5 == 0 {
				appendAll(t, series["HR"], e)
				run(e.At, e.At)
			}
		}
		for _, e := range list {
			if e.At == extra {
				return // it went with the one that was there for a while
			}
		}
		for _, p := range c.Policies {
			frame := p.AggregationTime.Frame()
			over := frame.Start(now)
			var raw []timeseries.Entry
			for _, e := range list {
				if e.At < over {
					raw = append(raw, e)
				}
			}
			want := collect(t, timeseries.Rollup(sequence(raw), frame, false))
			wantEntries(t, collect(t, series["HR@"+p.Name].Range(timeseries.InstantMin, timeseries.InstantMax)), want)
		}
	})
}

func appendAll(t *rapid.T, s *timeseries.Series, entries ...timeseries.Entry) {
	t.Helper()
	if _, err := s.Append(entries); err != nil {
		t.Fatalf("%v", err)
	}
}

func TestRollup_TakesFiveValuesInSixes(t *testing.T) {
	entries := []timeseries.Entry{
		{At: at(t, "2024-02-03T04:05:06"), Values: []float64{1, 2, 3, 4, 5, 6, 7}, Tag: "t"},
		{At: at(t, "2024-02-29T04:05:06"), Values: []float64{-1}},
		{At: at(t, "2024-03-01T00:00:00"), Values: []float64{9}},
	}
	got := collect(t, timeseries.Rollup(sequence(entries), timeseries.Frame{Months: 1}, false))
	want := []timeseries.Entry{
		{At: at(t, "2024-02-01T00:00:00"), Values: []float64{
			1, -1, -1, 1, 0, 2, 2, 2, 2, 2, 2, 1, 3, 3, 3, 3, 3, 1, 4, 4, 4, 4, 4, 1, 5, 5, 5, 5, 5, 1,
		}},
		{At: at(t, "2024-03-01T00:00:00"), Values: []float64{9, 9, 9, 9, 9, 1}},
	}
	wantEntries(t, got, want)
	for _, err := range timeseries.Rollup(sequence(entries), timeseries.Frame{}, false) {
		if err == nil {
			t.Error("rolled up into no frames")
		}
	}
}

// TestStep_LeavesFramesThatLostEntries: what retention took from the source stays in the target.
func TestStep_LeavesFramesThatLostEntries(t *testing.T) {
	source, target := timeseries.NewSeries(&memory{}, timeseries.Plain), timeseries.NewSeries(&memory{}, timeseries.Plain)
	step := timeseries.Step{Frame: seconds(60).Frame(), SourceRetention: seconds(90)}
	day := at(t, "2024-05-06T00:00:00")
	write := func(sec int) {
		_, err := source.Append([]timeseries.Entry{{At: day + second*timeseries.Instant(sec), Values: []float64{1}}})
		must(t, err)
	}
	counts := func(want ...float64) {
		t.Helper()
		var got []float64
		for _, e := range collect(t, target.Range(timeseries.InstantMin, timeseries.InstantMax)) {
			got = append(got, e.Values[5])
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
	}
	run := func(nowSec int) {
		t.Helper()
		now := day + second*timeseries.Instant(nowSec)
		over, err := step.Run(source.View, target, day, now, now)
		must(t, err)
		if over != step.Frame.Start(now) {
			t.Errorf("over at %v", over)
		}
	}
	write(1)
	write(2)
	write(61)
	run(59)
	counts()
	run(60)
	counts(2)
	run(120)
	counts(2, 1)
	_, err := source.Remove(timeseries.InstantMin, day+10*second) // by retention
	must(t, err)
	write(3) // too late: the frame is not known any more
	write(70)
	run(121)
	counts(2, 2)
	_, err = source.Delete(day+60*second, day+119*second)
	must(t, err)
	run(122)
	counts(2)
}

func TestConfiguration_StepsAndCutoffs(t *testing.T) {
	c := &timeseries.CollectionConfiguration{Policies: []timeseries.Policy{
		policy("ByMinute", months(1), seconds(60)), policy("ByHour", timeseries.Unlimited(), seconds(3600)),
	}}
	must(t, c.SetRawPolicy(timeseries.RawPolicy{RetentionTime: seconds(90)}))
	want := []timeseries.Step{
		{Source: "HR", Target: "HR@ByMinute", Frame: timeseries.Frame{Millis: 60_000}, SourceRetention: seconds(90)},
		{Source: "HR@ByMinute", Target: "HR@ByHour", SourceIsRollup: true, Frame: timeseries.Frame{Millis: 3_600_000}, SourceRetention: months(1)},
	}
	if diff := cmp.Diff(want, c.Steps("HR")); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	cutoffs := []timeseries.Cutoff{
		{Series: "HR", Before: at(t, "2024-05-05T23:58:30")}, {Series: "HR@ByMinute", Before: at(t, "2024-04-06T00:00:00")},
	}
	if diff := cmp.Diff(cutoffs, c.Cutoffs("HR", at(t, "2024-05-06T00:00:00"))); diff != "" {
		t.Errorf("cutoffs (-want +got):\n%s", diff)
	}
	c.Disabled = true
	var none *timeseries.CollectionConfiguration
	if c.Steps("HR") != nil || c.Cutoffs("HR", start) != nil || none.Steps("HR") != nil || none.Cutoffs("HR", start) != nil {
		t.Error("a disabled or absent configuration does something")
	}
}
