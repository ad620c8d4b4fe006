package timeseries

import (
	"math"
	"math/bits"
	"slices"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Builder makes a segment by adding entries to its end. The zero value is an empty one.
type Builder struct {
	head    head
	bits    bitWriter
	columns Columns
	states  []columnState
	tags    []string
	tagsLen int // bytes of all tags, with their lengths
}

// Reset makes b empty, and keeps its memory.
func (b *Builder) Reset() {
	*b = Builder{
		bits:    bitWriter{buf: b.bits.buf[:0]},
		columns: b.columns[:0], states: b.states[:0], tags: b.tags[:0],
	}
}

// Resume makes b continue s. It copies the stream and does not read it.
func (b *Builder) Resume(s Segment) {
	b.Reset()
	b.head = s.head
	b.bits.buf = append(b.bits.buf, s.stream...)
	b.bits.bits = s.head.bits
	for i := range s.head.columns {
		column, w := s.column(i)
		b.columns = append(b.columns, column)
		b.states = append(b.states, columnState{before: math.Float64bits(column.Last), window: w})
	}
	b.tags = append(b.tags, s.tags()...)
	for _, tag := range b.tags {
		b.tagsLen += 1 + len(tag)
	}
}

// Len returns how many entries b has, dead ones too.
func (b *Builder) Len() int { return b.head.entries }

// Bytes returns the size of the segment as it is.
func (b *Builder) Bytes() int {
	return headBytes + len(b.columns)*columnBytes + b.tagsLen + len(b.bits.buf)
}

// Append adds e, which passed Entry.check and stands after all entries before. It reports whether e had room; if not, b is
// as it was. An empty builder has room for every entry.
func (b *Builder) Append(e Entry) bool {
	if b.head.entries == 0 {
		b.head.start = e.At
	}
	if b.head.entries == EntriesMax || int64(e.At-b.head.start) > SpanMax {
		return false
	}
	tag, found := b.tagPlace(e.Tag)
	if tag > TagsMax {
		return false
	}
	if b.boundOf(e, found) <= SegmentBytesMax {
		b.add(e, tag, found)
		return true
	}
	saved := b.clone()
	b.add(e, tag, found)
	if b.Bytes() <= SegmentBytesMax {
		return true
	}
	invariant.Assert(saved.head.entries > 0, "an empty segment has room for every entry")
	*b = saved
	return false
}

// AppendTo appends the bytes of the segment, which has entries, to dst.
func (b *Builder) AppendTo(dst []byte) []byte {
	invariant.Assert(b.head.entries > 0, "a segment has entries")
	h := b.head
	h.columns, h.tags, h.bits = len(b.columns), len(b.tags), b.bits.bits
	dst = appendHead(dst, h)
	for i, c := range b.columns {
		dst = appendColumn(dst, c, b.states[i].window)
	}
	for _, tag := range b.tags {
		dst = append(append(dst, byte(len(tag))), tag...)
	}
	return append(dst, b.bits.buf...)
}

// boundOf returns more bytes than the segment can have with e.
func (b *Builder) boundOf(e Entry, tagFound bool) int {
	bound := b.Bytes() + (shapeBits+timeBitsMax+len(e.Values)*valueBitsMax)/8 + 1
	bound += max(0, len(e.Values)-len(b.columns)) * columnBytes
	if !tagFound {
		bound += 1 + len(e.Tag)
	}
	return bound
}

func (b *Builder) clone() Builder {
	saved := *b
	saved.bits.buf = slices.Clone(b.bits.buf)
	saved.columns, saved.states, saved.tags = slices.Clone(b.columns), slices.Clone(b.states), slices.Clone(b.tags)
	return saved
}

// tagPlace returns the place of a tag in the list, from 1, or the place that it would get; 0 is no tag.
func (b *Builder) tagPlace(tag string) (place int, found bool) {
	if tag == "" {
		return 0, true
	}
	if last := b.head.lastTag; last > 0 && b.tags[last-1] == tag {
		return last, true
	}
	if i := slices.Index(b.tags, tag); i >= 0 {
		return i + 1, true
	}
	return len(b.tags) + 1, false
}

// add writes e, whose tag has the given place.
func (b *Builder) add(e Entry, tag int, tagFound bool) {
	if !tagFound {
		b.tags = append(b.tags, e.Tag)
		b.tagsLen += 1 + len(e.Tag)
	}
	b.writeShape(len(e.Values), tag)
	b.writeTime(e.At)
	for i, v := range e.Values {
		if i == len(b.columns) {
			b.columns = append(b.columns, Column{})
			b.states = append(b.states, columnState{before: math.Float64bits(v)})
		}
		b.columns[i].add(v)
		b.writeValue(&b.states[i], math.Float64bits(v))
	}
	b.head.entries++
	if !e.Dead {
		b.head.live++
	}
}

func (b *Builder) writeShape(values, tag int) {
	if values == b.head.lastValues && tag == b.head.lastTag {
		b.bits.write(0, 1)
		return
	}
	b.bits.write(1<<(shapeBits-1)|uint64(values)<<shapeTagBits|uint64(tag), shapeBits)
	b.head.lastValues, b.head.lastTag = values, tag
}

func (b *Builder) writeTime(at Instant) {
	step := int64(at - b.head.end())
	invariant.Assert(step >= 0, "entries of a segment stand in order")
	change := step - b.head.step
	b.head.span += step
	b.head.step = step
	if change == 0 {
		b.bits.write(0, 1)
		return
	}
	class := 0
	for change < -1<<(timeBits[class]-1) || change >= 1<<(timeBits[class]-1) {
		class++
	}
	if class == len(timeBits)-1 {
		b.bits.write(1<<len(timeBits)-1, len(timeBits))
	} else {
		b.bits.write(1<<(class+2)-2, class+2) // class+1 bits set, then one that is not
	}
	b.bits.write(uint64(change), timeBits[class])
}

// writeValue writes how a value differs from the one before, in the fewest bits: those in the window, a new window, or a step in
// decimals.
func (b *Builder) writeValue(state *columnState, value uint64) {
	before := state.before
	differ := value ^ before
	state.before = value
	if differ == 0 {
		b.bits.write(0, 1)
		return
	}
	leading := min(bits.LeadingZeros64(differ), 1<<leadingBits-1)
	w := window{leading: leading, width: 64 - leading - bits.TrailingZeros64(differ)}
	cost := 3 + newWindowBits + w.width
	reuse := leading >= state.leading && leading+w.width <= state.leading+state.width && 2+state.width <= cost
	if reuse {
		w, cost = state.window, 2+state.width
	}
	if cost > windowBitsCheap {
		if step, ok := stepBetween(math.Float64frombits(before), math.Float64frombits(value)); ok && step.cost() < cost {
			b.writeDecimal(step)
			return
		}
	}
	if reuse {
		b.bits.write(0b10, 2)
	} else {
		b.bits.write(0b110<<newWindowBits|uint64(w.leading)<<widthBits|uint64(w.width-1), 3+newWindowBits)
	}
	state.window = w
	b.bits.write(differ>>(64-w.leading-w.width), w.width)
}

func (b *Builder) writeDecimal(s decimalStep) {
	b.bits.write(0b111<<(decimalsBits+unitClassBits)|uint64(s.decimals)<<unitClassBits|uint64(s.class), 3+decimalsBits+unitClassBits)
	b.bits.write(uint64(s.units), unitBits[s.class])
}
