package workload

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// puts measures durable puts of new keys with one, 64 and 512 writers, and the bytes that 64 cause.
func (r *round) puts() error {
	next := &atomic.Uint64{}
	next.Store(r.loaded)
	if r.config.wants(Put1) {
		rate, err := r.putRate(next, 1, r.engine.Commit, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", Put1, err)
		}
		r.add(Put1, "1/s", rate)
	}
	if r.config.wants(Put64, P99Put64, Bytes64) {
		if err := r.putsWithBytes(next); err != nil {
			return fmt.Errorf("%s: %w", Put64, err)
		}
	}
	if r.config.wants(Put512) {
		rate, err := r.joinedRate(next, 512, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", Put512, err)
		}
		r.add(Put512, "1/s", rate)
	}
	return nil
}

// putsWithBytes runs put/64 and counts what it sends to the disk until all of it has been written back.
func (r *round) putsWithBytes(next *atomic.Uint64) error {
	if err := r.engine.Settle(); err != nil {
		return err
	}
	before, counted := bytesToDisk()
	first := next.Load()
	var times latencies
	rate, err := r.joinedRate(next, 64, &times)
	if err != nil {
		return err
	}
	r.add(Put64, "1/s", rate)
	r.add(P99Put64, "ms", float64(times.percentile(99).Microseconds())/1000)
	if err := r.engine.Settle(); err != nil {
		return err
	}
	if after, ok := bytesToDisk(); ok && counted {
		r.add(Bytes64, "B", float64(after-before)/float64(next.Load()-first))
	}
	return nil
}

// putRate returns the puts a second of so many goroutines, each of which hands its row to commit and waits.
func (r *round) putRate(next *atomic.Uint64, writers int, commit func([]Row) error, times *latencies) (float64, error) {
	return measure(r.config, writers, func(int) (func() error, int) {
		row := make([]Row, 1)
		return func() error {
			i := next.Add(1) - 1
			row[0].Key = appendKey(row[0].Key[:0], i)
			row[0].Value = r.documents.appendTo(row[0].Value[:0], i)
			return commit(row)
		}, 1
	}, times)
}

// joinedRate is putRate with the rows of all writers joined by one goroutine into as few commits as it can.
func (r *round) joinedRate(next *atomic.Uint64, writers int, times *latencies) (float64, error) {
	j := newJoiner(r.engine)
	var running sync.WaitGroup
	running.Go(j.run)
	rate, err := r.putRate(next, writers, j.commit, times)
	close(j.kick)
	running.Wait()
	return rate, err
}

// joiner gathers rows while the commit before is on its way to the disk. It never waits for more to come. An AheadEngine runs
// a group while the one before is written; then the first caller of a group waits for the disk, as the joiner has to go on.
type joiner struct {
	engine Engine
	kick   chan struct{} // capacity 1: a group has its first row

	mu   sync.Mutex // guards next
	next *group
}

// group is the rows of one commit.
type group struct {
	rows []Row
	run  chan func() error // to the first caller of an AheadEngine's group: how to wait until it is durable
	done chan struct{}     // closed when err is final: one wake-up for all who wait
	err  error
}

func newGroup(rows int) *group {
	return &group{run: make(chan func() error, 1), done: make(chan struct{}), rows: make([]Row, 0, rows)}
}

// written ends the group.
func (g *group) written(err error) {
	g.err = err
	close(g.done)
}

func newJoiner(e Engine) *joiner {
	return &joiner{engine: e, kick: make(chan struct{}, 1), next: newGroup(0)}
}

// commit adds rows to the next group and returns when that group is durable.
func (j *joiner) commit(rows []Row) error {
	j.mu.Lock()
	g := j.next
	g.rows = append(g.rows, rows...)
	first := len(g.rows) == len(rows)
	j.mu.Unlock()
	if first {
		j.kick <- struct{}{}
		if wait, ahead := <-g.run; ahead {
			g.written(wait())
		}
	}
	<-g.done
	return g.err
}

// run commits one group after another until kick is closed.
func (j *joiner) run() {
	for range j.kick {
		j.mu.Lock()
		g := j.next
		j.next = newGroup(cap(g.rows))
		j.mu.Unlock()
		j.commitGroup(g)
	}
}

func (j *joiner) commitGroup(g *group) {
	defer close(g.run)
	engine, canRunAhead := j.engine.(AheadEngine)
	if !canRunAhead {
		g.written(j.engine.Commit(g.rows))
		return
	}
	wait, err := engine.CommitAhead(g.rows)
	if err != nil {
		g.written(err)
		return
	}
	g.run <- wait
}
