package timeseries

import "time"

const (
	millisPerSecond = 1000
	secondsPerDay   = 24 * 60 * 60
	monthsPerYear   = 12
)

// Frame cuts time into pieces that follow each other: so many months of the calendar, or so many milliseconds. One of the two
// is set, and greater than 0.
//
// Pieces are counted from 0001-01-01 UTC, a Monday: frames of a day begin at midnight, of seven days on Mondays, of three months
// with the quarters of a year.
type Frame struct {
	Months int
	Millis int64
}

// check refuses a frame that cuts nothing.
func (f Frame) check() error {
	if f.Months < 0 || f.Millis < 0 || (f.Months == 0) == (f.Millis == 0) {
		return invalidf("a time frame has a number of months or of milliseconds, one of them, and greater than 0")
	}
	return nil
}

// Start returns the beginning of the piece in which at lies; at is in the years 1 to 9999.
func (f Frame) Start(at Instant) Instant {
	if f.Months == 0 {
		since := int64(at - InstantMin)
		return at - Instant(since%f.Millis)
	}
	t := at.Time()
	months := (t.Year()-1)*monthsPerYear + int(t.Month()) - 1
	return monthStart(months - months%f.Months)
}

// Next returns the beginning of the piece that follows the one which begins at start. It may lie after the year 9999.
func (f Frame) Next(start Instant) Instant {
	if f.Months == 0 {
		return start + Instant(f.Millis)
	}
	t := start.Time()
	return monthStart((t.Year()-1)*monthsPerYear + int(t.Month()) - 1 + f.Months)
}

// monthStart returns the first moment of a month, counted from January of the year 1 as 0.
func monthStart(months int) Instant {
	return InstantOf(time.Date(1, time.January+time.Month(months), 1, 0, 0, 0, 0, time.UTC))
}
