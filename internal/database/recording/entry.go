package recording

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/invariant"
)

// Header is what a file says of itself.
type Header struct {
	DatabaseID string // of DatabaseIDBytes
	Started    time.Time
}

// Entry is one command as it was run, and how it ended.
type Entry struct {
	Kind      Kind
	Committed bool
	Fault     fault.Kind // of its error, when it was not committed
	Tx        uint64     // the transaction that it ran in; 0 when there was none
	At        time.Time  // when it was answered
	Fields    [][]byte   // see Kind
}

// AppendHeader appends the first bytes of a file.
func AppendHeader(dst []byte, h Header) []byte {
	invariant.Assert(len(h.DatabaseID) == DatabaseIDBytes, "database id of %d bytes", len(h.DatabaseID))
	base := len(dst)
	dst = append(dst, make([]byte, HeaderBytes)...)
	head := dst[base:]
	binary.LittleEndian.PutUint64(head[magicOff:], magic)
	binary.LittleEndian.PutUint16(head[versionOff:], Version)
	binary.LittleEndian.PutUint64(head[startedOff:], uint64(h.Started.UnixNano()))
	copy(head[databaseOff:], h.DatabaseID)
	binary.LittleEndian.PutUint64(head[headHashOff:], xxh3.Hash(head[:headHashOff]))
	return dst
}

// DecodeHeader takes the header that src begins with. *DecodeError, *NewerFormatError.
func DecodeHeader(src []byte) (h Header, rest []byte, err error) {
	if len(src) < HeaderBytes || binary.LittleEndian.Uint64(src[magicOff:]) != magic {
		return h, src, &DecodeError{Reason: "it does not begin as a recording does"}
	}
	v := binary.LittleEndian.Uint16(src[versionOff:])
	if v > Version {
		return h, src, &NewerFormatError{Found: v, Readable: Version}
	}
	if v == 0 || binary.LittleEndian.Uint64(src[headHashOff:]) != xxh3.Hash(src[:headHashOff]) {
		return h, src, &DecodeError{Reason: "the header is not as it was written"}
	}
	h.Started = time.Unix(0, int64(binary.LittleEndian.Uint64(src[startedOff:]))).UTC()
	h.DatabaseID = string(src[databaseOff:databaseEnd])
	return h, src[HeaderBytes:], nil
}

// AppendEntry appends an entry. One with more than BodyBytesMax loses its fields, and is Other.
func AppendEntry(dst []byte, e Entry) []byte {
	base := len(dst)
	dst = AppendFields(append(dst, make([]byte, entryHead)...), e.Fields)
	if len(dst)-base-entryHead > BodyBytesMax {
		dst, e.Kind = AppendFields(dst[:base+entryHead], nil), Other
	}
	entry := dst[base:]
	binary.LittleEndian.PutUint32(entry[entrySizeOff:], uint32(len(entry)-entryHead))
	entry[kindOff] = byte(e.Kind)
	if !e.Committed {
		entry[outcomeOff] = byte(e.Fault) + 1
	}
	binary.LittleEndian.PutUint64(entry[txOff:], e.Tx)
	binary.LittleEndian.PutUint64(entry[atOff:], uint64(e.At.UnixNano()))
	binary.LittleEndian.PutUint64(entry[hashOff:], hashOf(entry))
	return dst
}

func hashOf(entry []byte) uint64 {
	return xxh3.HashSeed(entry[entryHead:], xxh3.Hash(entry[:hashOff]))
}

// DecodeEntry takes the entry that src begins with; its fields lie in src. *DecodeError, and *CutShortError when src ends
// before the entry does.
func DecodeEntry(src []byte) (e Entry, rest []byte, err error) {
	size, err := entryBytes(src)
	if err != nil {
		return e, src, err
	}
	if len(src) < size {
		return e, src, &CutShortError{Bytes: len(src)}
	}
	entry, rest := src[:size:size], src[size:]
	if binary.LittleEndian.Uint64(entry[hashOff:]) != hashOf(entry) {
		return e, src, &DecodeError{Reason: "an entry is not as it was written"}
	}
	e = Entry{
		Kind: Kind(entry[kindOff]), Committed: entry[outcomeOff] == 0, Tx: binary.LittleEndian.Uint64(entry[txOff:]),
		At: time.Unix(0, int64(binary.LittleEndian.Uint64(entry[atOff:]))).UTC(),
	}
	if !e.Committed {
		e.Fault = fault.Kind(entry[outcomeOff] - 1)
	}
	if e.Kind >= kindEnd {
		return e, src, &DecodeError{Reason: "a command of unknown kind"}
	}
	e.Fields, err = DecodeFields(entry[entryHead:])
	return e, rest, err
}

// entryBytes returns the length of the entry that src begins with, which may be longer than src.
func entryBytes(src []byte) (int, error) {
	if len(src) < entryHead {
		return 0, &CutShortError{Bytes: len(src)}
	}
	body := binary.LittleEndian.Uint32(src[entrySizeOff:])
	if body > BodyBytesMax {
		return 0, &DecodeError{Reason: "an entry longer than the bound"}
	}
	return entryHead + int(body), nil
}

// AppendFields appends fields: each with its length, a varint, before it.
func AppendFields(dst []byte, fields [][]byte) []byte {
	for _, f := range fields {
		dst = append(binary.AppendUvarint(dst, uint64(len(f))), f...)
	}
	return dst
}

// DecodeFields takes all of src apart; the fields lie in it. *DecodeError.
func DecodeFields(src []byte) (fields [][]byte, err error) {
	for len(src) > 0 {
		length, n := binary.Uvarint(src)
		if n <= 0 || length > math.MaxInt32 || int(length) > len(src)-n {
			return nil, &DecodeError{Reason: "a field beyond the end of its command"}
		}
		end := n + int(length)
		fields = append(fields, src[n:end:end])
		src = src[end:]
	}
	return fields, nil
}
