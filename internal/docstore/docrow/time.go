package docrow

import "time"

// A last-modified time is kept as a count of 100 ns since 1970, because clients write and read times with 7 digits:
// so it comes back as exactly what was shown to them.
const ticksPerSecond = int64(time.Second / tick)

const tick = 100 * time.Nanosecond

// TicksOf returns t as stored, cut down to whole ticks. The years 1 to 9999 fit.
func TicksOf(t time.Time) int64 { return t.Unix()*ticksPerSecond + int64(t.Nanosecond())/int64(tick) }

// TimeOf returns the UTC time that was stored as ticks.
func TimeOf(ticks int64) time.Time {
	seconds, rest := ticks/ticksPerSecond, ticks%ticksPerSecond
	return time.Unix(seconds, rest*int64(tick)).UTC()
}

// AppendTime appends t as clients read it: UTC, 7 digits of a second, Z. It allocates nothing.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = appendDigits(dst, year, 4)
	dst = appendDigits(append(dst, '-'), int(month), 2)
	dst = appendDigits(append(dst, '-'), day, 2)
	dst = appendDigits(append(dst, 'T'), hour, 2)
	dst = appendDigits(append(dst, ':'), minute, 2)
	dst = appendDigits(append(dst, ':'), second, 2)
	dst = appendDigits(append(dst, '.'), t.Nanosecond()/int(tick), 7)
	return append(dst, 'Z')
}

// appendDigits appends the last width digits of n, which is not negative.
func appendDigits(dst []byte, n, width int) []byte {
	start := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] += byte(n % 10)
		n /= 10
	}
	return dst
}
