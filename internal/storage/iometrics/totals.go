package iometrics

import (
	"math/bits"
	"time"
)

// Totals are the figures of one kind since the environment was opened.
type Totals struct {
	Kind          Kind
	Count, Failed uint64
	Slow          uint64 // took too long, or take too long by now
	Bytes         int64
	Time, Longest time.Duration
	Histogram     Histogram
}

// Histogram counts durations: place i has those below 2^i µs that the place before has not. The last one has all longer ones too.
type Histogram [histogramBuckets]uint64

// UpTo is the bound of place i, which durations counted there do not reach.
func UpTo(i int) time.Duration { return time.Microsecond << i }

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h[min(bits.Len64(uint64(d/time.Microsecond)), histogramBuckets-1)]++
}

// Below returns the bound that a share of the durations, from 0 to 1, does not reach; 0 when there are none.
func (h *Histogram) Below(share float64) time.Duration {
	var all, seen uint64
	for _, n := range h {
		all += n
	}
	for i, n := range h {
		seen += n
		if n > 0 && float64(seen) >= share*float64(all) {
			return UpTo(i)
		}
	}
	return 0
}

// Minute are the figures of one kind in one minute, by the end of the operations.
type Minute struct {
	Kind          Kind
	Start         time.Time // UTC, a whole minute
	Count         uint64
	Bytes         int64
	Time, Longest time.Duration
}

// figures are what is kept of one kind. Guarded by Recorder.mu.
type figures struct {
	totals  Totals
	minutes *[MinutesMax]minute // nil until the first event: most kinds are rare
}

// minute is a Minute in less space; number counts minutes since 1970.
type minute struct {
	number        int64
	count         uint64
	bytes         int64
	time, longest int64
}

func (f *figures) add(s *slot) {
	t := &f.totals
	t.Count++
	t.Bytes += s.bytes
	t.Time += time.Duration(s.duration)
	t.Longest = max(t.Longest, time.Duration(s.duration))
	t.Histogram.Add(time.Duration(s.duration))
	if s.failed {
		t.Failed++
	}
	if f.minutes == nil {
		f.minutes = new([MinutesMax]minute)
	}
	number := (s.start + s.duration) / int64(time.Minute)
	m := &f.minutes[uint64(number)%MinutesMax]
	if m.number != number {
		*m = minute{number: number}
	}
	m.count++
	m.bytes += s.bytes
	m.time += s.duration
	m.longest = max(m.longest, s.duration)
}

// Totals returns the figures of each kind that occurred, or is running too slowly, in the order of the kinds. Each kind is of one moment, all are not.
func (r *Recorder) Totals() []Totals {
	list := make([]Totals, 0, kindEnd)
	for _, kind := range Kinds() {
		r.mu.Lock()
		t := r.figures[kind].totals
		r.mu.Unlock()
		if t.Count+t.Slow > 0 {
			t.Kind = kind
			list = append(list, t)
		}
	}
	return list
}

// Minutes returns the figures of the last MinutesMax minutes, kind by kind, oldest first. Minutes without events are left out.
func (r *Recorder) Minutes() []Minute {
	last := r.now().UnixNano() / int64(time.Minute)
	var list []Minute
	for _, kind := range Kinds() {
		for number := last - MinutesMax + 1; number <= last; number++ {
			if m, ok := r.minute(kind, number); ok {
				list = append(list, Minute{
					Kind: kind, Start: time.Unix(60*number, 0).UTC(), Count: m.count, Bytes: m.bytes,
					Time: time.Duration(m.time), Longest: time.Duration(m.longest),
				})
			}
		}
	}
	return list
}

// minute copies one minute's figures; false when there were no events in it.
func (r *Recorder) minute(kind Kind, number int64) (minute, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	minutes := r.figures[kind].minutes
	if minutes == nil {
		return minute{}, false
	}
	m := minutes[uint64(number)%MinutesMax]
	return m, m.number == number && m.count > 0
}
