package iometrics

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// The file format: docs/format/iometrics.md says the same.
const (
	// FormatName stands in the first line of a file.
	FormatName = "rookery-io-metrics"
	// FormatVersion is what this version writes, and the newest that it reads.
	FormatVersion = 1
)

// headLine is the first line.
type headLine struct {
	Format   string
	Version  int
	Database string
	Node     string
	Taken    time.Time
}

// anyLine is a line after the first: which of its members are there tells which kind it is of.
type anyLine struct {
	Environment *string
	Path        string
	Lost        uint64

	Type string // of an environment, or the kind of an event

	Sequence *uint64
	File     string
	Start    time.Time
	Duration float64 // milliseconds
	Size     int64
	Failed   bool

	Events *int // of the last line: how many there are
}

// AppendEvent appends e as a JSON object: the line of a file, and an element of answers and messages.
func AppendEvent(dst []byte, e Event) []byte {
	dst = append(dst, `{"Sequence":`...)
	dst = strconv.AppendUint(dst, e.Sequence, 10)
	dst = append(dst, `,"Type":"`...)
	dst = append(dst, e.Kind.String()...)
	dst = append(dst, `","File":`...)
	dst = appendText(dst, e.File)
	dst = append(dst, `,"Start":`...)
	dst = AppendTime(dst, e.Start)
	dst = append(dst, `,"Duration":`...)
	dst = AppendMilliseconds(dst, e.Duration)
	dst = append(dst, `,"Size":`...)
	dst = strconv.AppendInt(dst, e.Bytes, 10)
	if e.Failed {
		dst = append(dst, `,"Failed":true`...)
	}
	return append(dst, '}')
}

// AppendTime appends an instant in quotes, to the nanosecond.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// AppendMilliseconds appends d, which is not negative, as a decimal number of milliseconds, to the nanosecond.
func AppendMilliseconds(dst []byte, d time.Duration) []byte {
	dst = strconv.AppendInt(dst, int64(d/time.Millisecond), 10)
	rest := int64(d % time.Millisecond)
	if rest == 0 {
		return dst
	}
	digits := strconv.AppendInt(nil, int64(time.Millisecond)+rest, 10) // a 1 in front keeps the zeros
	end := len(digits)
	for digits[end-1] == '0' {
		end--
	}
	return append(append(dst, '.'), digits[1:end]...)
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string never fails
	return append(dst, quoted...)
}

// event returns the event that the line stands for; reason says why it stands for none.
func (l *anyLine) event() (e Event, reason string) {
	kind, ok := parseKind(l.Type)
	took := math.Round(l.Duration * float64(time.Millisecond))
	switch {
	case !ok:
		return Event{}, "unknown type " + strconv.Quote(l.Type)
	case *l.Sequence == 0:
		return Event{}, "sequences begin with 1"
	case l.Size < 0:
		return Event{}, "the size is negative"
	case !(took >= 0 && took <= float64(DurationMax)):
		return Event{}, "the duration is out of range"
	case !validTime(l.Start):
		return Event{}, "the start is out of range"
	}
	return Event{
		Sequence: *l.Sequence, Kind: kind, File: l.File, Start: l.Start.UTC(), Duration: time.Duration(took), Bytes: l.Size,
		Failed: l.Failed,
	}, ""
}

// validTime says whether nanoseconds since 1970 express t, and any event's end after it.
func validTime(t time.Time) bool {
	const yearMin, yearMax = 1970, 2200
	return t.UTC().Year() >= yearMin && t.UTC().Year() <= yearMax
}
