package workload

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// puts measures durable puts of new keys with one, 64 and 512 writers, and the bytes that 64 cause.
func (r *round) puts() error {
	next := &atomic.Uint64{}
	next.Store(r.loaded)
	if r.config.wants(Put1) {
		rate, err := r.putRate(next, 1, func() func([]Row) error { return r.engine.Commit }, nil)
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

// putRate returns the puts a second of so many goroutines, each of which hands its row to a commit of its own and waits.
func (r *round) putRate(next *atomic.Uint64, writers int, commitOf func() func([]Row) error, times *latencies) (float64, error) {
	return measure(r.config, writers, func(int) (func() error, int) {
		row, commit := make([]Row, 1), commitOf()
		return func() error {
			i := next.Add(1) - 1
			row[0].Key = appendKey(row[0].Key[:0], i)
			row[0].Value = r.documents.appendTo(row[0].Value[:0], i)
			return commit(row)
		}, 1
	}, times)
}

// joinedRate is putRate with the rows of all writers joined into as few commits as can be.
func (r *round) joinedRate(next *atomic.Uint64, writers int, times *latencies) (float64, error) {
	j := newJoiner(r.engine)
	var running sync.WaitGroup
	for range j.runners(writers) {
		running.Go(j.run)
	}
	rate, err := r.putRate(next, writers, j.commitOf, times)
	j.close()
	running.Wait()
	return rate, err
}

// joiner gathers puts while the commit before is on its way to the disk, and never waits longer for more. Whoever runs a group
// also waits for its disk, so that nobody has to be woken in between; the next one who has the turn runs the next group
// meanwhile, if the engine can.
type joiner struct {
	engine Engine
	turn   sync.Mutex // of the one who runs a group

	mu      sync.Mutex // guards what follows
	changed sync.Cond  // a put came, a group is durable, or no more puts will come; uses mu
	waiting []*put
	closed  bool
}

// put is a writer that waits.
type put struct {
	row    Row
	answer chan error // capacity 1
}

// group is the puts of one commit.
type group struct {
	joiner *joiner
	puts   []*put
	rows   []Row // of those that were taken last
}

func newJoiner(e Engine) *joiner {
	j := &joiner{engine: e}
	j.changed.L = &j.mu
	return j
}

// runners is how many groups may be on their way. Pebble is quickest without a bound.
func (j *joiner) runners(writers int) int {
	if _, canRunAhead := j.engine.(AheadEngine); canRunAhead {
		return writers
	}
	return 1
}

// commitOf returns a function that one writer calls to put a row; it returns when that is durable.
func (j *joiner) commitOf() func(rows []Row) error {
	p := &put{answer: make(chan error, 1)}
	return func(rows []Row) error {
		p.row = rows[0]
		j.mu.Lock()
		j.waiting = append(j.waiting, p)
		j.changed.Signal()
		j.mu.Unlock()
		return <-p.answer
	}
}

// run commits one group after another until close.
func (j *joiner) run() {
	g := group{joiner: j}
	for {
		wait, err := j.runGroup(&g)
		if len(g.puts) == 0 {
			return
		}
		if err == nil {
			err = wait()
		}
		j.mu.Lock()
		j.changed.Signal()
		j.mu.Unlock()
		runtime.Gosched() // the next group may be ready to be written: that comes before the answers
		for _, p := range g.puts {
			p.answer <- err
		}
	}
}

// runGroup waits for the turn and for a put, and runs what came until then and what comes while the engine has to wait. The group
// is empty when nothing will come.
func (j *joiner) runGroup(g *group) (wait func() error, err error) {
	j.turn.Lock()
	defer j.turn.Unlock()
	g.puts = g.puts[:0]
	if !j.waitForFirst() {
		return nil, nil
	}
	if e, canRunAhead := j.engine.(AheadEngine); canRunAhead {
		return e.CommitAhead(g)
	}
	return func() error { return nil }, j.engine.Commit(g.Take(math.MaxInt))
}

// waitForFirst is false when there will be no put.
func (j *joiner) waitForFirst() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) == 0 && !j.closed {
		j.changed.Wait()
	}
	return len(j.waiting) > 0
}

// Take implements Puts.
func (g *group) Take(count int) []Row {
	j := g.joiner
	j.mu.Lock()
	defer j.mu.Unlock()
	count = min(count, len(j.waiting))
	g.rows = g.rows[:0]
	for _, p := range j.waiting[:count] {
		g.puts, g.rows = append(g.puts, p), append(g.rows, p.row)
	}
	j.waiting = j.waiting[:copy(j.waiting, j.waiting[count:])]
	return g.rows
}

// Waiting implements Puts.
func (g *group) Waiting() int {
	g.joiner.mu.Lock()
	defer g.joiner.mu.Unlock()
	return len(g.joiner.waiting)
}

// Await implements Puts.
func (g *group) Await(ready func() bool) {
	j := g.joiner
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) == 0 && !ready() {
		j.changed.Wait()
	}
}

func (j *joiner) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	j.changed.Broadcast()
}
