package docrow

import (
	"strconv"
	"strings"
	"time"
)

// ParseTimeSpan reads [d.]hh:mm:ss[.fffffff], as clients write lengths of time; 0 when it is none.
func ParseTimeSpan(text string) time.Duration {
	var days int64
	if day, rest, ok := strings.Cut(text, "."); ok && !strings.Contains(day, ":") {
		n, err := strconv.ParseInt(day, 10, 32)
		if err != nil {
			return 0
		}
		days, text = n, rest
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0
	}
	hours, err1 := strconv.ParseInt(parts[0], 10, 32)
	minutes, err2 := strconv.ParseInt(parts[1], 10, 32)
	seconds, err3 := strconv.ParseFloat(parts[2], 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return 0
	}
	return time.Duration(days*24+hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds*float64(time.Second))
}
