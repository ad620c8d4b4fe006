package flattrie_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rookerydb/rookery/internal/flattrie"
)

// placeKeys make a root, a node "ro" with two children, and a node "rom" that has a value and a child:
//
//	"" - "ro" - "rom" - "romane"
//	          - "rose"
//	   - "x"
var placeKeys = []string{"rom", "romane", "rose", "x"}

func TestFind_TellsHowTheSearchEnded(t *testing.T) {
	trie := trieOf(t, placeKeys...)
	f := func(key string, want flattrie.Place) {
		t.Helper()
		got := trie.Find([]byte(key))
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(flattrie.Place{})); diff != "" {
			t.Errorf("Find(%q) (- want, + got):\n%s", key, diff)
		}
		if inView := trie.View().Find([]byte(key)); inView.Match != want.Match {
			t.Errorf("the view says %v for %q, want %v", inView.Match, key, want.Match)
		}
	}
	f("rom", flattrie.Place{Match: flattrie.Exact, KeyBytes: 3, Depth: 2})
	f("romane", flattrie.Place{Match: flattrie.Exact, KeyBytes: 6, EdgeBytes: 2, Depth: 3})
	f("x", flattrie.Place{Match: flattrie.Exact, KeyBytes: 1, Depth: 1})
	f("", flattrie.Place{Match: flattrie.NoValue})
	f("ro", flattrie.Place{Match: flattrie.NoValue, KeyBytes: 2, EdgeBytes: 1, Depth: 1})
	f("r", flattrie.Place{Match: flattrie.EndsInEdge, KeyBytes: 1, Depth: 1})
	f("roman", flattrie.Place{Match: flattrie.EndsInEdge, KeyBytes: 5, EdgeBytes: 1, Depth: 3})
	f("rubens", flattrie.Place{Match: flattrie.LeavesEdge, KeyBytes: 1, Depth: 1})
	f("rosy", flattrie.Place{Match: flattrie.LeavesEdge, KeyBytes: 3, Depth: 2})
	f("y", flattrie.Place{Match: flattrie.NoChild})
	f("rob", flattrie.Place{Match: flattrie.NoChild, KeyBytes: 2, EdgeBytes: 1, Depth: 1})
	f("romanes", flattrie.Place{Match: flattrie.NoChild, KeyBytes: 6, EdgeBytes: 2, Depth: 3})
}

func TestPutAt_GoesOnFromEveryKindOfPlace(t *testing.T) {
	f := func(key string, match flattrie.Match) {
		t.Helper()
		trie := trieOf(t, placeKeys...)
		before := trie.Descents()
		p := trie.Find([]byte(key))
		if p.Match != match {
			t.Fatalf("Find(%q): %v, want %v", key, p.Match, match)
		}
		if value, ok := trie.View().Value(p); ok != (match == flattrie.Exact) || ok && value == 0 {
			t.Errorf("Value(%q) = %d, %v", key, value, ok)
		}
		if err := trie.PutAt(p, []byte(key), 42); err != nil {
			t.Fatal(err)
		}
		if got := trie.Descents() - before; got != 1 {
			t.Errorf("%q: %d descents, want 1", key, got)
		}
		want := map[string]uint64{"rom": 1, "romane": 2, "rose": 3, "x": 4}
		want[key] = 42
		wantSame(t, trie.View(), want)
	}
	f("rom", flattrie.Exact)
	f("ro", flattrie.NoValue)
	f("", flattrie.NoValue)
	f("r", flattrie.EndsInEdge)
	f("roman", flattrie.EndsInEdge)
	f("rubens", flattrie.LeavesEdge)
	f("rosy", flattrie.LeavesEdge)
	f("y", flattrie.NoChild)
	f("romanes", flattrie.NoChild)
}

// Each Put and each Delete goes down once, whatever the buffer does meanwhile: it grows and is defragmented in this history.
func TestTrie_GoesDownOnceForEachChange(t *testing.T) {
	trie := flattrie.New(flattrie.Options{})
	shrunk := false
	for i := range uint64(20_000) {
		put(t, trie, fmt.Sprintf("%x", (i*0x9E3779B97F4A7C15)>>(i%32)), i)
		if got := trie.Descents(); got != i+1 {
			t.Fatalf("%d descents for %d puts", got, i+1)
		}
	}
	for i := range uint64(20_000) {
		held := trie.View().Stats().UsedBytes
		trie.Delete(fmt.Appendf(nil, "%x", (i*0x9E3779B97F4A7C15)>>(i%32)))
		shrunk = shrunk || trie.View().Stats().UsedBytes < held
		if got := trie.Descents(); got != 20_000+i+1 {
			t.Fatalf("%d descents for 20,000 puts and %d deletes", got, i+1)
		}
	}
	if !shrunk {
		t.Error("it was never defragmented")
	}
	wantSame(t, trie.View(), map[string]uint64{})
}

func TestPutAt_AssertsThatThePlaceIsFresh(t *testing.T) {
	f := func(name string, misuse func(trie *flattrie.Trie)) {
		t.Helper()
		defer func() {
			if text, _ := recover().(string); !strings.HasPrefix(text, "BUG: ") {
				t.Errorf("%s: recovered %q, want a bug", name, text)
			}
		}()
		misuse(trieOf(t, placeKeys...))
	}
	f("after a put", func(trie *flattrie.Trie) {
		p := trie.Find([]byte("new"))
		put(t, trie, "other", 1)
		_ = trie.PutAt(p, []byte("new"), 1)
	})
	f("after a delete", func(trie *flattrie.Trie) {
		p := trie.Find([]byte("new"))
		trie.Delete([]byte("rom"))
		_ = trie.PutAt(p, []byte("new"), 1)
	})
	f("after defragmenting", func(trie *flattrie.Trie) {
		p := trie.Find([]byte("new"))
		trie.Defragment()
		_ = trie.PutAt(p, []byte("new"), 1)
	})
	f("another key", func(trie *flattrie.Trie) { _ = trie.PutAt(trie.Find([]byte("new")), []byte("newer"), 1) })
}

func TestMatch_HasAName(t *testing.T) {
	for m := flattrie.Exact; m <= flattrie.NoChild; m++ {
		if m.String() == "unknown" {
			t.Errorf("match %d has no name", m)
		}
	}
	if got := flattrie.Match(99).String(); got != "unknown" {
		t.Errorf("match 99 is called %q", got)
	}
}
