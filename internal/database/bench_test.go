package database_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/vfs"
)

// BenchmarkDo is durable puts of new documents of 1 KB on the disk of the temporary directory, by so many callers. A server runs
// with more slots than processors: use -cpu 6 on two of them.
func BenchmarkDo(b *testing.B) {
	doc, err := jsondoc.Parse([]byte(`{"text":"` + strings.Repeat("rookery ", 125) + `"}`))
	must(b, err)
	for _, writers := range []int{1, 32, 512} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			db, err := database.Open(database.Options{
				Name: "db1", Dir: b.TempDir(), FS: vfs.OS(), NodeTag: "A", DatabaseID: databaseID,
				Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2)), Logger: slog.New(slog.DiscardHandler),
			})
			must(b, err)
			defer db.Close()
			var next atomic.Int64
			var all sync.WaitGroup
			before, started := db.Env().Stats(), handOvers()
			b.ReportAllocs()
			b.ResetTimer()
			for range writers {
				all.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						cmd := database.Put{In: docstore.Put{ID: fmt.Sprintf("doc/%x", uint64(i)*0x9e3779b97f4a7c15), Data: doc}}
						if err := db.Do(context.Background(), &cmd); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			handed := handOvers() - started
			s := db.Env().Stats()
			commits := float64(s.Commits - before.Commits)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
			b.ReportMetric(float64(b.N)/commits, "puts/commit")
			b.ReportMetric(float64(handed)/float64(b.N), "handovers/put")
			b.ReportMetric(float64(s.CommitsAhead-before.CommitsAhead)/commits, "ahead/commit")
		})
	}
}

// handOvers is about how often a goroutine that was ready has begun to run, since the program began: the runtime looks at one
// of eight.
func handOvers() (n uint64) {
	const sampled = 8
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += count
	}
	return n * sampled
}
