package client_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// One session, one document, one commit of a server in memory: what the client and the HTTP surface cost, without a disk.
func BenchmarkStore(b *testing.B) {
	for _, batch := range []int{1, 100} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			store := clienttest.New(b)
			b.ReportAllocs()
			for b.Loop() {
				s := store.Session()
				for range batch {
					must(b, s.Store(b.Context(), &user{Name: "Ada", Age: 36}, ""))
				}
				must(b, s.SaveChanges(b.Context()))
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for name, cacheBytes := range map[string]int64{"cached": 0, "uncached": -1} {
		b.Run("cache="+name, func(b *testing.B) {
			store := clienttest.Open(b, client.Config{URLs: []string{startNode(b)}, CacheBytes: cacheBytes})
			put(b, store, map[string]any{"users/1": &user{Name: "Ada", Age: 36}})
			b.ReportAllocs()
			for b.Loop() {
				load[user](b, store.Session(), "users/1")
			}
		})
	}
}
