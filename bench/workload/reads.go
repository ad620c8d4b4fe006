package workload

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// reads measures point reads by one and by eight goroutines.
func (r *round) reads() error {
	for _, w := range []struct {
		name       string
		goroutines int
	}{{Read1, 1}, {Read8, 8}} {
		if !r.config.wants(w.name) {
			continue
		}
		rate, err := r.readRate(w.goroutines)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.add(w.name, "1/s", rate)
	}
	return nil
}

// readRate returns the reads a second of so many goroutines together.
func (r *round) readRate(goroutines int) (float64, error) {
	return measure(r.config, goroutines, func(g int) (func() error, int) {
		chance := rand.New(rand.NewPCG(seed, uint64(g)))
		key := make([]byte, 0, keyBytes)
		return func() error {
			for range readsPerCheck {
				i := chance.Uint64N(r.loaded)
				key = appendKey(key[:0], i)
				right := false
				if err := r.engine.Get(key, func(value []byte) { right = isDocument(value, i) }); err != nil {
					return err
				}
				if !right {
					return fmt.Errorf("document %d is missing or wrong", i)
				}
			}
			return nil
		}, readsPerCheck
	}, nil)
}

// readsPerCheck is how many reads are made between two looks at the clock, which costs a twentieth of a read.
const readsPerCheck = 16

// measure runs steps in so many goroutines, first to warm up, then for the span, and returns the operations a second of all.
//
// newStep returns the step of goroutine g and how many operations one call of it makes. The first error ends all. The time
// of each step goes to latencies, if that is not nil.
func measure(c *Config, goroutines int, newStep func(g int) (step func() error, ops int), latencies *latencies) (float64, error) {
	var all sync.WaitGroup
	counts := make([]int, goroutines)
	failures := make([]error, goroutines)
	if latencies != nil {
		latencies.of = make([][]time.Duration, goroutines)
	}
	from := time.Now().Add(c.warmUp())
	until := from.Add(c.span())
	for g := range goroutines {
		all.Go(func() {
			step, ops := newStep(g)
			for now := time.Now(); now.Before(until); {
				if failures[g] = step(); failures[g] != nil {
					return
				}
				began := now
				now = time.Now()
				if began.After(from) {
					counts[g] += ops
					latencies.add(g, now.Sub(began))
				}
			}
		})
	}
	all.Wait()
	total := 0
	for g := range goroutines {
		if failures[g] != nil {
			return 0, failures[g]
		}
		total += counts[g]
	}
	return float64(total) / c.span().Seconds(), nil
}

// latencies are the times of the steps of each goroutine.
type latencies struct{ of [][]time.Duration }

func (l *latencies) add(g int, took time.Duration) {
	if l != nil {
		l.of[g] = append(l.of[g], took)
	}
}

// percentile returns the time under which p of 100 steps were done; 0 when there were none.
func (l *latencies) percentile(p int) time.Duration {
	all := slices.Concat(l.of...)
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)*p/100, len(all)-1)]
}
