package timeseries

import "iter"

// rollupFields is how many values a rolled up entry has for each value of the raw ones: first, last, min, max, sum, count.
const rollupFields = 6

// Step is one policy at work on one series: the entries of Source become those of Target.
type Step struct {
	Source, Target  string // names of series
	SourceIsRollup  bool
	Frame           Frame
	SourceRetention TimeValue // how long entries of Source are kept
}

// Steps returns what is to be done for a raw series, finest frames first: each step reads what the one before made. Policies of
// a disabled collection do nothing. c is tidy.
func (c *CollectionConfiguration) Steps(series string) []Step {
	if c == nil || c.Disabled {
		return nil
	}
	source, retention := series, c.RawPolicy.RetentionTime
	var steps []Step
	for _, p := range c.Policies {
		target := RollupName(series, p.Name)
		steps = append(steps, Step{
			Source: source, Target: target, SourceIsRollup: source != series,
			Frame: p.AggregationTime.Frame(), SourceRetention: retention,
		})
		source, retention = target, p.RetentionTime
	}
	return steps
}

// Cutoff is up to where a series is to be emptied.
type Cutoff struct {
	Series string
	Before Instant // entries before this are too old
}

// Cutoffs returns what of a raw series and its rollups is too old at now. c is tidy.
func (c *CollectionConfiguration) Cutoffs(series string, now Instant) []Cutoff {
	if c == nil || c.Disabled {
		return nil
	}
	var list []Cutoff
	add := func(name string, retention TimeValue) {
		if retention.Unit != None {
			list = append(list, Cutoff{Series: name, Before: retention.Before(now)})
		}
	}
	add(series, c.RawPolicy.RetentionTime)
	for _, p := range c.Policies {
		add(RollupName(series, p.Name), p.RetentionTime)
	}
	return list
}

// Run rolls up the frames that entries of source were written, changed or deleted in, from one time to another, and that are
// over at now. Frames without live entries are deleted in target. A frame of which entries may have been removed by retention is left
// as it is: what is rolled up is then all that is known of it.
//
// It returns the time up to which frames were over: what was touched from there on is to be given to a later run.
func (st Step) Run(source View, target *Series, from, to, now Instant) (Instant, error) {
	over := st.Frame.Start(now)
	from = st.Frame.Start(from)
	if kept := st.SourceRetention.Before(now); from < kept {
		if from = st.Frame.Start(kept); from < kept {
			from = st.Frame.Next(from)
		}
	}
	to = min(to, over-1)
	for from <= to {
		var err error
		if from, err = st.runSome(source, target, from, st.Frame.Next(st.Frame.Start(to))); err != nil {
			return 0, err
		}
	}
	return over, nil
}

// runSome rolls up frames from one time up to, not including, another, rollupBatch at most, and returns how far it came. It reads before it
// writes, because both series may be in one store.
func (st Step) runSome(source View, target *Series, from, end Instant) (Instant, error) {
	var batch []Entry
	for e, err := range Rollup(source.Page(from, end-1, 0, -1), st.Frame, st.SourceIsRollup) {
		if err != nil {
			return 0, err
		}
		if batch = append(batch, e); len(batch) == rollupBatch {
			end = st.Frame.Next(e.At)
			break
		}
	}
	gap := from // the next frame
	for _, e := range append(batch, Entry{At: end}) {
		if gap < e.At {
			if _, err := target.Delete(gap, e.At-1); err != nil {
				return 0, err
			}
		}
		gap = st.Frame.Next(e.At)
	}
	_, err := target.Append(batch)
	return end, err
}

// Rollup makes one entry of all entries in a frame, at its beginning: six values for each of the first RollupValuesMax. Entries come in
// order; when they are rolled up already their sixes are joined. What is yielded is the reader's to keep. It ends after its
// first error.
func Rollup(entries iter.Seq2[Entry, error], frame Frame, isRollup bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := frame.check(); err != nil {
			yield(Entry{}, err)
			return
		}
		var columns Columns
		var start, next Instant
		for e, err := range entries {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if len(columns) > 0 && e.At >= next {
				if !yield(rolledUp(start, columns), nil) {
					return
				}
				columns = columns[:0]
			}
			if len(columns) == 0 {
				start = frame.Start(e.At)
				next = frame.Next(start)
			}
			columns = columns.take(e, isRollup)
		}
		if len(columns) > 0 {
			yield(rolledUp(start, columns), nil)
		}
	}
}

// take adds an entry, which is a rollup or not.
func (c Columns) take(e Entry, isRollup bool) Columns {
	if isRollup {
		return c.join(RollupColumns(e))
	}
	return c.add(e.Values)
}

func rolledUp(at Instant, columns Columns) Entry {
	columns = columns[:min(len(columns), RollupValuesMax)]
	e := Entry{At: at, Values: make([]float64, 0, len(columns)*rollupFields)}
	for _, c := range columns {
		e.Values = append(e.Values, c.First, c.Last, c.Min, c.Max, c.Sum, float64(c.Count))
	}
	return e
}

// RollupColumns reads the values of a rolled up entry in sixes. What is left over is nothing.
func RollupColumns(e Entry) Columns {
	columns := make(Columns, 0, RollupValuesMax)
	for v := e.Values; len(v) >= rollupFields; v = v[rollupFields:] {
		columns = append(columns, Column{First: v[0], Last: v[1], Min: v[2], Max: v[3], Sum: v[4], Count: int(v[5])})
	}
	return columns
}
