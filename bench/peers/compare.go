package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rookerydb/rookery/bench/workload"
)

// goal is a ratio that rookery is to reach against a peer in the same run.
type goal struct {
	kind, name, peer string
	ratio            float64 // 0: no goal, the ratio is shown all the same
}

// goals are the ratios that the table shows, in its order.
var goals = []goal{
	{"engine", workload.Put1, "bbolt", 2.2},
	{"engine", workload.Put1, "pebble", 0.9},
	{"engine", workload.Put1, "limit", 0},
	{"engine", workload.Put64, "bbolt", 0},
	{"engine", workload.Put64, "pebble", 1.0},
	{"engine", workload.Put64, "limit", 0},
	{"engine", workload.Put512, "pebble", 0},
	{"engine", workload.Bulk, "bbolt", 3},
	{"engine", workload.Bulk, "pebble", 0},
	{"engine", workload.Read1, "bbolt", 0.8},
	{"engine", workload.Read8, "bbolt", 0.8},
	{"engine", workload.Scan, "bbolt", 0},
	{"http", workload.HTTPPut1, "nethttp", 0},
	{"http", workload.HTTPPut32, "nethttp", 0.35},
	{"http", workload.HTTPGet1, "nethttp", 0.6},
	{"http", workload.HTTPGet32, "nethttp", 0.6},
}

// foreignMax is the share of the machine that others may use during a round before the round is set aside.
const foreignMax = 0.25

// subject is one column of the comparison: how to run a round of it.
type subject struct {
	kind, name string
	command    []string
}

// measurement is one workload of one subject in one round.
type measurement struct {
	kind    string
	result  workload.Result
	foreign float64 // share of the machine that others used meanwhile
}

// compare runs every subject once a round, in another order each round, and prints what came out.
func compare(args []string) error {
	flags := flag.NewFlagSet("peers compare", flag.ExitOnError)
	config := workload.Flags(flags)
	bench := flags.String("bench", "bin/rookery-bench", "the rookery-bench program")
	server := flags.String("rookery", "bin/rookery", "the rookery program")
	kind := flags.String("kind", "", "engine or http; both when empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if config.Rounds == 0 {
		config.Rounds = 3
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	workload.PrintMachine(os.Stderr, config.Dir)
	subjects := slices.DeleteFunc([]subject{
		{"engine", "rookery", []string{*bench, "engine"}},
		{"engine", "bbolt", []string{self, "engine", "-subject", "bbolt"}},
		{"engine", "pebble", []string{self, "engine", "-subject", "pebble"}},
		{"engine", "limit", []string{self, "engine", "-subject", "limit"}},
		{"http", "rookery", []string{*bench, "http", "-bin", *server}},
		{"http", "nethttp", []string{*bench, "http", "-subject", "nethttp", "-bin", self}},
	}, func(s subject) bool {
		return *kind != "" && s.kind != *kind || len(config.Only) > 0 && s.only(config.Only) == ""
	})

	var all []measurement
	for round := range config.Rounds {
		for i := range subjects {
			s := subjects[(i+round)%len(subjects)]
			got, err := s.round(config)
			if err != nil {
				return fmt.Errorf("%s %s, round %d: %w", s.kind, s.name, round+1, err)
			}
			all = append(all, got...)
		}
	}
	return report(all, config.JSON)
}

// round runs the subject's command for one round and reads what it prints.
func (s subject) round(c *workload.Config) ([]measurement, error) {
	args := append(slices.Clone(s.command[1:]), "-json", "-rounds", "1", "-dir", c.Dir)
	if c.Short {
		args = append(args, "-short")
	}
	if only := s.only(c.Only); only != "" {
		args = append(args, "-only", only)
	}
	cmd := exec.Command(s.command[0], args...)
	var out, notes bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &notes
	before, began := busyTime(), time.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, notes.String())
	}
	own := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	foreign := foreignShare(busyTime()-before, own, time.Since(began))
	fmt.Fprintf(os.Stderr, "%s %s: %.0f s, others used %.0f %% of the machine\n", s.kind, s.name, time.Since(began).Seconds(), 100*foreign)

	var got []measurement
	for lines := json.NewDecoder(&out); lines.More(); {
		m := measurement{kind: s.kind, foreign: foreign}
		if err := lines.Decode(&m.result); err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
		got = append(got, m)
	}
	return got, nil
}

// only returns the names of wanted that are workloads of this kind, with commas between.
func (s subject) only(wanted []string) string {
	var mine []byte
	for _, name := range wanted {
		http := slices.Contains([]string{workload.HTTPPut32, workload.HTTPGet1, workload.HTTPGet32}, name)
		if name != workload.Put1 && http != (s.kind == "http") {
			continue
		}
		if len(mine) > 0 {
			mine = append(mine, ',')
		}
		mine = append(mine, name...)
	}
	return string(mine)
}

// clean returns the rounds of a workload, without those in which others used much of the machine, if two others remain.
func clean(all []measurement, kind, name, subject string) []float64 {
	var every, quiet []float64
	for _, m := range all {
		if m.kind != kind || m.result.Name != name || m.result.Subject != subject {
			continue
		}
		every = append(every, m.result.Rounds...)
		if m.foreign <= foreignMax {
			quiet = append(quiet, m.result.Rounds...)
		}
	}
	if len(quiet) >= 2 {
		return quiet
	}
	return every
}

// report prints the figures of all subjects, and rookery's ratios against the goals.
func report(all []measurement, asJSON bool) error {
	var list []workload.Result
	type key struct{ kind, name, subject string }
	seen := map[key]bool{}
	for _, m := range all {
		k := key{m.kind, m.result.Name, m.result.Subject}
		if seen[k] {
			continue
		}
		seen[k] = true
		r := m.result
		r.Rounds = clean(all, k.kind, k.name, k.subject)
		r.Value = workload.Median(r.Rounds)
		r.Kind = m.kind
		list = append(list, r)
	}
	if asJSON {
		return workload.Print(os.Stdout, list, true)
	}
	slices.SortStableFunc(list, func(a, b workload.Result) int { return strings.Compare(a.Kind+a.Name, b.Kind+b.Name) })
	if err := workload.Print(os.Stdout, list, false); err != nil {
		return err
	}
	return printRatios(all)
}

// printRatios prints a line for each goal of which both sides were measured.
func printRatios(all []measurement) error {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "rookery\tagainst\tratio\tgoal\t\t")
	for _, g := range goals {
		ours := workload.Median(clean(all, g.kind, g.name, "rookery"))
		theirs := workload.Median(clean(all, g.kind, g.name, g.peer))
		if ours == 0 || theirs == 0 {
			continue
		}
		ratio := ours / theirs
		wanted, verdict := "", ""
		if g.ratio > 0 {
			wanted, verdict = strconv.FormatFloat(g.ratio, 'f', -1, 64), "reached"
			if ratio < g.ratio {
				verdict = "missed"
			}
		}
		fmt.Fprintf(table, "%s %s\t%s\t%.2f\t%s\t%s\t\n", g.kind, g.name, g.peer, ratio, wanted, verdict)
	}
	return table.Flush()
}
