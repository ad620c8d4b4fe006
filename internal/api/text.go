package api

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// humane writes a size as people read it: 72 MBytes.
func humane(n int64) string {
	units := [...]string{"Bytes", "KBytes", "MBytes", "GBytes", "TBytes"}
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	text := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
	return text + " " + units[i]
}

// size appends {"SizeInBytes":…,"HumaneSize":"…"}.
func (r *reply) size(n int64) {
	r.str(`{"SizeInBytes":`)
	r.int(n)
	r.str(`,"HumaneSize":`)
	r.quote(humane(n))
	r.str(`}`)
}
