package journal

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// mergeGapBytes is how many equal bytes between two differences are written rather than ended: a new range costs about
// 3 bytes, and many small ones cost time when they are applied.
const mergeGapBytes = 16

// compareBytes is how much is compared at once while nothing differs: bytes.Equal is several times as fast as words.
const compareBytes = 256

// zeros is what a new page is compared with. It is never written.
var zeros [PageBytes]byte

// AppendDiff appends the ranges that turn before into after, which have the same length, a multiple of 8.
//
// A range is: length (uvarint, never 0), distance from the end of the range before it (uvarint), bytes. A length of 0
// ends them. Offsets are absolute in effect and bytes are contents, so applying twice is the same as once.
func AppendDiff(dst, before, after []byte) []byte {
	if len(before) != len(after) || len(after)%8 != 0 { // Assert would allocate its arguments, twice for each page
		invariant.Assert(false, "diff of %d bytes against %d", len(after), len(before))
	}
	end := 0
	for {
		start := nextDifference(before, after, end)
		if planted.Is(planted.DiffMissesEnd) && start >= len(after)-8 {
			start = len(after)
		}
		if start == len(after) {
			return append(dst, 0)
		}
		stop := differenceEnd(before, after, start)
		dst = appendRange(dst, start-end, after[start:stop])
		end = stop
	}
}

// AppendNew appends the ranges that turn zeros into after.
func AppendNew(dst, after []byte) []byte {
	if len(after) == PageBytes {
		return AppendDiff(dst, zeros[:], after)
	}
	// A run holds one large value: no holes worth looking for.
	if content := bytes.TrimRight(after, "\x00"); len(content) > 0 {
		dst = appendRange(dst, 0, content)
	}
	return append(dst, 0)
}

// Apply writes the ranges at the start of src into dst and returns what follows them.
//
// *DecodeError when they are malformed or reach beyond dst; dst may then be changed in part.
func Apply(dst, src []byte) (rest []byte, err error) {
	off := 0
	for {
		var content []byte
		if content, off, src, err = decodeRange(src, off, len(dst)); err != nil || content == nil {
			return src, err
		}
		copy(dst[off:], content)
		off += len(content)
	}
}

// skipRanges returns src behind its ranges, which must fit size bytes.
func skipRanges(src []byte, size int) (rest []byte, err error) {
	off := 0
	for {
		var content []byte
		if content, off, src, err = decodeRange(src, off, size); err != nil || content == nil {
			return src, err
		}
		off += len(content)
	}
}

func appendRange(dst []byte, distance int, content []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(content)))
	dst = binary.AppendUvarint(dst, uint64(distance))
	return append(dst, content...)
}

// decodeRange takes one range that begins at or after off; content is nil at the end of the ranges.
func decodeRange(src []byte, off, size int) (content []byte, start int, rest []byte, err error) {
	length, n := binary.Uvarint(src)
	if n <= 0 {
		return nil, 0, nil, &DecodeError{Reason: "a range without length"}
	}
	src = src[n:]
	if length == 0 {
		return nil, off, src, nil
	}
	distance, n := binary.Uvarint(src)
	if n <= 0 {
		return nil, 0, nil, &DecodeError{Reason: "a range without distance"}
	}
	src = src[n:]
	free := uint64(size - off)
	if distance > free || length > free-distance {
		return nil, 0, nil, &DecodeError{Reason: "a range beyond the end of its page"}
	}
	if length > uint64(len(src)) {
		return nil, 0, nil, &DecodeError{Reason: "a range with too few bytes"}
	}
	return src[:length:length], off + int(distance), src[length:], nil
}

// nextDifference returns the first offset at or after off where a and b differ, or len(b).
func nextDifference(a, b []byte, off int) int {
	for ; off < len(b) && off%8 != 0; off++ {
		if a[off] != b[off] {
			return off
		}
	}
	for off+compareBytes <= len(b) && bytes.Equal(a[off:off+compareBytes], b[off:off+compareBytes]) {
		off += compareBytes
	}
	for ; off+8 <= len(b); off += 8 {
		if x := binary.LittleEndian.Uint64(a[off:]) ^ binary.LittleEndian.Uint64(b[off:]); x != 0 {
			return off + bits.TrailingZeros64(x)/8
		}
		if off%compareBytes == 0 && off+compareBytes <= len(b) && bytes.Equal(a[off:off+compareBytes], b[off:off+compareBytes]) {
			off += compareBytes - 8
		}
	}
	return len(b)
}

// differenceEnd returns the end of the difference that begins at off: behind it mergeGapBytes bytes or more are equal.
func differenceEnd(a, b []byte, off int) int {
	end := off + 1
	for i := off &^ 7; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
		if x != 0 {
			end = i + 8 - bits.LeadingZeros64(x)/8
		} else if i+8-end >= mergeGapBytes {
			break
		}
	}
	return end
}
