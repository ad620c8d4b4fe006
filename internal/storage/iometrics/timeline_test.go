package iometrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// TestPicture_OfAKnownLoad: a second of commits, a flush while they go on, the sync after it.
func TestPicture_OfAKnownLoad(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const ms = time.Millisecond
	var events []iometrics.Event
	add := func(kind iometrics.Kind, file string, start, took time.Duration, bytes int64) {
		events = append(events, iometrics.Event{
			Sequence: uint64(len(events) + 1), Kind: kind, File: file, Start: at.Add(start), Duration: took, Bytes: bytes,
		})
	}
	for i := range time.Duration(10) {
		add(iometrics.JournalWrite, "journals/1", i*100*ms, 50*ms, 4096)
	}
	add(iometrics.DataWrite, "data", 295*ms, 105*ms, 1<<20)
	add(iometrics.DataWrite, "data", 400*ms, 150*ms, 1<<20)
	add(iometrics.Flush, "data", 290*ms, 270*ms, 2<<20) // of which the two are parts: counts once, as the first 10 ms show
	add(iometrics.Sync, "data", 560*ms, 440*ms, 0)
	events[len(events)-1].Failed = true
	x := iometrics.Export{Database: "Northwind", Node: "A", Taken: at.Add(time.Minute), Environments: []iometrics.Environment{
		{Name: "documents", Type: "Documents", Path: "data\x1b[2J/northwind", Lost: 7, Events: events}, {Name: "idle", Type: "Index", Path: "x"},
	}}
	f := func(p iometrics.Picture, want string) {
		t.Helper()
		var got strings.Builder
		if err := p.Draw(&got, x); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[1:], got.String()); diff != "" {
			t.Error(diff)
		}
	}
	f(iometrics.Picture{Width: 20}, `
database Northwind on node A, recorded 2026-03-01 12:01:00.000Z

documents (Documents) in data?[2J/northwind
  7 events before these were not kept
  2026-03-01 12:00:00.000Z +1.00 s, 50.0 ms a column
  journal |█ █ █ █ █ █ █ █ █ █ |
  flush   |     ▂█████▂        |
  sync    |           ▇████████|
                   count      bytes       time half below  99% below    longest
  JournalWrite        10   40.0 KiB     500 ms    65.5 ms    65.5 ms    50.0 ms
  DataWrite            2   2.00 MiB     255 ms     131 ms     262 ms     150 ms
  Sync                 1        0 B     440 ms     524 ms     524 ms     440 ms
  Flush                1   2.00 MiB     270 ms     524 ms     524 ms     270 ms
  longest:
    2026-03-01 12:00:00.560Z     440 ms        0 B  Sync          data
    2026-03-01 12:00:00.400Z     150 ms   1.00 MiB  DataWrite     data
    2026-03-01 12:00:00.295Z     105 ms   1.00 MiB  DataWrite     data
    2026-03-01 12:00:00.000Z    50.0 ms   4.00 KiB  JournalWrite  journals/1
    2026-03-01 12:00:00.100Z    50.0 ms   4.00 KiB  JournalWrite  journals/1
  failed:
    2026-03-01 12:00:00.560Z     440 ms        0 B  Sync          data

idle (Index) in x
  no events
`)
}
