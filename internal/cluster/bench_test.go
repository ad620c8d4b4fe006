package cluster_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/vfs"
)

func BenchmarkPropose(b *testing.B) {
	for _, proposers := range []int{1, 64} {
		b.Run(fmt.Sprint("disk=os/proposers=", proposers), func(b *testing.B) {
			o := options(vfs.OS())
			o.Dir = b.TempDir()
			c := open(b, o)
			var n atomic.Int64
			b.SetParallelism(proposers)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					propose(b, c, cluster.SetNodeURL{Tag: "A", URL: fmt.Sprint(n.Add(1))})
				}
			})
		})
	}
}

// BenchmarkApply shows what a decision costs in a State of many databases: the map is copied.
func BenchmarkApply(b *testing.B) {
	for _, databases := range []int{1, 1000} {
		b.Run(fmt.Sprint("databases=", databases), func(b *testing.B) {
			s := story{t: b, state: begin(b)}
			for i := range databases {
				s.create(fmt.Sprint("db", i), "")
			}
			cmd := cluster.SetLockMode{Names: []string{"db0"}, Mode: cluster.Unlock}
			b.ReportAllocs()
			for b.Loop() {
				cluster.Apply(s.state, cluster.Entry{Index: s.state.Index + 1, Proposal: cluster.Proposal{Command: cmd, At: noon}})
			}
		})
	}
}

// BenchmarkCompareExchange shows what a change of a value costs: two durable writes, which those that wait together share.
func BenchmarkCompareExchange(b *testing.B) {
	for _, proposers := range []int{1, 64} {
		b.Run(fmt.Sprint("disk=os/value=100B/proposers=", proposers), func(b *testing.B) {
			o := options(vfs.OS())
			o.Dir = b.TempDir()
			c := openWithDatabase(b, o)
			object := `"` + strings.Repeat("x", 88) + `"`
			var n atomic.Int64
			b.SetParallelism(proposers)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if !put(b, c, fmt.Sprint("key/", n.Add(1)), 0, object, "").Successful {
						b.Error("a put was not successful")
					}
				}
			})
		})
	}
}
