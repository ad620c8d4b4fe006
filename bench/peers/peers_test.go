package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rookerydb/rookery/bench/workload"
)

// Every engine does what the workloads take for granted: what was committed is found, and scanned once.
func TestEngines_StoreFindAndScan(t *testing.T) {
	for _, e := range engines {
		t.Run(e.subject, func(t *testing.T) {
			if e.subject == "limit" && testing.Short() {
				t.Skip("writes half a gigabyte")
			}
			engine, err := e.open(t.TempDir())
			if err != nil {
				t.Skipf("not on this system: %v", err)
			}
			var rows []workload.Row
			for i := range 100 {
				rows = append(rows, workload.Row{Key: fmt.Appendf(nil, "key-%03d", i), Value: fmt.Appendf(nil, "value-%d", i)})
			}
			if err := engine.Commit(rows[:60]); err != nil {
				t.Fatal(err)
			}
			if err := engine.Commit(rows[60:]); err != nil {
				t.Fatal(err)
			}
			if err := engine.Settle(); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				got := ""
				if err := engine.Get(row.Key, func(value []byte) { got = string(value) }); err != nil || got != string(row.Value) {
					t.Errorf("%s: got %q, %v, want %q", row.Key, got, err, row.Value)
				}
			}
			var keys []string
			if err := engine.Scan(func(key, _ []byte) { keys = append(keys, string(key)) }); err != nil {
				t.Fatal(err)
			}
			if e.subject != "limit" && !slices.IsSorted(keys) {
				t.Error("scan is out of order")
			}
			slices.Sort(keys)
			if len(slices.Compact(keys)) != len(rows) {
				t.Errorf("scan: got %d different rows, want %d", len(keys), len(rows))
			}
			if err := engine.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestClean_SetsDisturbedRoundsAsideWhileTwoAreLeft(t *testing.T) {
	one := func(value, foreign float64) measurement {
		return measurement{kind: "engine", foreign: foreign, result: workload.Result{Subject: "rookery", Name: workload.Put1, Rounds: []float64{value}}}
	}
	f := func(all []measurement, want ...float64) {
		t.Helper()
		if got := clean(all, "engine", workload.Put1, "rookery"); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	f([]measurement{one(1, 0), one(2, 0.9), one(3, 0.1)}, 1, 3)
	f([]measurement{one(1, 0.5), one(2, 0.9), one(3, 0.1)}, 1, 2, 3) // one quiet round alone is no median
	f(nil)
}

func TestOnly_KeepsTheNamesOfOneKind(t *testing.T) {
	f := func(kind, want string, names ...string) {
		t.Helper()
		if got := (subject{kind: kind}).only(names); got != want {
			t.Errorf("%s %v: got %q, want %q", kind, names, got, want)
		}
	}
	f("engine", "")
	f("engine", "put/1,bulk", workload.Put1, workload.HTTPGet1, workload.Bulk)
	f("http", "put/1,get/1", workload.Put1, workload.HTTPGet1, workload.Bulk)
}

func TestJudge_SaysWhatIsReached(t *testing.T) {
	one := func(subject, name string, value float64) measurement {
		return measurement{kind: "engine", result: workload.Result{Subject: subject, Name: name, Rounds: []float64{value}}}
	}
	got := judge([]measurement{
		one("rookery", workload.Put64, 100), one("limit", workload.Put64, 200), one("bbolt", workload.Put64, 20),
		one("rookery", workload.Memory, 300), one("pebble", workload.Memory, 290),
		one("rookery", workload.OpenAllocs, 0.001), one("rookery", workload.Open1, 120),
		one("pebble", workload.Scan, 5), // rookery's side is missing
	})
	want := []verdict{
		{Goal: "E2", Kind: "engine", Name: workload.Put64, Against: "limit", Figure: 0.5, Wanted: ">= 0.55", Verdict: "missed"},
		{Goal: "E2", Kind: "engine", Name: workload.Put64, Against: "bbolt", Figure: 5, Wanted: ">= 5", Verdict: "reached"},
		{Goal: "E2", Kind: "engine", Name: workload.Put64, Against: "rocksdb", Wanted: ">= 1.25", Verdict: "not on this machine"},
		{Goal: "E5", Kind: "engine", Name: workload.Memory, Against: "pebble", Figure: 300.0 / 290, Wanted: "<= 1.1", Verdict: "reached"},
		{Goal: "E6", Kind: "engine", Name: workload.Open1, Figure: 120, Wanted: "<= 100", Verdict: "missed"},
		{Goal: "E6", Kind: "engine", Name: workload.OpenAllocs, Figure: 0.001, Wanted: "0", Verdict: "reached"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestForeignShare(t *testing.T) {
	f := func(busy, own, elapsed time.Duration, low, high float64) {
		t.Helper()
		if got := foreignShare(busy, own, elapsed); got < low || got > high {
			t.Errorf("busy %v, own %v in %v: got %v, want %v to %v", busy, own, elapsed, got, low, high)
		}
	}
	f(0, time.Second, time.Second, 0, 0) // where the system does not say
	f(time.Second, time.Second, time.Second, 0, 0)
	f(time.Hour, 0, time.Second, 1, 1)
}
