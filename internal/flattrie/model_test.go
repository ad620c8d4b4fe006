package flattrie_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/flattrie"
	"pgregory.net/rapid"
)

// drawKey draws keys that share starts: few letters, short pieces, now and then a long run of one letter.
func drawKey(t *rapid.T) string {
	key := strings.Join(rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "ab", "users/", "\x00", "\xff"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("abc0129")), 0, 3, -1),
		rapid.Map(rapid.IntRange(1, 600), func(n int) string { return strings.Repeat("x", n) }),
		rapid.Map(rapid.Byte(), func(b byte) string { return string([]byte{b}) }),
	), 0, 4).Draw(t, "pieces"), "")
	return key[:min(len(key), flattrie.KeyBytesMax)]
}

func TestTrie_MatchesMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		trie, model := flattrie.New(flattrie.Options{}), map[string]uint64{}
		var snapshot flattrie.View
		var then map[string]uint64
		drawKnown := func(rt *rapid.T) string {
			if len(model) == 0 || rapid.IntRange(0, 3).Draw(rt, "new") == 0 {
				return drawKey(rt)
			}
			return rapid.SampledFrom(slices.Sorted(maps.Keys(model))).Draw(rt, "known")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				key, value := drawKnown(rt), rapid.Uint64().Draw(rt, "value")
				put(t, trie, key, value)
				model[key] = value
			},
			"put many": func(rt *rapid.T) {
				start, value := drawKey(rt), rapid.Uint64().Draw(rt, "value")
				start = start[:min(len(start), flattrie.KeyBytesMax-1)]
				for i := range rapid.IntRange(1, 256).Draw(rt, "count") {
					key := start + string([]byte{byte(i)})
					put(t, trie, key, value)
					model[key] = value
				}
			},
			"delete": func(rt *rapid.T) {
				key := drawKnown(rt)
				_, there := model[key]
				if got := trie.Delete([]byte(key)); got != there {
					rt.Fatalf("Delete(%q) = %v", key, got)
				}
				delete(model, key)
			},
			"delete many": func(rt *rapid.T) {
				start := drawKey(rt)
				for key := range maps.Clone(model) {
					if strings.HasPrefix(key, start) {
						trie.Delete([]byte(key))
						delete(model, key)
					}
				}
			},
			"defragment": func(rt *rapid.T) {
				trie.Defragment()
				if stats := trie.View().Stats(); stats.DeadBytes != 0 {
					rt.Fatalf("%+v", stats)
				}
			},
			"reopen": func(rt *rapid.T) {
				view, err := flattrie.Open(bytes.Clone(trie.View().Bytes()))
				if err != nil {
					rt.Fatal(err)
				}
				if trie, err = flattrie.Copy(view, flattrie.Options{}); err != nil {
					rt.Fatal(err)
				}
			},
			"snapshot": func(*rapid.T) { snapshot, then = trie.Snapshot(), maps.Clone(model) },
			"find": func(rt *rapid.T) {
				key := drawKnown(rt)
				want := naiveMatch(model, key)
				if got := trie.Find([]byte(key)); got.Match != want.match || got.KeyBytes != want.keyBytes {
					rt.Fatalf("Find(%q) = %v after %d bytes, want %v after %d", key, got.Match, got.KeyBytes, want.match, want.keyBytes)
				}
			},
			"from": func(rt *rapid.T) {
				from := drawKnown(rt)
				var want, got []string
				for _, key := range slices.Sorted(maps.Keys(model)) {
					if key >= from {
						want = append(want, key)
					}
				}
				for key := range trie.View().From([]byte(from)) {
					got = append(got, string(key))
				}
				if !slices.Equal(want, got) {
					rt.Fatalf("From(%q) = %q, want %q", from, got, want)
				}
			},
			"": func(*rapid.T) {
				wantSame(t, trie.View(), model)
				if then != nil {
					wantSame(t, snapshot, then)
				}
			},
		})
	})
}

// naiveMatch finds out from a list of keys alone how a search must end.
func naiveMatch(model map[string]uint64, key string) (want struct {
	match    flattrie.Match
	keyBytes int
},
) {
	nexts := map[byte]bool{} // how the keys go on that begin with what is common
	ends := false            // whether one of them ends there
	for other := range model {
		if n := commonBytes(key, other); n > want.keyBytes {
			want.keyBytes = n
		}
	}
	for other := range model {
		if rest, ok := strings.CutPrefix(other, key[:want.keyBytes]); ok && rest == "" {
			ends = true
		} else if ok {
			nexts[rest[0]] = true
		}
	}
	node := want.keyBytes == 0 || ends || len(nexts) > 1
	switch atEnd := want.keyBytes == len(key); {
	case atEnd && ends:
		want.match = flattrie.Exact
	case atEnd && node:
		want.match = flattrie.NoValue
	case atEnd:
		want.match = flattrie.EndsInEdge
	case node:
		want.match = flattrie.NoChild
	default:
		want.match = flattrie.LeavesEdge
	}
	return want
}

func commonBytes(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
