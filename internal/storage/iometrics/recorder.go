package iometrics

import (
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
)

// DefaultSlowAfter is how long an operation may take before it counts as slow: ten thousand times a small durable write
// on a usual disk and fifty times a sync on a memory card, so that it speaks of a disk in trouble and not of a cheap one; and
// short enough that whoever waits for the write has not given up.
const DefaultSlowAfter = time.Second

// Options says how a Recorder works. Now is required.
type Options struct {
	Now       func() time.Time // with a monotonic reading, or durations follow the wall clock
	SlowAfter time.Duration    // from which duration on an operation is slow; 0 means DefaultSlowAfter
}

// Recorder remembers the operations of one environment. Its methods may be called by any number of goroutines.
type Recorder struct {
	now       func() time.Time
	slowAfter time.Duration

	mu      sync.Mutex // guards what follows; never held for longer than it takes to copy copyEventsMax events
	ring    ring
	figures [kindEnd]figures
	running runningOps
	slow    slowList
}

// New returns a recorder that has seen nothing.
func New(o Options) *Recorder {
	invariant.Assert(o.Now != nil, "iometrics.Options needs Now")
	if o.SlowAfter == 0 {
		o.SlowAfter = DefaultSlowAfter
	}
	return &Recorder{now: o.Now, slowAfter: o.SlowAfter}
}

// Op is an operation that is going on.
type Op struct {
	recorder *Recorder
	start    time.Time
	bytes    int64
	file     string
	kind     Kind
	slot     int8 // in runningOps; none when there was no room
}

// Begin notes that an operation on file begins, of so many bytes as far as is known. Done must follow.
//
// file is kept: a name that stays the same should be the same string.
func (r *Recorder) Begin(kind Kind, file string, bytes int64) Op {
	op := Op{recorder: r, start: r.now(), bytes: bytes, file: file, kind: kind}
	r.mu.Lock()
	op.slot = r.running.add(&op)
	r.mu.Unlock()
	return op
}

// Done notes that the operation has ended, with err if it failed.
func (op Op) Done(err error) { op.DoneBytes(op.bytes, err) }

// DoneBytes is Done for an operation that learned only on its way how many bytes it writes.
func (op Op) DoneBytes(bytes int64, err error) {
	r := op.recorder
	took := max(0, min(r.now().Sub(op.start), DurationMax))
	s := slot{
		start: op.start.UnixNano(), duration: int64(took), bytes: bytes, file: op.file, kind: op.kind, failed: err != nil,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.running.remove(op.slot)
	r.ring.add(s)
	f := &r.figures[op.kind]
	f.add(&s)
	if took >= r.slowAfter && op.kind.Single() {
		if !known {
			f.totals.Slow++
		}
		r.slow.add(r.ring.at(r.ring.last))
	}
}

// Last is the sequence of the newest event; 0 when there is none.
func (r *Recorder) Last() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ring.last
}

// Since appends to dst the events after a sequence that are still there, oldest first, at most limit of them, and says how
// many before them are not there any more. What ends while it copies may be among them.
func (r *Recorder) Since(sequence uint64, limit int, dst []Event) (events []Event, lost uint64) {
	for limit > 0 {
		var missing uint64
		before := len(dst)
		dst, missing = r.copySome(sequence, min(limit, copyEventsMax), dst)
		lost += missing
		sequence += missing + uint64(len(dst)-before)
		limit -= len(dst) - before
		if len(dst) == before {
			break
		}
	}
	return dst, lost
}

// copySome is Since for as many events as may be copied at once.
func (r *Recorder) copySome(sequence uint64, limit int, dst []Event) (events []Event, lost uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := max(sequence+1, r.ring.oldest())
	for ; limit > 0 && next <= r.ring.last; next++ {
		dst = append(dst, r.ring.at(next))
		limit--
	}
	return dst, max(sequence+1, r.ring.oldest()) - (sequence + 1)
}
