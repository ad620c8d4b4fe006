package timeseries

import "slices"

// Series changes a series in the store it is given; it keeps nothing between calls but memory to work in. Who calls runs
// each in one transaction: after an error the store may hold a part of the change.
type Series struct {
	View
	store   Store
	builder Builder
	out     []byte
}

// NewSeries returns the series whose segments store has.
func NewSeries(store Store, kind Kind) *Series {
	return &Series{View: NewView(store, kind), store: store}
}

// Change says what a call did.
type Change struct {
	Live     int // live entries that came, less those that went
	Segments int // that were written or removed; 0: nothing changed
}

func (c *Change) add(o Change) {
	c.Live += o.Live
	c.Segments += o.Segments
}

// combine returns the entry that follows from two with one key: what is there, and what comes.
type combine func(old, next Entry) Entry

// overwrite is the rule of one node: the last write wins.
func overwrite(_, next Entry) Entry { return next }

// Append writes entries in any order into a plain series; of several at one time the last one counts, over what is there as
// well. An entry that cannot be stored (*InvalidError, *LimitError) is refused with all others before anything is written.
func (s *Series) Append(entries []Entry) (Change, error) {
	if s.kind != Plain {
		return Change{}, invalidf("entries are appended to plain series only; an incremental one takes increments")
	}
	for _, e := range entries {
		if e.Dead {
			return Change{}, invalidf("the entry at %s is dead: deleting is another call", e.At)
		}
		if err := e.check(); err != nil {
			return Change{}, err
		}
	}
	return s.write(slices.Clone(entries), overwrite)
}

// Increment adds the values of entries, which have no tags, to what node has at their times, in an incremental series.
func (s *Series) Increment(node string, entries []Entry) (Change, error) {
	if s.kind != Incremental {
		return Change{}, invalidf("increments go to incremental series only; a plain one takes appends")
	}
	batch := make([]Entry, 0, len(entries))
	for _, e := range entries {
		if err := checkIncrement(node, e); err != nil {
			return Change{}, err
		}
		batch = append(batch, increments(node, e)...)
	}
	return s.write(batch, sum)
}

// Merge takes over entries of another node's copy of the series, dead ones too, in any order and as often as they come. Copies
// that have merged the same entries are equal, whatever the order.
func (s *Series) Merge(entries []Entry) (Change, error) {
	for _, e := range entries {
		if err := s.checkMerged(e); err != nil {
			return Change{}, err
		}
	}
	if s.kind == Incremental {
		return s.write(slices.Clone(entries), further)
	}
	return s.write(slices.Clone(entries), newer)
}

func (s *Series) checkMerged(e Entry) error {
	if s.kind == Plain && e.Dead && e.Tag != "" {
		return invalidf("the dead entry at %s has a tag", e.At)
	}
	if s.kind == Incremental && e.Tag == "" {
		return invalidf("the entry at %s has no tag that says whose it is", e.At)
	}
	return e.check()
}

// MergeSegment is Merge with the entries of a segment of the other copy. The error may be a *CorruptError.
func (s *Series) MergeSegment(segment []byte) (Change, error) {
	from, err := Open(segment)
	if err != nil {
		return Change{}, err
	}
	entries, err := from.decode()
	if err != nil {
		return Change{}, err
	}
	return s.Merge(entries)
}

// Delete makes the entries from one time to another dead, both included. They go on to take room, and win against copies of
// other nodes. Entries that only another node has are not touched: it needs the range itself.
func (s *Series) Delete(from, to Instant) (Change, error) {
	return s.edit(from, to, func(entries []Entry) []Entry {
		for i, e := range entries {
			if e.At >= from && e.At <= to {
				entries[i] = Entry{At: e.At, Tag: s.kind.key(e).Tag, Dead: true}
			}
		}
		return entries
	})
}

// Remove takes the entries from one time to another out, dead ones too, both included: for retention, where every node does the same by
// itself, and for what all nodes know to be dead. Nothing remains that could win a merge.
func (s *Series) Remove(from, to Instant) (Change, error) {
	return s.edit(from, to, func(entries []Entry) []Entry {
		return slices.DeleteFunc(entries, func(e Entry) bool { return e.At >= from && e.At <= to })
	})
}

// write brings entries, which are checked, into the series. It sorts them in place.
func (s *Series) write(batch []Entry, pick combine) (Change, error) {
	var change Change
	batch = s.sortBatch(batch, pick)
	for len(batch) > 0 {
		target, err := covering(s.store, s.kind.key(batch[0]))
		if err != nil {
			return change, err
		}
		n, err := s.countFor(target, batch)
		if err != nil {
			return change, err
		}
		c, err := s.writeInto(target, batch[:n], pick)
		change.add(c)
		if err != nil {
			return change, err
		}
		batch = batch[n:]
	}
	return change, nil
}

// sortBatch puts entries in order and makes one of those that have the same key.
func (s *Series) sortBatch(batch []Entry, pick combine) []Entry {
	byKey := func(a, b Entry) int { return s.kind.key(a).Compare(s.kind.key(b)) }
	if !slices.IsSortedFunc(batch, byKey) {
		slices.SortStableFunc(batch, byKey)
	}
	out := batch[:0]
	for _, e := range batch {
		if n := len(out); n > 0 && byKey(out[n-1], e) == 0 {
			out[n-1] = pick(out[n-1], e)
		} else {
			out = append(out, e)
		}
	}
	return out
}

// countFor returns how many of batch, at least one, lie before the segment that follows target.
func (s *Series) countFor(target found, batch []Entry) (int, error) {
	if !target.ok {
		return len(batch), nil
	}
	next, _, err := keyOnly(s.store.After(target.key))
	if err != nil || next == nil {
		return len(batch), err
	}
	n, _ := slices.BinarySearchFunc(batch, *next, func(e Entry, key Key) int { return s.kind.key(e).Compare(key) })
	return n, nil
}

// keyOnly leaves the bytes of a segment alone.
func keyOnly(key Key, data []byte, err error) (*Key, []byte, error) {
	if err != nil || data == nil {
		return nil, nil, err
	}
	return &key, data, nil
}

// writeInto brings entries that belong into one segment there: at its end, if they follow it, else by writing it anew.
func (s *Series) writeInto(target found, batch []Entry, pick combine) (Change, error) {
	if !target.ok || target.lastKey(s.kind).Compare(s.kind.key(batch[0])) < 0 {
		return s.fill(target, batch)
	}
	old, err := target.segment.decode()
	if err != nil {
		return Change{}, err
	}
	merged, changed := s.merge(old, batch, pick)
	if !changed {
		return Change{}, nil
	}
	return s.replace(target.key, old, merged)
}

// fill adds entries to the end of a segment, and to new ones as each is full.
func (s *Series) fill(target found, batch []Entry) (Change, error) {
	var change Change
	b := &s.builder
	b.Reset()
	key, pending := s.kind.key(batch[0]), false
	if target.ok {
		b.Resume(target.segment)
		key = target.key
	}
	for _, e := range batch {
		if !b.Append(e) {
			if pending {
				if err := s.put(key); err != nil {
					return change, err
				}
				change.Segments++
			}
			b.Reset()
			key = s.kind.key(e)
			b.Append(e)
		}
		pending = true
		change.Live += live(e)
	}
	change.Segments++
	return change, s.put(key)
}

// put stores what the builder holds.
func (s *Series) put(key Key) error {
	s.out = s.builder.AppendTo(s.out[:0])
	return s.store.Put(key, s.out)
}

// merge returns both lists as one, in order, and whether it differs from old.
func (s *Series) merge(old, batch []Entry, pick combine) (merged []Entry, changed bool) {
	merged = make([]Entry, 0, len(old)+len(batch))
	for len(old) > 0 && len(batch) > 0 {
		switch s.kind.key(old[0]).Compare(s.kind.key(batch[0])) {
		case -1:
			merged, old = append(merged, old[0]), old[1:]
		case 1:
			merged, batch, changed = append(merged, batch[0]), batch[1:], true
		default:
			e := pick(old[0], batch[0])
			changed = changed || !e.Equal(old[0])
			merged, old, batch = append(merged, e), old[1:], batch[1:]
		}
	}
	changed = changed || len(batch) > 0
	return append(append(merged, old...), batch...), changed
}

// replace writes entries in place of the segment under key, which had old.
func (s *Series) replace(key Key, old, entries []Entry) (Change, error) {
	var change Change
	if len(entries) == 0 || s.kind.key(entries[0]) != key {
		if err := s.store.Delete(key); err != nil {
			return change, err
		}
		change.Segments++
	}
	change.Live = countLive(entries) - countLive(old)
	n, err := s.spread(entries)
	change.Segments += n
	return change, err
}

// spread writes entries into as many segments as they need. It halves a list that is too long, so that each half has room for
// more that come between.
func (s *Series) spread(entries []Entry) (segments int, err error) {
	if len(entries) == 0 {
		return 0, nil
	}
	b := &s.builder
	b.Reset()
	for _, e := range entries {
		if !b.Append(e) {
			half := len(entries) / 2
			before, err := s.spread(entries[:half])
			if err != nil {
				return before, err
			}
			after, err := s.spread(entries[half:])
			return before + after, err
		}
	}
	return 1, s.put(s.kind.key(entries[0]))
}

// edit rewrites the segments that have entries from one time to another, as change says, which may use its argument's memory.
func (s *Series) edit(from, to Instant, change func([]Entry) []Entry) (Change, error) {
	var total Change
	f, err := covering(s.store, Key{At: from})
	for err == nil && f.ok && f.key.At <= to {
		next, _, errNext := keyOnly(s.store.After(f.key))
		if errNext != nil {
			return total, errNext
		}
		if f.segment.End() >= from {
			c, err := s.editSegment(f, change)
			total.add(c)
			if err != nil {
				return total, err
			}
		}
		if next == nil {
			return total, nil
		}
		f, err = open(s.store.AtOrBefore(*next))
	}
	return total, err
}

func (s *Series) editSegment(f found, change func([]Entry) []Entry) (Change, error) {
	old, err := f.segment.decode()
	if err != nil {
		return Change{}, err
	}
	entries := change(slices.Clone(old))
	if slices.EqualFunc(entries, old, Entry.Equal) {
		return Change{}, nil
	}
	return s.replace(f.key, old, entries)
}

func live(e Entry) int {
	if e.Dead {
		return 0
	}
	return 1
}

func countLive(entries []Entry) int {
	n := 0
	for _, e := range entries {
		n += live(e)
	}
	return n
}
