package zdict

import (
	"encoding/binary"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Decoder reads values that were compressed with one dictionary, or with none. Any number of goroutines at once.
//
// It keeps a few decoders of zstd for the next callers, each with about the memory of its dictionary; nothing is allocated
// for a value once these are warm and dst is long enough.
type Decoder struct {
	id    uint32
	bytes []byte // the dictionary; nil for none
	idle  chan *unit
	wipe  bool
	scrub scrubFrames
}

// unit is what one caller needs.
type unit struct {
	z       *zstd.Decoder
	frame   []byte // the value as zstd wants it
	longest int    // value since the last scrub, in bytes
	scratch []byte // of scrub, up to a quarter of a MiB
}

// DecoderOptions is how a Decoder treats memory.
type DecoderOptions struct {
	// IdleMax is how many decoders of zstd are kept for next callers. Default 4: more than processors gain nothing.
	IdleMax int
	// Wipe overwrites what zstd's memory holds of a value before Append returns. It more than doubles the cost of a small value.
	Wipe bool
}

// NewDecoder returns the decoder of d, nil for none. It keeps a copy of the dictionary. *CorruptError when zstd does not
// take the dictionary.
func NewDecoder(d *Dictionary, opts DecoderOptions) (*Decoder, error) {
	if opts.IdleMax <= 0 {
		opts.IdleMax = 4
	}
	dec := &Decoder{wipe: opts.Wipe, idle: make(chan *unit, opts.IdleMax)}
	if d != nil {
		if err := checkID(d); err != nil {
			return nil, err
		}
		dec.id, dec.bytes = d.ID, slices.Clone(d.Bytes)
	}
	u, err := dec.newUnit()
	if err != nil {
		return nil, err
	}
	dec.put(u)
	return dec, nil
}

func (d *Decoder) newUnit() (*unit, error) {
	options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true)}
	if d.bytes != nil {
		options = append(options, zstd.WithDecoderDicts(d.bytes))
	}
	z, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, badDictionary(err.Error())
	}
	return &unit{z: z}, nil
}

// ID is the dictionary's, 0 for none.
func (d *Decoder) ID() uint32 { return d.id }

// Append appends the value of stored, which must be plain or of this decoder's dictionary. At most RawBytes of its header
// and a few bytes more are allocated. dst is returned as it was when there is an error: *CorruptError, *UnknownDictionaryError.
func (d *Decoder) Append(dst, stored []byte) ([]byte, error) {
	h, body, err := DecodeHeader(stored)
	if err != nil {
		return dst, err
	}
	if !h.Compressed {
		return append(dst, body...), nil
	}
	if h.Dictionary != d.id {
		return dst, &UnknownDictionaryError{ID: h.Dictionary}
	}
	u, err := d.take()
	if err != nil {
		return dst, err
	}
	defer d.put(u)
	return u.append(dst, h, body)
}

func (d *Decoder) take() (*unit, error) {
	select {
	case u := <-d.idle:
		return u, nil
	default:
		return d.newUnit()
	}
}

func (d *Decoder) put(u *unit) {
	if d.wipe {
		u.scrub(&d.scrub)
	}
	select {
	case d.idle <- u:
	default: // enough of them
	}
}

// Layout of the frame header that is put back (RFC 8878, section 3.1.1.1): single segment, four bytes each for the id of the
// dictionary, if there is one, and for the length.
const (
	frameMagic      = 0xFD2FB528
	frameHeader     = 0b10_1_0_0_0_00
	frameDictionary = 0b11
)

func (u *unit) append(dst []byte, h Header, body []byte) ([]byte, error) {
	frame := binary.LittleEndian.AppendUint32(u.frame[:0], frameMagic)
	if h.Dictionary == 0 {
		frame = append(frame, frameHeader)
	} else {
		frame = append(frame, frameHeader|frameDictionary)
		frame = binary.LittleEndian.AppendUint32(frame, h.Dictionary)
	}
	frame = binary.LittleEndian.AppendUint32(frame, uint32(h.RawBytes))
	frame = append(frame, body...)
	if u.frame = frame; cap(frame) > frameBytesKept {
		u.frame = nil
	}
	start := len(dst)
	grown := slices.Grow(dst, h.RawBytes+decodeSlackBytes)
	// The room ends where it must, so a value that becomes longer than it says is refused, not grown.
	out, err := u.z.DecodeAll(frame, grown[start:start:start+h.RawBytes+decodeSlackBytes])
	u.longest = max(u.longest, h.RawBytes)
	if err != nil {
		return dst, badValue(err.Error())
	}
	if len(out) != h.RawBytes {
		return dst, badValue("it is not as long as it says")
	}
	return grown[:start+len(out)], nil
}
