package iometrics_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"pgregory.net/rapid"
)

// sample has no member that is zero.
func sample() iometrics.Export {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	return iometrics.Export{
		Database: "Northwind", Node: "A", Taken: at.Add(time.Minute),
		Environments: []iometrics.Environment{
			{Name: "documents", Type: "Documents", Path: "data/Databases/northwind", Lost: 3, Events: []iometrics.Event{
				{Sequence: 4, Kind: iometrics.JournalWrite, File: "journals/0000000000000000002.journal", Start: at, Duration: 123456, Bytes: 4096},
				{Sequence: 5, Kind: iometrics.DataWrite, File: "data", Start: at.Add(time.Second), Duration: 2500 * time.Millisecond, Bytes: 1 << 20, Failed: true},
			}},
			{Name: "Users/\"ByName\"", Type: "Index", Path: "data/Databases/northwind/Indexes/1", Lost: 1, Events: []iometrics.Event{
				{Sequence: 1 << 60, Kind: iometrics.Sync, File: "data", Start: at.Add(2 * time.Second), Duration: iometrics.DurationMax, Bytes: 1},
			}},
		},
	}
}

// TestExport_TextIsThatOfTheDocument: docs/format/iometrics.md shows the sample as it is written.
func TestExport_TextIsThatOfTheDocument(t *testing.T) {
	page, err := os.ReadFile("../../../docs/format/iometrics.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), "\r\n", "\n")
	if written := string(iometrics.AppendExport(nil, sample())); !strings.Contains(text, "```json\n"+written+"```\n") {
		t.Errorf("the example is not what is written:\n%s", written)
	}
	for _, kind := range iometrics.Kinds() {
		if !strings.Contains(text, "| `"+kind.String()+"` | "+kind.Track().String()+" |") {
			t.Errorf("there is no line on %s, drawn on %s", kind, kind.Track())
		}
	}
}

func TestExport_ComesBackAsItWas(t *testing.T) {
	check := func(t interface {
		Helper()
		Fatalf(string, ...any)
	}, x iometrics.Export,
	) {
		t.Helper()
		got, err := iometrics.ReadExport(bytes.NewReader(iometrics.AppendExport(nil, x)))
		if err != nil {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(x, got); diff != "" {
			t.Fatalf("%s", diff)
		}
	}
	check(t, sample())
	rapid.Check(t, func(t *rapid.T) { check(t, drawExport(t)) })
}

func drawExport(t *rapid.T) iometrics.Export {
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 7_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
	})
	x := iometrics.Export{Database: rapid.String().Draw(t, "database"), Node: rapid.String().Draw(t, "node"), Taken: instant.Draw(t, "taken")}
	for range rapid.IntRange(0, 3).Draw(t, "environments") {
		env := iometrics.Environment{
			Name: rapid.String().Draw(t, "name"), Type: rapid.String().Draw(t, "type"), Path: rapid.String().Draw(t, "path"),
			Lost: rapid.Uint64().Draw(t, "lost"),
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "events") {
			env.Events = append(env.Events, iometrics.Event{
				Sequence: uint64(i)*10 + rapid.Uint64Range(1, 9).Draw(t, "sequence"), Kind: rapid.SampledFrom(iometrics.Kinds()).Draw(t, "kind"),
				File: rapid.String().Draw(t, "file"), Start: instant.Draw(t, "start"), Failed: rapid.Bool().Draw(t, "failed"),
				Duration: time.Duration(rapid.Int64Range(0, int64(iometrics.DurationMax)).Draw(t, "duration")),
				Bytes:    rapid.Int64Range(0, 1<<62).Draw(t, "bytes"),
			})
		}
		x.Environments = append(x.Environments, env)
	}
	return x
}

// TestReadExport_TellsWhatIsWrong: with the line where it is.
func TestReadExport_TellsWhatIsWrong(t *testing.T) {
	whole := string(iometrics.AppendExport(nil, sample()))
	f := func(line int, reason, text string) {
		t.Helper()
		_, err := iometrics.ReadExport(strings.NewReader(text))
		format, ok := errors.AsType[*iometrics.FormatError](err)
		if !ok || format.Line != line || !strings.Contains(format.Reason, reason) || fault.Of(err) != fault.Invalid {
			t.Errorf("got %v, want line %d: %s", err, line, reason)
		}
	}
	change := func(from, to string) string {
		t.Helper()
		if !strings.Contains(whole, from) {
			t.Fatalf("%s is not in the sample", from)
		}
		return strings.Replace(whole, from, to, 1)
	}
	f(1, "ends before its last line", "")
	f(1, "does not say", "PNG\n")
	f(1, "does not say", change("rookery-io-metrics", "rookery-io-diary"))
	f(1, "version 2", change(`"Version":1`, `"Version":2`))
	f(1, "version 0", change(`"Version":1`, `"Version":0`))
	f(1, "out of range", change("2026-03-01T12:01:", "1926-03-01T12:01:"))
	f(3, "unknown type", change("JournalWrite", "JournalBurn"))
	f(3, "sequences begin with 1", change(`"Sequence":4`, `"Sequence":0`))
	f(4, "does not grow", change(`"Sequence":5`, `"Sequence":4`))
	f(3, "size is negative", change(`"Size":4096`, `"Size":-1`))
	f(3, "duration is out of range", change(`"Duration":0.123456`, `"Duration":-0.1`))
	f(3, "duration is out of range", change(`"Duration":0.123456`, `"Duration":562949953.5`))
	f(3, "start is out of range", change("2026-03-01T12:00:00.1", "2226-03-01T12:00:00.1"))
	f(3, "end of JSON", change(`"Size":4096}`, `"Size":4096`))
	f(2, "before the first environment", change(strings.Split(whole, "\n")[1]+"\n", ""))
	f(3, "neither", change(strings.Split(whole, "\n")[2], "{}"))
	f(7, "4 events are announced", change(`"Events":3`, `"Events":4`))
	f(8, "follows the last line", whole+"{}\n")
	f(7, "ends before", change("{\"Events\":3}\n", ""))
	f(2, "longer than", change(`"Type":"Documents"`, `"Type":"`+strings.Repeat("D", 100_000)+`"`))
}

// FuzzReadExport: no bytes make it panic, and what it accepts is written as it was.
func FuzzReadExport(f *testing.F) {
	f.Add(iometrics.AppendExport(nil, sample()))
	f.Add(iometrics.AppendExport(nil, iometrics.Export{}))
	f.Fuzz(func(t *testing.T, text []byte) {
		x, err := iometrics.ReadExport(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := iometrics.ReadExport(bytes.NewReader(iometrics.AppendExport(nil, x)))
		if diff := cmp.Diff(x, again); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
		var picture strings.Builder
		if err := (iometrics.Picture{}).Draw(&picture, x); err != nil {
			t.Error(err)
		}
	})
}
