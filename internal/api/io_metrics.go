package api

import (
	"cmp"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// getIOMetrics answers with what the environments of a database did with their disks: figures by kind and by minute, and the
// newest events, file by file. With format=file it is an export to keep.
func (h *handler) getIOMetrics(r *request) error {
	switch format := r.params.get("format"); strings.ToLower(format) {
	case "", "json":
		return h.ioMetrics(r)
	case "file":
		return h.exportIOMetrics(r)
	default:
		return &invalidError{what: "parameter format", value: format, want: "json or file"}
	}
}

func (h *handler) ioMetrics(r *request) error {
	limit, err := r.intParam("pageSize", iometrics.EventsMax)
	if err != nil {
		return err
	}
	r.str(`{"Database":`)
	r.quote(r.db.Name())
	r.str(`,"Node":`)
	r.quote(h.server.NodeTag())
	r.str(`,"Environments":[`)
	for i, env := range r.db.Environments() {
		r.comma(i)
		if err := r.environmentIO(env, limit); err != nil {
			return err
		}
	}
	r.str(`]}`)
	return nil
}

// environmentIO appends the figures of one environment, and its newest events, limit of them at most.
func (r *request) environmentIO(env database.Environment, limit int) error {
	last := env.IO.Last()
	events, _ := env.IO.Since(last-min(last, uint64(limit)), limit, nil)
	r.environmentHead(env)
	r.str(`,"Path":`)
	r.quote(env.Dir)
	r.str(`,"LastSequence":`)
	r.int(int64(last))
	r.duration(`,"SlowAfter":`, env.IO.SlowAfter())
	r.ioTotals(env.IO.Totals())
	r.ioMinutes(env.IO.Minutes())
	r.ioRunning(env.IO.Running())
	r.str(`,"Slow":`)
	r.ioEvents(env.IO.Slow())
	r.str(`,"Files":[`)
	for i, file := range byFile(events) {
		r.comma(i)
		r.str(`{"File":`)
		r.quote(file[0].File)
		r.str(`,"Recent":`)
		r.ioEvents(file)
		r.str(`}`)
		if err := r.spill(); err != nil {
			return err
		}
	}
	r.str(`]}`)
	return nil
}

// environmentHead begins an object that speaks of env.
func (r *reply) environmentHead(env database.Environment) {
	r.str(`{"Name":`)
	r.quote(env.Name)
	r.str(`,"Type":`)
	r.quote(env.Type)
}

// byFile sorts events into those of each file, in the order in which the files were first used.
func byFile(events []iometrics.Event) [][]iometrics.Event {
	place := map[string]int{}
	var files [][]iometrics.Event
	for _, e := range events {
		i, known := place[e.File]
		if !known {
			i = len(files)
			place[e.File] = i
			files = append(files, nil)
		}
		files[i] = append(files[i], e)
	}
	return files
}

func (r *reply) ioEvents(events []iometrics.Event) {
	r.str(`[`)
	for i, e := range events {
		r.comma(i)
		r.body = iometrics.AppendEvent(r.body, e)
	}
	r.str(`]`)
}

func (r *reply) ioTotals(list []iometrics.Totals) {
	r.str(`,"Totals":[`)
	for i, t := range list {
		r.comma(i)
		r.str(`{"Type":`)
		r.quote(t.Kind.String())
		r.member(`,"Count":`, int64(t.Count))
		r.member(`,"Failed":`, int64(t.Failed))
		r.member(`,"Slow":`, int64(t.Slow))
		r.member(`,"Size":`, t.Bytes)
		r.durations(t.Time, t.Longest, t.Count)
		r.histogram(&t.Histogram)
		r.str(`}`)
	}
	r.str(`]`)
}

// durations appends the sum of count durations, their average and the longest, in milliseconds.
func (r *reply) durations(sum, longest time.Duration, count uint64) {
	r.duration(`,"Duration":`, sum)
	r.duration(`,"AverageDuration":`, sum/time.Duration(cmp.Or(count, 1)))
	r.duration(`,"MaxDuration":`, longest)
}

// histogram appends the places of h that are not empty.
func (r *reply) histogram(h *iometrics.Histogram) {
	r.str(`,"Histogram":[`)
	first := true
	for i, n := range h {
		if n == 0 {
			continue
		}
		if !first {
			r.str(`,`)
		}
		first = false
		r.duration(`{"Below":`, iometrics.UpTo(i))
		r.member(`,"Count":`, int64(n))
		r.str(`}`)
	}
	r.str(`]`)
}

func (r *reply) ioMinutes(list []iometrics.Minute) {
	r.str(`,"History":[`)
	for i, m := range list {
		r.comma(i)
		r.str(`{"Type":`)
		r.quote(m.Kind.String())
		r.time(`,"Start":`, m.Start)
		r.time(`,"End":`, m.Start.Add(time.Minute))
		r.member(`,"Count":`, int64(m.Count))
		r.member(`,"Size":`, m.Bytes)
		r.durations(m.Time, m.Longest, m.Count)
		r.str(`}`)
	}
	r.str(`]`)
}

func (r *reply) ioRunning(list []iometrics.Running) {
	r.str(`,"Running":[`)
	for i, op := range list {
		r.comma(i)
		r.str(`{"Type":`)
		r.quote(op.Kind.String())
		r.str(`,"File":`)
		r.quote(op.File)
		r.time(`,"Start":`, op.Start)
		r.member(`,"Size":`, op.Bytes)
		r.str(`,"Slow":`)
		r.bool(op.Slow)
		r.str(`}`)
	}
	r.str(`]`)
}

// exportIOMetrics answers with an export; see docs/format/iometrics.md.
func (h *handler) exportIOMetrics(r *request) error {
	taken := h.now().UTC()
	r.text = "application/x-ndjson"
	r.set("Content-Disposition", `attachment; filename="io-metrics-`+taken.Format("20060102T150405Z")+`.ndjson"`)
	r.body = iometrics.AppendHead(r.body, iometrics.Export{Database: r.db.Name(), Node: h.server.NodeTag(), Taken: taken})
	count := 0
	for _, env := range r.db.Environments() {
		events, lost := env.IO.Since(0, iometrics.EventsMax, nil)
		r.body = iometrics.AppendEnvironment(r.body, iometrics.Environment{Name: env.Name, Type: env.Type, Path: env.Dir, Lost: lost})
		for _, e := range events {
			r.body = append(iometrics.AppendEvent(r.body, e), '\n')
			if err := r.spill(); err != nil {
				return err
			}
		}
		count += len(events)
	}
	r.body = iometrics.AppendEnd(r.body, count)
	return nil
}

// comma separates element i from the one before.
func (r *reply) comma(i int) {
	if i > 0 {
		r.str(`,`)
	}
}

// duration appends a name, with the punctuation around it, and d in milliseconds.
func (r *reply) duration(name string, d time.Duration) {
	r.str(name)
	r.body = iometrics.AppendMilliseconds(r.body, d)
}

// time appends a name, with the punctuation around it, and an instant in UTC.
func (r *reply) time(name string, t time.Time) {
	r.str(name)
	r.body = iometrics.AppendTime(r.body, t)
}
