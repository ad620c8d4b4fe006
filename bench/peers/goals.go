package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/rookerydb/rookery/bench/workload"
)

// goal is what rookery is to reach: a ratio against a peer in the same run, or a figure of its own.
type goal struct {
	label      string // of the line in docs/benchmarks.md; empty: no goal, shown all the same
	kind, name string
	peer       string  // empty: the figure itself is bounded
	atLeast    float64 // 0: not bounded below
	atMost     float64 // 0: not bounded above, unless zero is set
	zero       bool    // must be zero
}

// goals are the lines that the table shows, in its order. E1 to E8 are those of the storage engine.
var goals = []goal{
	{label: "E1", kind: "engine", name: workload.Put1, peer: "limit", atLeast: 0.85},
	{label: "E1", kind: "engine", name: workload.Put1, peer: "bbolt", atLeast: 2.2},
	{label: "E1", kind: "engine", name: workload.Put1, peer: "pebble", atLeast: 1.0},
	{label: "E2", kind: "engine", name: workload.Put64, peer: "limit", atLeast: 0.55},
	{label: "E2", kind: "engine", name: workload.Put64, peer: "bbolt", atLeast: 5},
	{label: "E2", kind: "engine", name: workload.Put64, peer: "pebble", atLeast: 1.25},
	{label: "E2", kind: "engine", name: workload.Put64, peer: "rocksdb", atLeast: 1.25},
	{label: "E2", kind: "engine", name: workload.Put512, peer: "pebble", atLeast: 1.2},
	{label: "E2", kind: "engine", name: workload.P99Put64, atMost: 3},
	{label: "E3", kind: "engine", name: workload.Bulk, peer: "bbolt", atLeast: 5},
	{label: "E3", kind: "engine", name: workload.Bulk, peer: "pebble", atLeast: 0.6},
	{label: "E3", kind: "engine", name: workload.WrittenBulk, atMost: 5},
	{label: "E3", kind: "engine", name: workload.BulkInOrder, peer: "bbolt", atLeast: 1.25},
	{label: "E3", kind: "engine", name: workload.BulkInOrder, peer: "lmdb", atLeast: 0.55},
	{label: "E4", kind: "engine", name: workload.Read1, peer: "bbolt", atLeast: 1.0},
	{label: "E4", kind: "engine", name: workload.Read8, peer: "bbolt", atLeast: 1.2},
	{label: "E4", kind: "engine", name: workload.Read8, peer: "lmdb", atLeast: 0.75},
	{label: "E4", kind: "engine", name: workload.Scan, peer: "bbolt", atLeast: 0.8},
	{label: "E5", kind: "engine", name: workload.Bytes64, atMost: 1000},
	{label: "E5", kind: "engine", name: workload.FileLoad, atMost: 1.4},
	{label: "E5", kind: "engine", name: workload.Memory, peer: "pebble", atMost: 1.1},
	{label: "E6", kind: "engine", name: workload.Open1, atMost: 100},
	{label: "E6", kind: "engine", name: workload.Open64, atMost: 100},
	{label: "E6", kind: "engine", name: workload.OpenAllocs, zero: true},
	{label: "E8", kind: "engine", name: workload.Recovery, atLeast: 500},
	{label: "E8", kind: "engine", name: workload.Check, atLeast: 300},
	{kind: "http", name: workload.HTTPPut1, peer: "nethttp"},
	{label: "H1", kind: "http", name: workload.HTTPPut32, peer: "nethttp", atLeast: 0.35},
	{label: "H2", kind: "http", name: workload.HTTPGet1, peer: "nethttp", atLeast: 0.6},
	{label: "H2", kind: "http", name: workload.HTTPGet32, peer: "nethttp", atLeast: 0.6},
}

// libraries are peers that are no Go: they would have to be linked, and this program is built without a C compiler.
var libraries = []string{"lmdb", "rocksdb"}

// zeroBelow is what counts as zero among averages.
const zeroBelow = 0.01

// verdict is how one goal came out.
type verdict struct {
	Goal    string  `json:"goal,omitempty"`
	Kind    string  `json:"kind"`
	Name    string  `json:"name"`
	Against string  `json:"against,omitempty"`
	Figure  float64 `json:"figure"`           // the ratio, or rookery's own figure when it is against nobody
	Wanted  string  `json:"wanted,omitempty"` // such as ">= 1.25"
	Verdict string  `json:"verdict,omitempty"`
}

// judge compares what was measured with the goals. Goals of which a side was not measured are left out, but for those of
// peers that cannot be there.
func judge(all []measurement) []verdict {
	var list []verdict
	for _, g := range goals {
		v := verdict{Goal: g.label, Kind: g.kind, Name: g.name, Against: g.peer, Wanted: g.wanted()}
		ours := clean(all, g.kind, g.name, "rookery")
		if len(ours) == 0 {
			continue
		}
		v.Figure = workload.Median(ours)
		for _, library := range libraries {
			if g.peer == library {
				v.Figure, v.Verdict = 0, "not on this machine"
			}
		}
		if g.peer != "" && v.Verdict == "" {
			theirs := workload.Median(clean(all, g.kind, g.name, g.peer))
			if theirs == 0 {
				continue
			}
			v.Figure /= theirs
		}
		if v.Verdict == "" {
			v.Verdict = g.judge(v.Figure)
		}
		list = append(list, v)
	}
	return list
}

// wanted is the bound in a few characters.
func (g goal) wanted() string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case g.zero:
		return "0"
	case g.atLeast > 0:
		return ">= " + number(g.atLeast)
	case g.atMost > 0:
		return "<= " + number(g.atMost)
	default:
		return ""
	}
}

// judge says whether a figure is within the bounds; nothing where there are none.
func (g goal) judge(figure float64) string {
	switch {
	case g.wanted() == "":
		return ""
	case g.zero && figure >= zeroBelow, g.atLeast > 0 && figure < g.atLeast, g.atMost > 0 && figure > g.atMost:
		return "missed"
	default:
		return "reached"
	}
}

// printVerdicts prints a line for each goal.
func printVerdicts(w io.Writer, list []verdict) error {
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "goal\trookery\tagainst\tfigure\twanted\t\t")
	for _, v := range list {
		figure := workload.Figure(v.Figure)
		if v.Figure == 0 && v.Verdict != "reached" {
			figure = ""
		}
		fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\t%s\t%s\t\n", v.Goal, v.Kind, v.Name, v.Against, figure, v.Wanted, v.Verdict)
	}
	return table.Flush()
}

// printVerdictsJSON prints one object for each goal, after those of the figures.
func printVerdictsJSON(w io.Writer, list []verdict) error {
	e := json.NewEncoder(w)
	for _, v := range list {
		if err := e.Encode(v); err != nil {
			return err
		}
	}
	return nil
}
