package timeseries

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// Unit is what a TimeValue counts.
type Unit uint8

// The units. None is no bound: of unlimited retention.
const (
	None Unit = iota
	Second
	Month
)

var unitNames = [...]string{"None", "Second", "Month"}

func (u Unit) String() string { return unitNames[u] }

// MarshalText writes the name of u as clients do.
func (u Unit) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads a name, in any case. The error is an *InvalidError.
func (u *Unit) UnmarshalText(text []byte) error {
	for i, name := range unitNames {
		if strings.EqualFold(name, string(text)) {
			*u = Unit(i)
			return nil
		}
	}
	return invalidf("unit of time %q: None, Second and Month are known", text)
}

// TimeValue is a length of time: so many seconds or months, or without an end.
type TimeValue struct {
	Value int32
	Unit  Unit
}

// Unlimited is the length that does not end.
func Unlimited() TimeValue { return TimeValue{Value: math.MaxInt32, Unit: None} }

// Frame returns the frames of this length, which is not unlimited.
func (v TimeValue) Frame() Frame {
	if v.Unit == Month {
		return Frame{Months: int(v.Value)}
	}
	return Frame{Millis: int64(v.Value) * millisPerSecond}
}

// Before returns the time that lies v before at, InstantMin at the earliest. Months are those of the calendar; the last day of
// a month stands for a day that it does not have.
func (v TimeValue) Before(at Instant) Instant {
	switch v.Unit {
	case Second:
		return max(InstantMin, at-Instant(int64(v.Value)*millisPerSecond))
	case Month:
		return max(InstantMin, monthsBefore(at, int(v.Value)))
	default:
		return InstantMin
	}
}

func monthsBefore(at Instant, months int) Instant {
	t := at.Time()
	first := time.Date(t.Year(), t.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	daysMax := first.AddDate(0, 1, -1).Day()
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return InstantOf(first.AddDate(0, 0, min(t.Day(), daysMax)-1)) + at - InstantOf(midnight)
}

// bounds returns the fewest and the most seconds that v can have.
func (v TimeValue) bounds() (least, most int64) {
	switch v.Unit {
	case Second:
		return int64(v.Value), int64(v.Value)
	case Month:
		years, months := int64(v.Value/monthsPerYear), int64(v.Value%monthsPerYear)
		return (years*365 + months*28) * secondsPerDay, (years*366 + months*31) * secondsPerDay
	default:
		return math.MaxInt64, math.MaxInt64
	}
}

// compare returns -1, 0 or 1 as v is shorter than, as long as, or longer than o. The error is an *InvalidError: months and seconds
// of about the same length.
func (v TimeValue) compare(o TimeValue) (int, error) {
	if v.Unit == o.Unit && v.Unit != None {
		return cmp.Compare(v.Value, o.Value), nil
	}
	least, most := v.bounds()
	oLeast, oMost := o.bounds()
	switch {
	case most < oLeast:
		return -1, nil
	case least > oMost:
		return 1, nil
	case v.Unit == o.Unit:
		return 0, nil
	}
	return 0, v.incomparable(o)
}

func (v TimeValue) incomparable(o TimeValue) error {
	return invalidf("unable to compare %s with %s, since a month might have different number of days", v, o)
}

// String returns v in words: months as "2 years 3 months"; seconds as days, hours, minutes and seconds, where a unit is used only
// when there is more than one of it, so that a minute is "60 seconds".
func (v TimeValue) String() string {
	switch v.Unit {
	case Second:
		return secondsInWords(int64(v.Value))
	case Month:
		return joinWords(count(int64(v.Value/monthsPerYear), "year"), count(int64(v.Value%monthsPerYear), "month"))
	default:
		return "unlimited"
	}
}

func secondsInWords(left int64) string {
	var words []string
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{secondsPerDay, "day"}, {60 * 60, "hour"}, {60, "minute"}} {
		if left > unit.seconds {
			words = append(words, count(left/unit.seconds, unit.name))
			left %= unit.seconds
		}
	}
	return joinWords(append(words, count(left, "second"))...)
}

// count returns "1 day", "2 days", or nothing for 0.
func count(n int64, unit string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func joinWords(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}
