package httpcache_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/client/internal/httpcache"
)

// The cache keeps its bound, never gives what was not put last, and forgets the least used first.
func TestCache_MatchesModel(t *testing.T) {
	const bytesMax, overhead = 8 << 10, 256
	rapid.Check(t, func(t *rapid.T) {
		cache := httpcache.New(bytesMax)
		var used []string // the last used at the end
		model := map[string]httpcache.Entry{}
		drop := func(key string) {
			delete(model, key)
			for i, k := range used {
				if k == key {
					used = append(used[:i:i], used[i+1:]...)
					return
				}
			}
		}
		size := func(key string) int { return len(key) + len(model[key].ETag) + len(model[key].Body) + overhead }
		total := func() (n int) {
			for k := range model {
				n += size(k)
			}
			return n
		}
		key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("key", rapid.IntRange(0, 20).Draw(t, "n")) })
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := key.Draw(t, "key")
				drop(k)
				e := httpcache.Entry{ETag: fmt.Sprint(rapid.Int().Draw(t, "etag")), Body: make([]byte, rapid.IntRange(0, 900).Draw(t, "size"))}
				cache.Put(k, e)
				model[k] = e
				used = append(used, k)
				if size(k) > bytesMax/8 {
					drop(k)
				}
				for total() > bytesMax {
					drop(used[0])
				}
			},
			"get": func(t *rapid.T) {
				k := key.Draw(t, "key")
				got, ok := cache.Get(k)
				want, there := model[k]
				if ok != there || got.ETag != want.ETag || len(got.Body) != len(want.Body) {
					t.Fatalf("%s: got %q %v, want %q %v", k, got.ETag, ok, want.ETag, there)
				}
				if there {
					drop(k)
					model[k] = want
					used = append(used, k)
				}
			},
			"": func(t *rapid.T) {
				if got := cache.Stats(); got.Bytes != int64(total()) || got.Entries != len(model) || got.Bytes > bytesMax {
					t.Fatalf("stats %+v, want %d entries of %d bytes", got, len(model), total())
				}
			},
		})
	})
}

func TestCache_OfNothing(t *testing.T) {
	for _, cache := range []*httpcache.Cache{httpcache.New(0), httpcache.New(-1), {}} {
		cache.Put("a", httpcache.Entry{ETag: "1"})
		if _, ok := cache.Get("a"); ok {
			t.Error("it keeps something")
		}
	}
}
