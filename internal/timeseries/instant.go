package timeseries

import (
	"encoding/binary"
	"strings"
	"time"
)

// Instant is a moment in milliseconds since 1970-01-01 UTC; negative before.
type Instant int64

// The first and the last moment that clients can write: years 1 to 9999. They stand for open ends of ranges too.
const (
	InstantMin Instant = -62_135_596_800_000 // 0001-01-01T00:00:00.000Z
	InstantMax Instant = 253_402_300_799_999 // 9999-12-31T23:59:59.999Z
)

// InstantOf returns the millisecond in which t lies.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns i in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// String returns i as clients write it: 2024-01-02T03:04:05.6780000Z.
func (i Instant) String() string { return i.Time().Format("2006-01-02T15:04:05.000") + "0000Z" }

// inRange reports whether clients can write i.
func (i Instant) inRange() bool { return i >= InstantMin && i <= InstantMax }

// Key is the place of an entry in its series, and of a segment, which has the key of its first entry. Tag is empty but in
// incremental series, where entries of several nodes share a time.
type Key struct {
	At  Instant
	Tag string
}

// Compare returns -1, 0 or 1 as k is before, at or after o.
func (k Key) Compare(o Key) int {
	switch {
	case k.At < o.At:
		return -1
	case k.At > o.At:
		return 1
	}
	return strings.Compare(k.Tag, o.Tag)
}

// keyTimeBytes are the bytes of a key before the tag.
const keyTimeBytes = 8

// signBit moves negative times before the others when bytes are compared.
const signBit = 1 << 63

// AppendKey appends bytes to dst that sort as keys do.
func AppendKey(dst []byte, k Key) []byte {
	return append(binary.BigEndian.AppendUint64(dst, uint64(k.At)^signBit), k.Tag...)
}

// DecodeKey reads all of src as a key. The error is a *CorruptError.
func DecodeKey(src []byte) (Key, error) {
	if len(src) < keyTimeBytes || len(src) > keyTimeBytes+TagBytesMax {
		return Key{}, &CorruptError{Reason: "the key has a length that no key has"}
	}
	at := Instant(binary.BigEndian.Uint64(src) ^ signBit)
	if !at.inRange() {
		return Key{}, &CorruptError{Reason: "the key has a time outside the years 1 to 9999"}
	}
	return Key{At: at, Tag: string(src[keyTimeBytes:])}, nil
}
