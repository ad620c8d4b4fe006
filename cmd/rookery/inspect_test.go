package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The lines above "= data file" add up to it.
func TestInspectStorage_AddsUp(t *testing.T) {
	disk := filled(t, "data/Databases/shop")
	for _, details := range []bool{false, true} {
		var out bytes.Buffer
		if err := inspectStorage(&out, disk, "data", details); err != nil {
			t.Fatal(err)
		}
		var sum, file int64
		for line := range strings.Lines(out.String()) {
			number := regexp.MustCompile(`^ *(-?\d+) `).FindStringSubmatch(line)
			if number == nil || file != 0 {
				continue
			}
			n, err := strconv.ParseInt(number[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(line, "= data file\n") {
				file = n
			} else {
				sum += n
			}
		}
		if sum != file || file == 0 {
			t.Errorf("the parts have %d bytes, the file %d:\n%s", sum, file, out.String())
		}
		if got := strings.Contains(out.String(), "%"); got != details {
			t.Errorf("details %v:\n%s", details, out.String())
		}
		if !strings.Contains(out.String(), `section set "documents"`) {
			t.Errorf("no documents in\n%s", out.String())
		}
	}
}
