package timeseries

import (
	"iter"
	"math"
)

// View reads a series. Errors are those of its source, or a *CorruptError.
type View struct {
	source Source
	kind   Kind
}

// NewView returns a view of the series whose segments source has.
func NewView(source Source, kind Kind) View { return View{source: source, kind: kind} }

// Range yields the live entries from one time to another, both included, by time. It ends after its first error.
//
// Values are valid until the next step. In an incremental series entries stand as they are stored, several at a time; see Sums.
func (v View) Range(from, to Instant) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var c Cursor
		for f, err := range v.segments(from, to) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			c.reset(f.segment)
			for c.Next() && c.Entry().At <= to {
				if e := c.Entry(); e.At >= from && !e.Dead && !yield(e, nil) {
					return
				}
			}
			if c.Err() != nil {
				yield(Entry{}, c.Err())
				return
			}
		}
	}
}

// Page yields size entries of Range, or of Sums in an incremental series, after passing over the first start. Entries of a
// plain series that are passed over cost a look at the heads of their segments. A negative size is all there are.
func (v View) Page(from, to Instant, start, size int) iter.Seq2[Entry, error] {
	if size < 0 {
		size = math.MaxInt
	}
	if v.kind == Incremental {
		return cut(plainSums(v.Sums(from, to)), start, size)
	}
	if start == 0 {
		return cut(v.Range(from, to), 0, size)
	}
	return func(yield func(Entry, error) bool) {
		begin, start, err := v.passOver(from, to, start)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		cut(v.Range(begin, to), start, size)(yield)
	}
}

// passOver returns from where a page has to be read, and how many entries are still to be passed over.
func (v View) passOver(from, to Instant, start int) (Instant, int, error) {
	for f, err := range v.segments(from, to) {
		if err != nil {
			return 0, 0, err
		}
		n, err := f.segment.liveWithin(from, to)
		if err != nil {
			return 0, 0, err
		}
		if n > start {
			return max(from, f.segment.Start()), start, nil
		}
		from, start = f.segment.End()+1, start-n
	}
	return from, start, nil
}

// liveWithin counts the live entries from one time to another, both included.
func (s Segment) liveWithin(from, to Instant) (int, error) {
	if s.Start() >= from && s.End() <= to {
		return s.Live(), nil
	}
	n := 0
	c := s.Cursor()
	for c.Next() && c.Entry().At <= to {
		if e := c.Entry(); e.At >= from {
			n += live(e)
		}
	}
	return n, c.Err()
}

// segments yields the segments that can have entries from one time to another.
func (v View) segments(from, to Instant) iter.Seq2[found, error] {
	return func(yield func(found, error) bool) {
		f, err := covering(v.source, Key{At: from})
		for err == nil && f.ok && f.key.At <= to {
			key := f.key
			if f.segment.End() >= from && !yield(f, nil) {
				return
			}
			f, err = open(v.source.After(key))
		}
		if err != nil {
			yield(found{}, err)
		}
	}
}

// cut passes over the first start entries of seq and yields size of those that follow.
func cut(seq iter.Seq2[Entry, error], start, size int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if size == 0 {
			return
		}
		start, left := start, size
		for e, err := range seq {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if start > 0 {
				start--
				continue
			}
			left--
			if !yield(e, nil) || left == 0 {
				return
			}
		}
	}
}

// First returns the first live entry, in an incremental series the sum at the first time; false without any.
func (v View) First() (Entry, bool, error) {
	for e, err := range v.Page(InstantMin, InstantMax, 0, 1) {
		return e.Clone(), err == nil, err
	}
	return Entry{}, false, nil
}

// Last returns the last live entry, in an incremental series the sum at the last time; false without any.
func (v View) Last() (Entry, bool, error) {
	at, ok, err := v.SinceLast(1)
	if err != nil || !ok {
		return Entry{}, false, err
	}
	for e, err := range v.Page(at, InstantMax, 0, 1) {
		return e.Clone(), err == nil, err
	}
	return Entry{}, false, nil
}

// SinceLast returns the time of the first of the last n entries, or of the first entry when there are fewer; false without any.
// Segments are read from the end, and of a plain series only the one with that entry as a whole.
func (v View) SinceLast(n int) (Instant, bool, error) {
	var at Instant
	left := max(n, 1)
	f, err := open(v.source.AtOrBefore(Key{At: InstantMax, Tag: "\xff"}))
	for err == nil && f.ok && left > 0 {
		if v.kind == Plain && f.segment.Live() < left && f.segment.Live() == f.segment.Entries() {
			at, left = f.segment.Start(), left-f.segment.Live()
		} else if at, left, err = v.backInto(f.segment, at, left, left == max(n, 1)); err != nil {
			break
		}
		f, err = open(v.source.Before(f.key))
	}
	return at, err == nil && left < max(n, 1), err
}

// backInto counts times of live entries from the end of s. It returns the last time counted, at before any, and what is left.
func (v View) backInto(s Segment, at Instant, left int, none bool) (Instant, int, error) {
	entries, err := s.decode()
	if err != nil {
		return 0, 0, err
	}
	for i := len(entries) - 1; i >= 0 && left > 0; i-- {
		if e := entries[i]; !e.Dead && (none || e.At != at) {
			at, none = e.At, false
			left--
		}
	}
	return at, left, nil
}

// Stats is the size and extent of a series, over live entries. Start and End mean nothing when Entries is 0.
type Stats struct {
	Entries    int // times that have an entry
	Start, End Instant
}

// Stats looks at the head of each segment, and reads those that have dead entries, or are of an incremental series.
func (v View) Stats() (Stats, error) {
	var st Stats
	for f, err := range v.segments(InstantMin, InstantMax) {
		if err != nil {
			return Stats{}, err
		}
		s := f.segment
		if v.kind == Plain && s.Live() == s.Entries() {
			st.take(s.Start(), s.End(), s.Live())
			continue
		}
		c := s.Cursor()
		for c.Next() {
			if at := c.Entry().At; !c.Entry().Dead && (st.Entries == 0 || at != st.End) {
				st.take(at, at, 1)
			}
		}
		if c.Err() != nil {
			return Stats{}, c.Err()
		}
	}
	return st, nil
}

func (st *Stats) take(start, end Instant, entries int) {
	if st.Entries == 0 {
		st.Start = start
	}
	st.End = end
	st.Entries += entries
}

// Summary sums up the live entries from one time to another, both included. Segments that lie within are not read: their heads
// say it. In an incremental series it sums up sums.
func (v View) Summary(from, to Instant) (Columns, error) {
	var sum Columns
	if v.kind == Incremental {
		for e, err := range v.Sums(from, to) {
			if err != nil {
				return nil, err
			}
			sum = sum.add(e.Values)
		}
		return sum, nil
	}
	for f, err := range v.segments(from, to) {
		if err != nil {
			return nil, err
		}
		if s := f.segment; s.Start() >= from && s.End() <= to {
			sum = sum.join(s.Columns())
			continue
		}
		c := f.segment.Cursor()
		for c.Next() && c.Entry().At <= to {
			if c.Entry().At >= from {
				sum = sum.add(c.Entry().Values)
			}
		}
		if c.Err() != nil {
			return nil, c.Err()
		}
	}
	return sum, nil
}
