package sampledata

import (
	"fmt"
	"time"
)

// date prints as clients write dates: seven digits of a second and no zone.
type date time.Time

// MarshalJSON prints the date as a JSON string.
func (d date) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(d).Format(`"2006-01-02T15:04:05.0000000"`)), nil
}

// degrees is an angle in ten-thousandths of a degree.
type degrees int

// MarshalJSON prints the angle as a JSON number of degrees with four decimals.
func (d degrees) MarshalJSON() ([]byte, error) {
	sign, n := "", int(d)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Appendf(nil, "%s%d.%04d", sign, n/10000, n%10000), nil
}
