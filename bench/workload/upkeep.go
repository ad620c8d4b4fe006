package workload

import (
	"fmt"
	"path/filepath"
	"time"
)

// check measures how fast the engine proves what it holds, if it can.
func (r *round) check() error {
	e, ok := r.engine.(Checker)
	if !ok || !r.config.wants(Check) {
		return nil
	}
	began := time.Now()
	bytes, err := e.Check()
	if err != nil {
		return fmt.Errorf("%s: %w", Check, err)
	}
	r.add(Check, "MB/s", float64(bytes)/1e6/time.Since(began).Seconds())
	return nil
}

// recovery measures how fast the engine takes over a journal, if it can say.
func (r *round) recovery() error {
	e, ok := r.engine.(Recoverer)
	if !ok {
		return nil
	}
	bytes, took, err := e.Recover(filepath.Join(r.dir, "crashed"), func(commit func([]Row) error) error {
		return r.load(r.config.bulkCount()/4, commit, appendKey)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", Recovery, err)
	}
	r.add(Recovery, "MB/s", float64(bytes)/1e6/took.Seconds())
	return nil
}
