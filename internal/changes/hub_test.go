package changes_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/changes"
)

// naive is a subscription that keeps its watches in a list, compares each with each change, and never forgets what it was given.
type naive struct {
	watches []changes.Watch
	told    []changes.Change
}

func same(w, v changes.Watch) bool {
	return w.Kind == v.Kind && strings.EqualFold(w.Name, v.Name) && strings.EqualFold(w.Of, v.Of)
}

func (n *naive) do(c changes.Command) {
	var kept []changes.Watch
	for _, w := range n.watches {
		if !same(w, c.Watch) {
			kept = append(kept, w)
		}
	}
	if !c.End {
		kept = append(kept, c.Watch)
	}
	n.watches = kept
	n.told = append(n.told, changes.Confirmation{CommandID: c.ID})
	if c.Watch.Kind == changes.AnOperation && !c.End {
		var id int64
		if _, err := fmt.Sscan(c.Watch.Name, &id); err == nil {
			n.told = append(n.told, changes.Operation{ID: id})
		}
	}
}

func (n *naive) publish(list []changes.Change) {
	for _, c := range list {
		for _, w := range n.watches {
			if wants(w, c) {
				n.told = append(n.told, c)
				break
			}
		}
	}
}

// wants says what each watch means, one by one.
func wants(w changes.Watch, c changes.Change) bool {
	switch c := c.(type) {
	case changes.Document:
		return w.Kind == changes.AllDocuments ||
			w.Kind == changes.ADocument && strings.EqualFold(w.Name, c.ID) ||
			w.Kind == changes.DocumentsInCollection && strings.EqualFold(w.Name, c.Collection) ||
			w.Kind == changes.DocumentsWithPrefix && strings.HasPrefix(strings.ToLower(c.ID), strings.ToLower(w.Name))
	case changes.Counter:
		return w.Kind == changes.AllCounters ||
			w.Kind == changes.ACounter && strings.EqualFold(w.Name, c.Name) ||
			w.Kind == changes.CountersOfDocument && strings.EqualFold(w.Of, c.DocumentID) ||
			w.Kind == changes.CounterOfDocument && strings.EqualFold(w.Of, c.DocumentID) && strings.EqualFold(w.Name, c.Name)
	case changes.TimeSeries:
		return w.Kind == changes.AllTimeSeries ||
			w.Kind == changes.ATimeSeries && strings.EqualFold(w.Name, c.Name) ||
			w.Kind == changes.TimeSeriesOfDocument && strings.EqualFold(w.Of, c.DocumentID) ||
			w.Kind == changes.ATimeSeriesOfDocument && strings.EqualFold(w.Of, c.DocumentID) && strings.EqualFold(w.Name, c.Name)
	case changes.Index:
		return w.Kind == changes.AllIndexes || w.Kind == changes.AnIndex && strings.EqualFold(w.Name, c.Name)
	case changes.Operation:
		return w.Kind == changes.AllOperations || w.Kind == changes.AnOperation && w.Name == fmt.Sprint(c.ID)
	}
	return false
}

var (
	drawName = rapid.SampledFrom([]string{"a", "A", "ab", "aB", "abc", "b", "B/1", "b/", "Ä", "ä", "ää", "7", "8"})
	// kinds are the watches of each family of changes.
	kinds = [][]changes.WatchKind{
		{changes.AllDocuments, changes.ADocument, changes.DocumentsWithPrefix, changes.DocumentsWithPrefix, changes.DocumentsInCollection},
		{changes.AllCounters, changes.ACounter, changes.CountersOfDocument, changes.CounterOfDocument},
		{changes.AllTimeSeries, changes.ATimeSeries, changes.TimeSeriesOfDocument, changes.ATimeSeriesOfDocument},
		{changes.AllIndexes, changes.AnIndex, changes.Topology},
		{changes.AllOperations, changes.AnOperation},
	}
)

func drawWatch(t *rapid.T, family int) changes.Watch {
	kind := rapid.SampledFrom(kinds[family]).Draw(t, "kind")
	return changes.Watch{Kind: kind, Name: drawName.Draw(t, "name"), Of: drawName.Draw(t, "of")}
}

func drawChange(t *rapid.T, family int) changes.Change {
	name, id := drawName.Draw(t, "name"), drawName.Draw(t, "id")
	switch family {
	case 0:
		return changes.Document{Act: changes.Put, ID: id, Collection: name, ChangeVector: "A:1"}
	case 1:
		return changes.Counter{Act: changes.Increment, Name: name, DocumentID: id, Value: 1}
	case 2:
		return changes.TimeSeries{Act: changes.Put, Name: name, DocumentID: id}
	case 3:
		return changes.Index{Act: changes.BatchCompleted, Name: name}
	}
	return changes.Operation{ID: int64(rapid.IntRange(7, 8).Draw(t, "number"))}
}

// watchOf is w as a command can say it: without names that its kind does not have.
func watchOf(w changes.Watch) changes.Watch {
	switch w.Kind {
	case changes.CounterOfDocument, changes.ATimeSeriesOfDocument:
	case changes.CountersOfDocument, changes.TimeSeriesOfDocument:
		w.Name = ""
	case changes.AllDocuments, changes.AllIndexes, changes.AllOperations, changes.AllCounters, changes.AllTimeSeries, changes.Topology:
		w.Name, w.Of = "", ""
	default:
		w.Of = ""
	}
	return w
}

// TestHub_MatchesNaive: three subscriptions watch, end watches, come and go; each is told what the naive one is, in its order.
func TestHub_MatchesNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hub changes.Hub
		var subscriptions [3]*changes.Subscription
		var models [3]*naive // nil: has left
		var last []changes.Change
		commands := int64(0)
		home := rapid.IntRange(0, len(kinds)-1).Draw(t, "family") // most watches and changes of a run are of one, so that they meet
		family := func(t *rapid.T) int {
			if rapid.IntRange(0, 9).Draw(t, "elsewhere") == 0 {
				return rapid.IntRange(0, len(kinds)-1).Draw(t, "family")
			}
			return home
		}
		pick := func(t *rapid.T) int { return rapid.IntRange(0, 2).Draw(t, "subscription") }
		do := func(t *rapid.T, end bool) {
			i := pick(t)
			if models[i] == nil {
				t.Skip("has left")
			}
			commands++
			c := changes.Command{ID: commands, End: end, Watch: watchOf(drawWatch(t, family(t)))}
			if err := subscriptions[i].Do(c); err != nil {
				t.Fatal(err)
			}
			models[i].do(c)
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				i := pick(t)
				if models[i] != nil {
					t.Skip("is there")
				}
				subscriptions[i], models[i] = changes.NewSubscription(), &naive{}
				hub.Join(subscriptions[i])
			},
			"leave": func(t *rapid.T) {
				i := pick(t)
				if models[i] == nil || rapid.IntRange(0, 4).Draw(t, "stay") > 0 {
					t.Skip("has left, or stays")
				}
				hub.Leave(subscriptions[i])
				models[i] = nil
			},
			"watch":   func(t *rapid.T) { do(t, false) },
			"unwatch": func(t *rapid.T) { do(t, true) },
			"publish": func(t *rapid.T) {
				var list []changes.Change
				for range rapid.IntRange(0, 8).Draw(t, "changes") {
					list = append(list, drawChange(t, family(t)))
				}
				hub.Publish(list)
				for _, m := range models {
					if m != nil {
						m.publish(list)
					}
				}
			},
			"take": func(t *rapid.T) {
				i := pick(t)
				if models[i] == nil {
					t.Skip("has left")
				}
				rung := len(subscriptions[i].Ready()) > 0
				if rung {
					<-subscriptions[i].Ready()
				}
				list, err := subscriptions[i].Take(last)
				if err != nil {
					t.Fatal(err)
				}
				if len(list) > 0 && !rung {
					t.Fatalf("nobody rang for %v", list)
				}
				var got []changes.Change
				got = append(got, list...)
				if diff := cmp.Diff(models[i].told, got); diff != "" {
					t.Fatalf("subscription %d was told (-want +got):\n%s", i, diff)
				}
				models[i].told, last = nil, list
			},
			"": func(t *rapid.T) {
				if want := models != [3]*naive{}; hub.Watched() != want {
					t.Fatalf("watched: %v, want %v", hub.Watched(), want)
				}
			},
		})
	})
}

// TestSubscription_OverflowIsToldAndFinal: nothing is lost in silence, and nothing comes after a loss.
func TestSubscription_OverflowIsToldAndFinal(t *testing.T) {
	var hub changes.Hub
	s, other := changes.NewSubscription(), changes.NewSubscription()
	hub.Join(s)
	hub.Join(other)
	must(t, s.Do(changes.Command{ID: 1, Watch: changes.Watch{Kind: changes.AllDocuments}}))
	must(t, other.Do(changes.Command{ID: 1, Watch: changes.Watch{Kind: changes.ADocument, Name: "last"}}))
	list := []changes.Change{changes.Document{Act: changes.Put, ID: strings.Repeat("x", 1000)}}
	for range 8 << 10 { // 8 MiB of ids, and what is around them
		hub.Publish(list)
	}
	hub.Publish([]changes.Change{changes.Document{Act: changes.Put, ID: "last"}})
	for range 2 {
		if _, err := s.Take(nil); !errors.As(err, new(*changes.OverflowError)) {
			t.Fatalf("got %v, want *OverflowError", err)
		}
	}
	got, err := other.Take(nil)
	if err != nil || len(got) != 2 {
		t.Errorf("the other one was told %v, %v", got, err)
	}
}

// TestHub_IsSafeBesideItself: publishers, readers, those who come and go; run with the race detector. Each reader gets a gapless end of
// what its publisher has sent, or is told of a loss.
func TestHub_IsSafeBesideItself(t *testing.T) {
	var hub changes.Hub
	const rounds = 300
	var all sync.WaitGroup
	for p := range 3 {
		all.Go(func() {
			for i := range rounds {
				hub.Publish([]changes.Change{changes.Index{Act: changes.BatchCompleted, Name: fmt.Sprint(p)}, changes.Operation{ID: int64(i)}})
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for i := range rounds / 10 {
				s := changes.NewSubscription()
				hub.Join(s)
				must(t, s.Do(changes.Command{ID: 1, Watch: changes.Watch{Kind: changes.AllIndexes}}))
				must(t, s.Do(changes.Command{ID: 2, Watch: changes.Watch{Kind: changes.AllOperations}}))
				must(t, s.Do(changes.Command{ID: 3, End: i%2 == 0, Watch: changes.Watch{Kind: changes.AllIndexes}}))
				<-s.Ready()
				if list, err := s.Take(nil); err != nil || len(list) < 3 {
					t.Errorf("told %v, %v", list, err)
				}
				s.WatchesOperation(1)
				hub.Leave(s)
			}
		})
	}
	all.Wait()
	if hub.Watched() {
		t.Error("watched when all have left")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// TestHub_CaseDoesNotMatter in any name, on either side.
func TestHub_CaseDoesNotMatter(t *testing.T) {
	f := func(w changes.Watch, c changes.Change) {
		t.Helper()
		var hub changes.Hub
		s := changes.NewSubscription()
		hub.Join(s)
		must(t, s.Do(changes.Command{ID: 1, Watch: w}))
		hub.Publish([]changes.Change{c})
		if list, err := s.Take(nil); err != nil || len(list) != 2 {
			t.Errorf("%+v was told %v, %v", w, list, err)
		}
	}
	doc := changes.Document{ID: "Users/ÄB", Collection: "Users"}
	f(changes.Watch{Kind: changes.ADocument, Name: "uSERS/äb"}, doc)
	f(changes.Watch{Kind: changes.DocumentsWithPrefix, Name: "uSERS/ä"}, doc)
	f(changes.Watch{Kind: changes.DocumentsInCollection, Name: "uSERS"}, doc)
	counter := changes.Counter{Name: "Likes", DocumentID: "Users/1"}
	f(changes.Watch{Kind: changes.ACounter, Name: "lIKES"}, counter)
	f(changes.Watch{Kind: changes.CountersOfDocument, Of: "uSERS/1"}, counter)
	f(changes.Watch{Kind: changes.CounterOfDocument, Of: "uSERS/1", Name: "lIKES"}, counter)
	series := changes.TimeSeries{Name: "Pulse", DocumentID: "Users/1"}
	f(changes.Watch{Kind: changes.ATimeSeries, Name: "pULSE"}, series)
	f(changes.Watch{Kind: changes.TimeSeriesOfDocument, Of: "uSERS/1"}, series)
	f(changes.Watch{Kind: changes.ATimeSeriesOfDocument, Of: "uSERS/1", Name: "pULSE"}, series)
	f(changes.Watch{Kind: changes.AnIndex, Name: "uSERS/ByName"}, changes.Index{Name: "Users/bYnAME"})
}
