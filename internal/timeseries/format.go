package timeseries

import (
	"encoding/binary"
	"math"
)

// A segment is a head, a block for each column, the tags, and a stream of bits. Numbers are little-endian. The page
// docs/format/timeseries.md says the same.
//
//	 0  1  version, 1
//	 1  1  columns: the most values of an entry, 0 to 32
//	 2  2  entries, dead ones too; at least 1
//	 4  2  live entries
//	 6  8  start: time of the first entry, in milliseconds since 1970
//	14  4  span: milliseconds from the first to the last entry
//	18  4  step: milliseconds from the last entry but one to the last; 0 with one entry
//	22  1  values of the last entry; 0 when it is dead
//	23  1  tag of the last entry: place in the list of tags, from 1; 0 is none
//	24  1  tags
//	25  2  bits of the stream
//
// Each column, over live entries:
//
//	 0  8  first value
//	 8  8  last value
//	16  8  least value; NaN only when there is nothing else
//	24  8  greatest value; likewise
//	32  8  sum
//	40  2  values
//	42  1  window: leading zero bits
//	43  1  window: width in bits; 0 is none yet
//
// Each tag: its length in one byte, then its bytes. Then the stream; bits beyond its length are zero.
//
// The stream has for each entry a shape, a time and values. Before the first entry the time is start, the step 0, the
// shape no values and no tag, and the value before the first of each column is its first value.
//
//	shape   0              as the entry before
//	        1 vvvvvv ttttttt   values (0: dead), tag
//	time    the difference between this step and the one before, in two's complement
//	        0              none
//	        10             7 bits
//	        110            12 bits
//	        1110           20 bits
//	        1111           32 bits
//	value   the bits that differ from the value before in the column
//	        0              none
//	        10             those in the window
//	        110 lllll wwwwww   a new window: leading zero bits, width less one; then those in it
//	        111 dd cc      so many units more than the value before, in two's complement of 5, 8, 12 or 18 bits as c says; a
//	                       unit is 1, 1/10, 1/100 or 1/1000 as d says, and the value before is rounded to units
const (
	segmentVersion = 1

	versionOff    = 0
	columnsOff    = 1
	entriesOff    = 2
	liveOff       = 4
	startOff      = 6
	spanOff       = 14
	stepOff       = 18
	lastValuesOff = 22
	lastTagOff    = 23
	tagsOff       = 24
	bitsOff       = 25
	headBytes     = 27

	firstOff    = 0
	lastOff     = 8
	leastOff    = 16
	greatestOff = 24
	sumOff      = 32
	countOff    = 40
	leadingOff  = 42
	widthOff    = 43
	columnBytes = 44

	shapeValuesBits = 6
	shapeTagBits    = 7
	shapeBits       = 1 + shapeValuesBits + shapeTagBits

	leadingBits   = 5
	widthBits     = 6
	newWindowBits = leadingBits + widthBits
	valueBitsMax  = 3 + newWindowBits + 64
	decimalsBits  = 2
	unitClassBits = 2
	timeBitsMax   = 4 + 32

	// entryBitsMin is an entry like the one before, one step later, when it is dead: it has no values.
	entryBitsMin = 2
)

// timeBits are the widths of differences of steps, each behind one more bit that is set. Milliseconds of jitter of a clock
// fit into 7 bits, of a network into 12, a gap of some minutes into 20.
var timeBits = [4]int{7, 12, 20, 32}

// unitBits are the widths of a step in units: the last digit, two digits, three, five.
var unitBits = [1 << unitClassBits]int{5, 8, 12, 18}

// head is the beginning of a segment.
type head struct {
	columns, entries, live int
	start                  Instant
	span, step             int64
	lastValues, lastTag    int
	tags, bits             int
}

func (h head) end() Instant { return h.start + Instant(h.span) }

func appendHead(dst []byte, h head) []byte {
	dst = append(dst, segmentVersion, byte(h.columns))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(h.entries))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(h.live))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.start))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.span))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.step))
	dst = append(dst, byte(h.lastValues), byte(h.lastTag), byte(h.tags))
	return binary.LittleEndian.AppendUint16(dst, uint16(h.bits))
}

// decodeHead reads what src begins with and refuses numbers out of their ranges. The error is a *CorruptError.
func decodeHead(src []byte) (head, error) {
	if len(src) < headBytes || len(src) > SegmentBytesMax {
		return head{}, &CorruptError{Reason: "no segment has this length"}
	}
	h := head{
		columns: int(src[columnsOff]),
		entries: int(binary.LittleEndian.Uint16(src[entriesOff:])), live: int(binary.LittleEndian.Uint16(src[liveOff:])),
		start: Instant(binary.LittleEndian.Uint64(src[startOff:])),
		span:  int64(binary.LittleEndian.Uint32(src[spanOff:])), step: int64(binary.LittleEndian.Uint32(src[stepOff:])),
		lastValues: int(src[lastValuesOff]), lastTag: int(src[lastTagOff]),
		tags: int(src[tagsOff]), bits: int(binary.LittleEndian.Uint16(src[bitsOff:])),
	}
	switch {
	case src[versionOff] != segmentVersion:
		return head{}, &CorruptError{Off: versionOff, Reason: "unknown version"}
	case h.columns > ValuesMax || h.columns == 0 && h.live > 0:
		return head{}, &CorruptError{Off: columnsOff, Reason: "number of columns"}
	case h.entries == 0 || h.entries > EntriesMax || h.entries*entryBitsMin > h.bits:
		return head{}, &CorruptError{Off: entriesOff, Reason: "number of entries"}
	case h.live > h.entries:
		return head{}, &CorruptError{Off: liveOff, Reason: "more live entries than entries"}
	case !h.start.inRange():
		return head{}, &CorruptError{Off: startOff, Reason: "start outside the years 1 to 9999"}
	case h.span > SpanMax || !h.end().inRange():
		return head{}, &CorruptError{Off: spanOff, Reason: "span"}
	case h.step > h.span:
		return head{}, &CorruptError{Off: stepOff, Reason: "step longer than the span"}
	case h.tags > TagsMax:
		return head{}, &CorruptError{Off: tagsOff, Reason: "number of tags"}
	case h.lastValues > h.columns:
		return head{}, &CorruptError{Off: lastValuesOff, Reason: "last entry with more values than columns"}
	case h.lastTag > h.tags:
		return head{}, &CorruptError{Off: lastTagOff, Reason: "last entry with an unknown tag"}
	}
	return h, nil
}

// window is where the bits lie that the values of a column differed in.
type window struct{ leading, width int }

func appendColumn(dst []byte, c Column, w window) []byte {
	for _, v := range [...]float64{c.First, c.Last, c.Min, c.Max, c.Sum} {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	dst = binary.LittleEndian.AppendUint16(dst, uint16(c.Count))
	return append(dst, byte(w.leading), byte(w.width))
}

// decodeColumn reads a column; src holds at least columnBytes.
func decodeColumn(src []byte) (Column, window) {
	number := func(off int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(src[off:])) }
	c := Column{
		First: number(firstOff), Last: number(lastOff), Min: number(leastOff), Max: number(greatestOff), Sum: number(sumOff),
		Count: int(binary.LittleEndian.Uint16(src[countOff:])),
	}
	return c, window{leading: int(src[leadingOff]), width: int(src[widthOff])}
}
