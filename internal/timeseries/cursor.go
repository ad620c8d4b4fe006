package timeseries

import "math"

// columnState is what the next value of a column is written relative to.
type columnState struct {
	before uint64 // bits of the value before
	window
}

// Cursor reads the entries of a segment in order.
type Cursor struct {
	segment Segment
	bits    bitReader
	tags    []string
	columns [ValuesMax]columnState
	values  [ValuesMax]float64
	entry   Entry
	tag     int
	count   int // values of the entry; 0 is dead
	step    int64
	read    int
	err     error
}

// Cursor returns a cursor before the first entry.
func (s Segment) Cursor() *Cursor {
	c := &Cursor{}
	c.reset(s)
	return c
}

func (c *Cursor) reset(s Segment) {
	c.segment, c.tags = s, s.tags()
	c.bits = bitReader{buf: s.stream, bits: s.head.bits}
	for i := range s.head.columns {
		column, _ := s.column(i)
		c.columns[i] = columnState{before: math.Float64bits(column.First)}
	}
	c.entry = Entry{At: s.head.start}
	c.tag, c.count, c.step, c.read, c.err = 0, 0, 0, 0, nil
}

// Entry returns the entry that Next came to. Its Values are valid until the next call of Next.
func (c *Cursor) Entry() Entry { return c.entry }

// Err returns nil, or the *CorruptError that ended the entries early.
func (c *Cursor) Err() error { return c.err }

// Next goes to the next entry; false after the last one, or at damage.
func (c *Cursor) Next() bool {
	if c.err != nil {
		return false
	}
	if c.read == c.segment.head.entries {
		c.finish()
		return false
	}
	before := c.key()
	c.readShape()
	c.readTime()
	for i := range c.count {
		c.values[i] = c.readValue(&c.columns[i])
	}
	if c.bits.short {
		c.fail("the stream ends within an entry")
	}
	if c.read > 0 && before.Compare(c.key()) >= 0 {
		c.fail("entries out of order")
	}
	c.read++
	c.entry.Dead = c.count == 0
	c.entry.Values = c.values[:c.count:c.count]
	return c.err == nil
}

// key is the place of the entry when all entries of the segment count by time and tag. That is so in incremental series; in
// others no two have the same time, and the tag does not matter.
func (c *Cursor) key() Key { return Key{At: c.entry.At, Tag: c.entry.Tag} }

func (c *Cursor) readShape() {
	if !c.bits.bit() {
		return
	}
	c.count = int(c.bits.read(shapeValuesBits))
	c.tag = int(c.bits.read(shapeTagBits))
	switch {
	case c.count > c.segment.head.columns:
		c.count = 0
		c.fail("entry with more values than columns")
	case c.tag > len(c.tags):
		c.fail("entry with an unknown tag")
	case c.tag == 0:
		c.entry.Tag = ""
	default:
		c.entry.Tag = c.tags[c.tag-1]
	}
}

func (c *Cursor) readTime() {
	class := 0 // how many bits are set, four at most
	for class < len(timeBits) && c.bits.bit() {
		class++
	}
	if class > 0 {
		c.step += c.bits.signed(timeBits[class-1])
	}
	at := c.entry.At + Instant(c.step)
	if c.step < 0 || int64(at-c.segment.head.start) > c.segment.head.span {
		c.fail("time outside the span of the segment")
		return
	}
	c.entry.At = at
}

func (c *Cursor) readValue(state *columnState) float64 {
	switch {
	case !c.bits.bit():
		return math.Float64frombits(state.before)
	case !c.bits.bit():
		c.readWindow(state)
	case !c.bits.bit():
		state.leading = int(c.bits.read(leadingBits))
		state.width = int(c.bits.read(widthBits)) + 1
		c.readWindow(state)
	default:
		c.readDecimal(state)
	}
	return math.Float64frombits(state.before)
}

func (c *Cursor) readWindow(state *columnState) {
	if state.width == 0 || state.leading+state.width > 64 {
		c.fail("window of a value")
		return
	}
	state.before ^= c.bits.read(state.width) << (64 - state.leading - state.width)
}

func (c *Cursor) readDecimal(state *columnState) {
	step := decimalStep{decimals: int(c.bits.read(decimalsBits)), class: int(c.bits.read(unitClassBits))}
	step.units = c.bits.signed(unitBits[step.class])
	before := math.Float64frombits(state.before)
	if !(math.Abs(before) < decimalMax) { // NaN is not either
		c.fail("step in units from a value that has none")
		return
	}
	state.before = math.Float64bits(step.apply(before))
}

// finish compares where the stream led with what the head says.
func (c *Cursor) finish() {
	h := c.segment.head
	if c.entry.At != h.end() || c.step != h.step || c.count != h.lastValues || c.tag != h.lastTag || c.bits.off != h.bits {
		c.fail("the stream ends elsewhere than the head says")
	}
}

func (c *Cursor) fail(reason string) {
	if c.err == nil {
		c.err = &CorruptError{Off: len(c.segment.data) - len(c.segment.stream) + c.bits.off/8, Reason: reason}
	}
}
