package iometrics

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Picture says what part of a recording is drawn, and how wide.
type Picture struct {
	Width int           // columns of time, from 10 to 1000; 0 means 100
	Last  time.Duration // only the last part of the recording, from the end of its last event back; 0 means all of it
}

// shades are how much of a column's time an operation was going on: nothing, then eighths.
var shades = []rune(" ▁▂▃▄▅▆▇█")

// Draw writes x as text: for each environment a line for each track with a column for each piece of time, as dark as the disk was
// busy with it, then figures for each kind of operation, then what failed or took longest.
func (p Picture) Draw(w io.Writer, x Export) error {
	if p.Width == 0 {
		p.Width = 100
	}
	p.Width = min(max(p.Width, 10), timelineWidthMax)
	var b strings.Builder
	fmt.Fprintf(&b, "database %s on node %s, recorded %s\n", plain(x.Database), plain(x.Node), clock(x.Taken))
	for _, env := range x.Environments {
		fmt.Fprintf(&b, "\n%s (%s) in %s\n", plain(env.Name), plain(env.Type), plain(env.Path))
		p.environment(&b, env)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p Picture) environment(b *strings.Builder, env Environment) {
	events := p.chosen(env.Events)
	if len(events) == 0 {
		b.WriteString("  no events\n")
		return
	}
	from, to := span(events)
	if env.Lost > 0 && len(events) == len(env.Events) {
		fmt.Fprintf(b, "  %d events before these were not kept\n", env.Lost)
	}
	p.tracks(b, events, from, to)
	writeFigures(b, events)
	writeLongest(b, events)
}

// chosen returns the events that end in the part of time that is drawn.
func (p Picture) chosen(events []Event) []Event {
	if p.Last == 0 || len(events) == 0 {
		return events
	}
	_, to := span(events)
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.End().Before(to.Add(-p.Last)) })
}

// span is from the first start to the last end.
func span(events []Event) (from, to time.Time) {
	from, to = events[0].Start, events[0].End()
	for _, e := range events {
		if e.Start.Before(from) {
			from = e.Start
		}
		if e.End().After(to) {
			to = e.End()
		}
	}
	return from, to
}

// tracks draws the lines, with a ruler above them.
func (p Picture) tracks(b *strings.Builder, events []Event, from, to time.Time) {
	width := time.Duration(p.Width)
	column := max(to.Sub(from)/width, 1)
	if column*width < to.Sub(from) {
		column++ // the last event belongs to the last column
	}
	left, right := clock(from), "+"+brief(to.Sub(from))
	fmt.Fprintf(b, "  %s%s%s, %s a column\n", left, strings.Repeat(" ", max(1, p.Width+10-len(left)-len(right))), right, brief(column))
	for track := range trackEnd {
		line, busy := drawTrack(events, track, from, column, p.Width)
		if busy {
			fmt.Fprintf(b, "  %-8s|%s|\n", track, line)
		}
	}
}

// drawTrack returns a track's line; busy is false when nothing happened on it.
func drawTrack(events []Event, track Track, from time.Time, column time.Duration, width int) (line string, busy bool) {
	used := make([]time.Duration, width)
	var covered time.Duration // from `from`, what earlier events of the track take: time that overlaps counts once
	sorted := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Kind.Track() != track })
	slices.SortStableFunc(sorted, func(a, b Event) int { return a.Start.Compare(b.Start) })
	touched := make([]bool, width)
	for _, e := range sorted {
		start, end := e.Start.Sub(from), e.End().Sub(from)
		touched[min(start/column, time.Duration(width-1))] = true
		for start = max(start, covered); start < end; {
			i := min(start/column, time.Duration(width-1))
			next := min(end, (i+1)*column)
			used[i] += next - start
			touched[i] = true
			start = next
		}
		covered = max(covered, end)
	}
	runes := make([]rune, width)
	for i := range runes {
		shade := int(math.Ceil(8 * float64(used[i]) / float64(column)))
		if touched[i] {
			shade = max(shade, 1) // something happened, however short
		}
		runes[i] = shades[min(shade, len(shades)-1)]
	}
	return string(runes), len(sorted) > 0
}

// writeFigures writes a table with a line for each kind.
func writeFigures(b *strings.Builder, events []Event) {
	fmt.Fprintf(b, "  %-13s %8s %10s %10s %10s %10s %10s\n", "", "count", "bytes", "time", "half below", "99% below", "longest")
	for _, kind := range Kinds() {
		var f figures
		for _, e := range events {
			if e.Kind == kind {
				f.add(&slot{start: e.Start.UnixNano(), duration: int64(e.Duration), bytes: e.Bytes, failed: e.Failed})
			}
		}
		t := &f.totals
		if t.Count == 0 {
			continue
		}
		fmt.Fprintf(b, "  %-13s %8d %10s %10s %10s %10s %10s\n", kind, t.Count, size(t.Bytes), brief(t.Time),
			brief(t.Histogram.Below(0.5)), brief(t.Histogram.Below(0.99)), brief(t.Longest))
	}
}

// longestShown is how many of the longest operations are listed.
const longestShown = 5

// writeLongest lists the longest single operations, and all that failed.
func writeLongest(b *strings.Builder, events []Event) {
	single := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !e.Kind.Single() })
	slices.SortStableFunc(single, func(a, b Event) int { return cmp.Compare(b.Duration, a.Duration) })
	b.WriteString("  longest:\n")
	for _, e := range single[:min(longestShown, len(single))] {
		writeEvent(b, e)
	}
	failed := false
	for _, e := range events {
		if e.Failed && !failed {
			b.WriteString("  failed:\n")
			failed = true
		}
		if e.Failed {
			writeEvent(b, e)
		}
	}
}

func writeEvent(b *strings.Builder, e Event) {
	fmt.Fprintf(b, "    %s %10s %10s  %-13s %s\n", clock(e.Start), brief(e.Duration), size(e.Bytes), e.Kind, plain(e.File))
}

// clock is an instant to the millisecond.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000Z") }

// brief is a duration with three digits.
func brief(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return trimmed(float64(d)/float64(unit)) + map[time.Duration]string{time.Second: " s", time.Millisecond: " ms", time.Microsecond: " µs"}[unit]
		}
	}
	return fmt.Sprintf("%d ns", int64(d))
}

// size is a number of bytes with three digits.
func size(n int64) string {
	units := []string{" GiB", " MiB", " KiB"}
	for i, unit := range []int64{1 << 30, 1 << 20, 1 << 10} {
		if n >= unit {
			return trimmed(float64(n)/float64(unit)) + units[i]
		}
	}
	return fmt.Sprintf("%d B", n)
}

func trimmed(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

// plain keeps a foreign file's texts from steering the terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
