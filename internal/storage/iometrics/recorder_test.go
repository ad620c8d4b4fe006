package iometrics_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"pgregory.net/rapid"
)

// clock is a clock that tests turn by hand.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time { return c.now }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

// TestRecorder_MatchesAList: whatever runs side by side, the recorder knows the newest events and the figures of all.
func TestRecorder_MatchesAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := newClock()
		m := &model{t: t, clock: clock, recorder: iometrics.New(iometrics.Options{Now: clock.read}), totals: map[iometrics.Kind]iometrics.Totals{}}
		t.Repeat(map[string]func(*rapid.T){"begin": m.begin, "end": m.end, "burst": m.burst, "": m.check})
	})
}

type model struct {
	t        *rapid.T
	clock    *clock
	recorder *iometrics.Recorder
	running  []runningOp
	events   []iometrics.Event
	totals   map[iometrics.Kind]iometrics.Totals
}

type runningOp struct {
	op      iometrics.Op
	event   iometrics.Event
	watched bool // not too many ran when it began
}

func (m *model) begin(t *rapid.T) {
	e := iometrics.Event{
		Kind: rapid.SampledFrom(iometrics.Kinds()).Draw(t, "kind"), File: rapid.SampledFrom([]string{"data", "header.one"}).Draw(t, "file"),
		Bytes: rapid.Int64Range(0, 1<<40).Draw(t, "bytes"), Start: m.clock.now,
	}
	watched := len(m.recorder.Running()) < 16
	m.running = append(m.running, runningOp{m.recorder.Begin(e.Kind, e.File, e.Bytes), e, watched})
}

func (m *model) end(t *rapid.T) {
	if len(m.running) == 0 {
		t.Skip("nothing runs")
	}
	i := rapid.IntRange(0, len(m.running)-1).Draw(t, "which")
	m.clock.pass(time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "passes")))
	r := m.running[i]
	m.running = append(m.running[:i], m.running[i+1:]...)
	var err error
	if r.event.Failed = rapid.Bool().Draw(t, "fails"); r.event.Failed {
		err = errors.New("disk on fire")
	}
	r.op.Done(err)
	m.ended(r.event)
}

// burst is more than the ring takes.
func (m *model) burst(t *rapid.T) {
	e := iometrics.Event{Kind: iometrics.JournalWrite, File: "journals/1", Bytes: 4096}
	for range rapid.IntRange(1, iometrics.EventsMax).Draw(t, "events") {
		e.Start = m.clock.now
		op := m.recorder.Begin(e.Kind, e.File, 0)
		m.clock.pass(100 * time.Microsecond)
		op.DoneBytes(e.Bytes, nil)
		m.ended(e)
	}
}

func (m *model) ended(e iometrics.Event) {
	e.Sequence, e.Duration = uint64(len(m.events)+1), m.clock.now.Sub(e.Start)
	m.events = append(m.events, e)
	total := m.totals[e.Kind]
	total.Kind = e.Kind
	total.Count++
	total.Bytes += e.Bytes
	total.Time += e.Duration
	total.Longest = max(total.Longest, e.Duration)
	if e.Failed {
		total.Failed++
	}
	if e.Duration >= iometrics.DefaultSlowAfter && e.Kind < iometrics.Flush {
		total.Slow++
	}
	for i := range total.Histogram {
		if e.Duration < iometrics.UpTo(i) || i == len(total.Histogram)-1 {
			total.Histogram[i]++
			break
		}
	}
	m.totals[e.Kind] = total
}

func (m *model) check(t *rapid.T) {
	after := uint64(rapid.IntRange(0, len(m.events)).Draw(t, "after"))
	limit := rapid.SampledFrom([]int{0, 1, 31, 33, 100, iometrics.EventsMax}).Draw(t, "limit")
	got, lost := m.recorder.Since(after, limit, nil)
	want := m.events[after:]
	var wantLost uint64
	if len(want) > iometrics.EventsMax {
		wantLost = uint64(len(want) - iometrics.EventsMax)
		want = want[wantLost:]
	}
	want = want[:min(limit, len(want))]
	if limit == 0 {
		wantLost = 0
	}
	if lost != wantLost || len(got) != len(want) {
		t.Fatalf("since %d: %d events, %d lost; want %d and %d", after, len(got), lost, len(want), wantLost)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("since %d: %s", after, cmp.Diff(want[i], got[i]))
		}
	}
	for _, total := range m.recorder.Totals() {
		if diff := cmp.Diff(m.totals[total.Kind], total); diff != "" {
			t.Fatalf("totals: %s", diff)
		}
	}
	watched := 0
	for _, r := range m.running {
		if r.watched {
			watched++
		}
	}
	if n := len(m.recorder.Running()); n != watched {
		t.Fatalf("%d operations run, want %d", n, watched)
	}
}

// TestRecorder_MinutesCountByTheEnd: a minute's figures stay for an hour, and those of an hour before are not taken for them.
func TestRecorder_MinutesCountByTheEnd(t *testing.T) {
	clock := newClock()
	r := iometrics.New(iometrics.Options{Now: clock.read})
	record := func(took time.Duration, bytes int64) {
		op := r.Begin(iometrics.DataWrite, "data", bytes)
		clock.pass(took)
		op.Done(nil)
	}
	record(time.Second, 10)
	record(2*time.Second, 20)
	record(time.Minute, 30) // ends in the next one
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want := []iometrics.Minute{
		{Kind: iometrics.DataWrite, Start: begin, Count: 2, Bytes: 30, Time: 3 * time.Second, Longest: 2 * time.Second},
		{Kind: iometrics.DataWrite, Start: begin.Add(time.Minute), Count: 1, Bytes: 30, Time: time.Minute, Longest: time.Minute},
	}
	if diff := cmp.Diff(want, r.Minutes()); diff != "" {
		t.Error(diff)
	}
	clock.pass(59 * time.Minute)
	if diff := cmp.Diff(want[1:], r.Minutes()); diff != "" {
		t.Errorf("an hour after the first: %s", diff)
	}
	record(0, 1)
	want = append(want[1:], iometrics.Minute{Kind: iometrics.DataWrite, Start: begin.Add(time.Hour), Count: 1, Bytes: 1})
	if diff := cmp.Diff(want, r.Minutes()); diff != "" {
		t.Errorf("in the place of the first: %s", diff)
	}
}

// TestRecorder_ManyAtOnce: events of many writers are each there once, while others read.
func TestRecorder_ManyAtOnce(t *testing.T) {
	const writers, each = 20, 300 // more than can be watched, fewer events than the ring keeps
	r := iometrics.New(iometrics.Options{Now: time.Now})
	var writing, reading sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		reading.Go(func() {
			var seen uint64
			for done := false; !done; {
				select {
				case <-stop:
					done = true
				default:
				}
				events, lost := r.Since(seen, iometrics.EventsMax, nil)
				for _, e := range events {
					if seen++; e.Sequence != seen || e.Bytes < 1 || e.Bytes > writers {
						t.Errorf("event %d of %d bytes stands where %d should", e.Sequence, e.Bytes, seen)
						return
					}
				}
				if lost > 0 {
					t.Errorf("%d events lost", lost)
				}
				_, _, _ = r.Totals(), r.Minutes(), r.Running()
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for range each {
				r.Begin(iometrics.JournalWrite, "journals/1", int64(w+1)).Done(nil)
			}
		})
	}
	writing.Wait()
	close(stop)
	reading.Wait()
	if total := r.Totals()[0]; total.Count != writers*each || total.Bytes != each*writers*(writers+1)/2 {
		t.Errorf("%d events of %d bytes in all", total.Count, total.Bytes)
	}
	if running := r.Running(); len(running) != 0 {
		t.Errorf("%v runs still", running)
	}
}

// TestRecorder_DoesNotAllocate: a commit must not pay for being watched with memory.
func TestRecorder_DoesNotAllocate(t *testing.T) {
	r := iometrics.New(iometrics.Options{Now: time.Now})
	record := func() { r.Begin(iometrics.JournalWrite, "journals/1", 4096).Done(nil) }
	for range iometrics.EventsMax {
		record()
	}
	if n := testing.AllocsPerRun(1000, record); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}

// TestWatch_TellsOfEachOnce: of what hangs while it hangs, of what was slow when it has ended, and of both only once.
func TestWatch_TellsOfEachOnce(t *testing.T) {
	clock := newClock()
	r := iometrics.New(iometrics.Options{Now: clock.read, SlowAfter: 5 * time.Second})
	watch := r.Watch()
	look := func(hanging, ended int) {
		t.Helper()
		h, e := watch.Look()
		if len(h) != hanging || len(e) != ended {
			t.Errorf("hanging %v, ended %v; want %d and %d", h, e, hanging, ended)
		}
	}
	hangs := r.Begin(iometrics.Sync, "data", 0)
	flush := r.Begin(iometrics.Flush, "data", 0)
	look(0, 0)
	clock.pass(5 * time.Second)
	if r.SlowCount() != 0 {
		t.Error("slow before anybody looked")
	}
	look(1, 0)
	look(0, 0)
	if r.SlowCount() != 1 {
		t.Errorf("%d slow operations, one hangs", r.SlowCount())
	}
	hangs.Done(nil)
	flush.Done(nil) // a flush is as long as there is to do
	look(0, 1)
	look(0, 0)
	for range iometrics.SlowMax + 5 {
		op := r.Begin(iometrics.Sync, "data", 0)
		clock.pass(time.Minute)
		op.Done(nil)
	}
	look(0, iometrics.SlowMax)
	if n := r.SlowCount(); n != iometrics.SlowMax+6 {
		t.Errorf("%d slow operations, want %d", n, iometrics.SlowMax+6)
	}
	slow := r.Slow()
	if len(slow) != iometrics.SlowMax || slow[0].Sequence != 2+6 || slow[len(slow)-1].Sequence != r.Last() {
		t.Errorf("%d slow ones listed, from %d", len(slow), slow[0].Sequence)
	}
}
