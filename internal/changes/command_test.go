package changes_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/fault"
)

func TestParseCommand(t *testing.T) {
	f := func(word, param string, params []string, want changes.Watch) {
		t.Helper()
		for _, prefix := range []string{"", "un"} {
			got, err := changes.ParseCommand(7, prefix+word, param, params)
			if want := (changes.Command{ID: 7, End: prefix != "", Watch: want}); err != nil || got != want {
				t.Errorf("%s%s: got %+v, %v, want %+v", prefix, word, got, err, want)
			}
		}
	}
	f("watch-docs", "", nil, changes.Watch{Kind: changes.AllDocuments})
	f("watch-doc", "users/1", nil, changes.Watch{Kind: changes.ADocument, Name: "users/1"})
	f("watch-prefix", "u", nil, changes.Watch{Kind: changes.DocumentsWithPrefix, Name: "u"})
	f("watch-collection", "Users", nil, changes.Watch{Kind: changes.DocumentsInCollection, Name: "Users"})
	f("watch-indexes", "", nil, changes.Watch{Kind: changes.AllIndexes})
	f("watch-index", "A/B", nil, changes.Watch{Kind: changes.AnIndex, Name: "A/B"})
	f("watch-operations", "", nil, changes.Watch{Kind: changes.AllOperations})
	f("watch-operation", "007", nil, changes.Watch{Kind: changes.AnOperation, Name: "7"})
	f("watch-counters", "", nil, changes.Watch{Kind: changes.AllCounters})
	f("watch-counter", "likes", nil, changes.Watch{Kind: changes.ACounter, Name: "likes"})
	f("watch-document-counters", "users/1", nil, changes.Watch{Kind: changes.CountersOfDocument, Of: "users/1"})
	f("watch-document-counter", "", []string{"users/1", "likes"}, changes.Watch{Kind: changes.CounterOfDocument, Of: "users/1", Name: "likes"})
	f("watch-all-timeseries", "", nil, changes.Watch{Kind: changes.AllTimeSeries})
	f("watch-timeseries", "HR", nil, changes.Watch{Kind: changes.ATimeSeries, Name: "HR"})
	f("watch-all-document-timeseries", "users/1", nil, changes.Watch{Kind: changes.TimeSeriesOfDocument, Of: "users/1"})
	f("watch-document-timeseries", "", []string{"users/1", "HR"}, changes.Watch{Kind: changes.ATimeSeriesOfDocument, Of: "users/1", Name: "HR"})
	f("watch-topology-change", "", nil, changes.Watch{Kind: changes.Topology})
}

func TestParseCommand_SaysWhatIsWrong(t *testing.T) {
	f := func(word, param string, params []string, part string) {
		t.Helper()
		_, err := changes.ParseCommand(1, word, param, params)
		if !errors.As(err, new(*changes.CommandError)) || fault.Of(err) != fault.Invalid || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want it to hold %q", word, err, part)
		}
	}
	f("watch", "", nil, "no such command")
	f("ununwatch-docs", "", nil, "no such command")
	f("watch-doc", "", nil, "Param is missing")
	f("watch-document-counters", "", nil, "Param is missing")
	f("watch-document-counter", "a", []string{"a"}, "Params")
	f("watch-document-timeseries", "a", []string{"a", ""}, "Params")
	f("watch-operation", "x", nil, "number")
	f("watch-doc", strings.Repeat("x", 513), nil, "512")
	f("watch-document-counter", "", []string{strings.Repeat("x", 513), "a"}, "512")
	if c, err := changes.ParseCommand(1, "", "", nil); err != nil || !c.End || c.Watch.Kind != changes.Topology {
		t.Errorf("the empty command: %+v, %v", c, err)
	}
}

// TestSubscription_WatchesHaveABound: what is watched already takes no room, and what has ended gives it back.
func TestSubscription_WatchesHaveABound(t *testing.T) {
	s := changes.NewSubscription()
	watch := func(n int, end bool) error {
		return s.Do(changes.Command{End: end, Watch: changes.Watch{Kind: changes.ADocument, Name: strings.Repeat("x", n)}})
	}
	for n := range 4096 {
		must(t, watch(n, false))
	}
	must(t, watch(7, false))
	if err := watch(5000, false); !errors.As(err, new(*changes.WatchesError)) {
		t.Errorf("got %v, want *WatchesError", err)
	}
	must(t, watch(7, true))
	must(t, watch(5000, false))
}
