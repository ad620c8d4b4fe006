package row

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Row is one stored row. It lies in the bytes that it was parsed from, usually a page: copy to keep.
type Row struct {
	bytes  []byte
	ends   [FieldsMax]uint32 // where each field ends in bytes
	start  uint32            // where the first field begins
	fields uint8
}

// Kind returns the row kind of the header: which table the row belongs to.
func (r *Row) Kind() uint8 { return r.bytes[offKind] }

// Fields returns the number of fields.
func (r *Row) Fields() int { return int(r.fields) }

// Field returns the bytes of field i in place; it panics when there is no such field.
func (r *Row) Field(i int) []byte {
	end := r.ends[:r.fields][i]
	start := r.start
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.bytes[start:end:end]
}

// Bytes returns the whole row in place, header included.
func (r *Row) Bytes() []byte { return r.bytes }

// FieldBytes returns the length of all fields together.
func (r *Row) FieldBytes() int { return len(r.bytes) - int(r.start) }

// Append appends a row made of fields to dst.
func Append(dst []byte, kind uint8, fields ...[]byte) []byte {
	invariant.Assert(len(fields) <= FieldsMax, "row with %d fields", len(fields))
	base := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, magic)
	dst = append(dst, version, kind, uint8(len(fields)), 0)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, f := range fields {
		dst = binary.AppendUvarint(dst, uint64(len(f)))
	}
	for _, f := range fields {
		dst = append(dst, f...)
	}
	binary.LittleEndian.PutUint64(dst[base+offChecksum:], checksum(dst[base:]))
	return dst
}

// Decode takes the row at the beginning of src and verifies all of it, checksum included. It never panics and
// allocates nothing but its error, a *CorruptError; rest is what follows the row.
func Decode(src []byte) (r Row, rest []byte, err error) {
	if why := r.Parse(src); why != "" {
		return Row{}, src, &CorruptError{Why: why}
	}
	if err := r.Verify(); err != nil {
		return Row{}, src, err
	}
	return r, src[len(r.bytes):], nil
}

// Verify compares the checksum in the header with the bytes. The error is a *CorruptError.
func (r *Row) Verify() error {
	if want, got := binary.LittleEndian.Uint64(r.bytes[offChecksum:]), checksum(r.bytes); got != want {
		return &CorruptError{Why: fmt.Sprintf("checksum is %016x, header says %016x", got, want)}
	}
	return nil
}

// Parse sets r to the row at the beginning of src, whose checksum it leaves unproven. It returns what is wrong, or "".
func (r *Row) Parse(src []byte) (why string) {
	if len(src) < HeaderBytes {
		return "shorter than a row's header"
	}
	if binary.LittleEndian.Uint32(src[offMagic:]) != magic {
		return "no row begins here"
	}
	if src[offVersion] != version || src[offZero] != 0 {
		return "unknown version of the row format"
	}
	if src[offFields] > FieldsMax {
		return "too many fields"
	}
	r.fields = src[offFields]
	off, total := HeaderBytes, uint64(0)
	for i := range int(r.fields) {
		n, width := binary.Uvarint(src[off:])
		if width <= 0 || n > BytesMax {
			return "bad length of a field"
		}
		off += width
		total += n
		r.ends[i] = uint32(total) // relative until start is known
	}
	if total > uint64(len(src)-off) {
		return "the fields reach beyond the bytes"
	}
	r.start = uint32(off)
	for i := range int(r.fields) {
		r.ends[i] += r.start
	}
	end := off + int(total)
	r.bytes = src[:end:end]
	return ""
}

// PeekField returns field i of the row that src begins with, though its end be missing and its checksum wrong: what stands
// where the field should be. Nothing of it is proven. Not ok when there is no such field, or src ends in it.
func PeekField(src []byte, i int) (field []byte, ok bool) {
	if len(src) < HeaderBytes || binary.LittleEndian.Uint32(src[offMagic:]) != magic || i >= int(src[offFields]) || src[offFields] > FieldsMax {
		return nil, false
	}
	start, length, off := uint64(0), uint64(0), HeaderBytes
	for f := range int(src[offFields]) {
		n, width := binary.Uvarint(src[off:])
		if width <= 0 || n > BytesMax {
			return nil, false
		}
		off += width
		if f < i {
			start += n
		} else if f == i {
			length = n
		}
	}
	if rest := uint64(len(src) - off); start > rest || length > rest-start {
		return nil, false
	}
	field = src[off+int(start):][:length]
	return field[:length:length], true
}

// checksum returns what the header of row must say.
func checksum(row []byte) uint64 {
	return xxh3.HashSeed(row[HeaderBytes:], binary.LittleEndian.Uint64(row))
}
