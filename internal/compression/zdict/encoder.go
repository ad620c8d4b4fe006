package zdict

import (
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/rookerydb/rookery/internal/invariant"
)

// Encoder compresses values with one dictionary, or with none. One goroutine at a time.
//
// It takes about 0.9 MiB of memory with a dictionary, 1.5 MiB without; nothing is allocated for a value once warm.
type Encoder struct {
	id      uint32
	z       *zstd.Encoder
	longest int    // value since the last Scrub, in bytes
	scratch []byte // of Scrub
}

// NewEncoder returns the encoder of d, nil for none. *CorruptError when zstd does not take the dictionary.
func NewEncoder(d *Dictionary) (*Encoder, error) {
	e := &Encoder{}
	options := []zstd.EOption{
		zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(false), // pages and rows have their own checksums
		zstd.WithSingleSegment(true),
	}
	if d == nil {
		options = append(options, zstd.WithWindowSize(windowBytes))
	} else {
		if err := checkID(d); err != nil {
			return nil, err
		}
		e.id = d.ID
		options = append(options, zstd.WithWindowSize(dictionaryWindowBytes), zstd.WithEncoderDict(d.Bytes))
	}
	var err error
	if e.z, err = zstd.NewWriter(nil, options...); err != nil {
		return nil, badDictionary(err.Error())
	}
	return e, nil
}

// checkID refuses a dictionary whose bytes name another id: zstd would look for that one.
func checkID(d *Dictionary) error {
	known, err := zstd.InspectDictionary(d.Bytes)
	if err != nil {
		return badDictionary(err.Error())
	}
	if known.ID() != d.ID || d.ID == 0 {
		return badDictionary(fmt.Sprintf("it is number %d and calls itself %d", d.ID, known.ID()))
	}
	return nil
}

// ID is the dictionary's, 0 for none.
func (e *Encoder) ID() uint32 { return e.id }

// Append appends the stored form of value to dst: compressed when that saves an eighth, else plain. The same value always
// becomes the same bytes. value must not overlap dst.
func (e *Encoder) Append(dst, value []byte) []byte {
	if len(value) < WorthBytesMin || len(value) > RawBytesMax {
		return AppendPlain(dst, value)
	}
	e.longest = max(e.longest, len(value))
	start := len(dst)
	dst = e.z.EncodeAll(value, slices.Grow(dst, len(value)+growBytes))
	body := frameBody(dst[start:], e.id, len(value))
	// Our header is never longer than the frame's, so the blocks move forward in place.
	head := appendHeader(dst[:start], e.id, len(value))
	invariant.Assert(len(head)-start+len(body) <= len(dst)-start, "header of a compressed value has %d bytes", len(head)-start)
	dst = append(head, body...)
	if len(dst)-start > len(value)-len(value)/worthSavedPart {
		return AppendPlain(dst[:start], value)
	}
	return dst
}

// frameBody returns the blocks of a frame that the encoder just made.
func frameBody(frame []byte, id uint32, rawBytes int) []byte {
	var h zstd.Header
	err := h.Decode(frame)
	if err != nil || h.DictionaryID != id || !h.HasFCS || h.FrameContentSize != uint64(rawBytes) || h.HasCheckSum {
		invariant.Assert(false, "zstd made a frame with the header %+v, %v", h, err)
	}
	return frame[h.HeaderSize:]
}
