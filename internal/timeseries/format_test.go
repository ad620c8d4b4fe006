package timeseries_test

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/timeseries"
)

// TestFormat_AgreesWithTheDocument: offsets and widths in docs/format/timeseries.md are those in the code.
func TestFormat_AgreesWithTheDocument(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/timeseries.md")
	must(t, err)
	got := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| [^|]*\| ([^|]*)\| ([^|]*)\|`).FindAllStringSubmatch(string(page), -1) {
		field := strings.TrimSpace(row[2])
		if field == "" {
			field = strings.TrimPrefix(strings.TrimSpace(row[3]), "end of the ")
		}
		got[field], _ = strconv.Atoi(row[1])
	}
	if diff := cmp.Diff(timeseries.Layout, got); diff != "" {
		t.Errorf("offsets (-code +document):\n%s", diff)
	}
	for name, widths := range timeseries.Widths {
		line := fmt.Sprintf("- Widths of %s: %s.", name, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(widths)), ", "), "[]"))
		if !strings.Contains(string(page), line) {
			t.Errorf("the document does not say %q", line)
		}
	}
}

// TestFormat_Bytes holds one segment with every code of the stream, byte by byte. When it fails, files of users do not open any more.
func TestFormat_Bytes(t *testing.T) {
	data := build(t,
		timeseries.Entry{At: 0, Values: []float64{1}},
		timeseries.Entry{At: 1000, Values: []float64{2}, Tag: "ab"},
		timeseries.Entry{At: 2000, Values: []float64{math.Pi}, Tag: "ab"},
		timeseries.Entry{At: 2001, Values: []float64{100.25}, Tag: "ab"},
		timeseries.Entry{At: 900_000, Values: []float64{100.5}, Tag: "ab"},
		timeseries.Entry{At: 900_001, Dead: true},
	)
	if got := hex.EncodeToString(data); got != segmentHex {
		t.Errorf("got\n%s\nwant\n%s", got, segmentHex)
	}
}

// segmentHex: head, one column, one tag, stream.
const segmentHex = "0101060005000000000000000000a1bb0d00010000000000010a01" +
	"000000000000f03f0000000000205940000000000000f03f0000000000205940b41051ed87dc694005001202" +
	"026162" +
	"820082071f47009998490fdaa22168db067d84bdef000db3ced2078003fffc930c80"

func TestKey_SortsAsTimesDo(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	keys := []timeseries.Key{{At: timeseries.InstantMin}, {At: -1}, {At: 0}, {At: 0, Tag: "a"}, {At: 0, Tag: "b"}, {At: timeseries.InstantMax}}
	for range 100 {
		keys = append(keys, timeseries.Key{At: timeseries.Instant(r.Int64N(1<<40) - 1<<39)})
	}
	slices.SortFunc(keys, timeseries.Key.Compare)
	before := ""
	for _, key := range keys {
		data := timeseries.AppendKey(nil, key)
		back, err := timeseries.DecodeKey(data)
		if err != nil || back != key || string(data) < before {
			t.Errorf("%+v: % x, %+v, %v", key, data, back, err)
		}
		before = string(data)
	}
	for _, bad := range []string{"", "1234567", "\xff2345678", strings.Repeat("\x80", 300)} {
		if _, err := timeseries.DecodeKey([]byte(bad)); err == nil {
			t.Errorf("took %q", bad)
		}
	}
	if got := start.String(); got != "2024-01-02T03:04:05.6780000Z" || timeseries.InstantOf(start.Time()) != start {
		t.Error(got)
	}
}
