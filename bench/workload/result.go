package workload

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Result is one workload's outcome on one subject.
type Result struct {
	Subject string    `json:"subject"`
	Name    string    `json:"name"`
	Value   float64   `json:"value"` // median of Rounds
	Unit    string    `json:"unit"`
	Rounds  []float64 `json:"rounds"`         // in the order in which they were measured
	Kind    string    `json:"kind,omitempty"` // engine or http, where figures of both stand side by side
}

// results gathers rounds by workload, in the order in which the workloads first came.
type results struct {
	subject string
	list    []Result
}

// add records one round.
func (r *results) add(name, unit string, value float64) {
	i := slices.IndexFunc(r.list, func(one Result) bool { return one.Name == name })
	if i < 0 {
		i = len(r.list)
		r.list = append(r.list, Result{Subject: r.subject, Name: name, Unit: unit})
	}
	r.list[i].Rounds = append(r.list[i].Rounds, value)
	r.list[i].Value = Median(r.list[i].Rounds)
}

// Median returns the middle of values, the mean of the two middle ones for an even number; 0 for none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Print writes list to w: one JSON object a line, or a table for people.
func Print(w io.Writer, list []Result, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		for _, r := range list {
			if err := e.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "subject\tworkload\tmedian\tmin\tmax\tunit\t")
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\n",
			r.Subject, strings.TrimSpace(r.Kind+" "+r.Name), Figure(r.Value), Figure(slices.Min(r.Rounds)), Figure(slices.Max(r.Rounds)), r.Unit)
	}
	return table.Flush()
}

// Figure prints a number as people read it: 1234567 is "1,234,567", small ones keep decimals.
func Figure(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
