package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/rookerydb/rookery/bench/workload"
)

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
		if s.kind == "http" && !workload.IsHTTPWorkload(name) || s.kind == "engine" && !workload.IsEngineWorkload(name) {
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
	verdicts := judge(all)
	if asJSON {
		return errors.Join(workload.Print(os.Stdout, list, true), printVerdictsJSON(os.Stdout, verdicts))
	}
	slices.SortStableFunc(list, func(a, b workload.Result) int { return strings.Compare(a.Kind+a.Name, b.Kind+b.Name) })
	if err := workload.Print(os.Stdout, list, false); err != nil {
		return err
	}
	return printVerdicts(os.Stdout, verdicts)
}
