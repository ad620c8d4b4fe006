package timeseries

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Interval is how often something is done, to 100 ns. JSON has it as clients write it, "1.02:03:04.5000000" with days and
// fractions where there are any; 0 is null, the
// default. It is not negative.
type Interval time.Duration

const tick = 100 * time.Nanosecond

func (i Interval) String() string {
	d := time.Duration(i)
	days := ""
	if n := d / (24 * time.Hour); n > 0 {
		days = fmt.Sprintf("%d.", n)
	}
	text := fmt.Sprintf("%s%02d:%02d:%02d", days, d/time.Hour%24, d/time.Minute%60, d/time.Second%60)
	if ticks := d % time.Second / tick; ticks > 0 {
		text += fmt.Sprintf(".%07d", ticks)
	}
	return text
}

// MarshalJSON writes i, 0 as null.
func (i Interval) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(i.String())
}

// UnmarshalJSON reads what MarshalJSON writes. The error is an *InvalidError.
func (i *Interval) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*i = 0
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return invalidf("an interval is a text like \"00:30:00\", not %s", data)
	}
	parsed, ok := parseInterval(text)
	if !ok {
		return invalidf("interval %q: it is written as hours:minutes:seconds, days before it with a point", text)
	}
	*i = parsed
	return nil
}

// parseInterval reads [days.]hours:minutes:seconds[.fraction]; nothing before day zero, and no more days than a Duration holds.
func parseInterval(text string) (Interval, bool) {
	parts := intervalPattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	number := func(i int) time.Duration {
		n, _ := strconv.Atoi(parts[i]) // digits, at most seven; an absent part is 0
		return time.Duration(n)
	}
	const daysMax = 100_000
	days, hours, minutes, seconds := number(1), number(2), number(3), number(4)
	if days > daysMax || hours > 23 || minutes > 59 || seconds > 59 {
		return 0, false
	}
	ticks, _ := strconv.Atoi((parts[5] + "0000000")[:7])
	d := days*24*time.Hour + hours*time.Hour + minutes*time.Minute + seconds*time.Second + time.Duration(ticks)*tick
	return Interval(d), true
}

// intervalPattern is [days.]hours:minutes:seconds[.fraction].
var intervalPattern = regexp.MustCompile(`^(?:(\d{1,6})\.)?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$`)
