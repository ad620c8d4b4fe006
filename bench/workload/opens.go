package workload

import (
	"fmt"
	"runtime"
)

// opens measures what a read transaction costs, if the engine can say.
func (r *round) opens() error {
	o, ok := r.engine.(Opener)
	if !ok || !r.config.wants(Open1, Open64, OpenAllocs) {
		return nil
	}
	for _, w := range []struct {
		name       string
		goroutines int
	}{{Open1, 1}, {Open64, 64}} {
		if !r.config.wants(w.name, OpenAllocs) {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rate, err := measure(r.config, w.goroutines, func(int) (func() error, int) {
			return func() error { return openMany(o) }, opensPerCheck
		}, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		runtime.ReadMemStats(&after)
		working := min(w.goroutines, runtime.GOMAXPROCS(0))
		r.add(w.name, "ns", 1e9*float64(working)/rate)
		if w.goroutines == 1 { // what else allocates meanwhile disappears among millions
			r.add(OpenAllocs, "", float64(after.Mallocs-before.Mallocs)/(rate*r.config.span().Seconds()))
		}
	}
	return nil
}

// opensPerCheck is how many transactions are opened between two looks at the clock.
const opensPerCheck = 256

func openMany(o Opener) error {
	for range opensPerCheck {
		if err := o.OpenRead(); err != nil {
			return err
		}
	}
	return nil
}
