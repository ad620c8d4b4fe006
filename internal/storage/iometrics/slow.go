package iometrics

import (
	"math/bits"
	"time"
)

// runningOps are the operations that have begun and not ended. Guarded by Recorder.mu.
type runningOps struct {
	used uint16 // a bit for each place
	ops  [runningMax]runningOp
}

type runningOp struct {
	start time.Time
	bytes int64
	file  string
	kind  Kind
	slow  bool
}

// noSlot is the place of an operation that is not watched, because too many run at once.
const noSlot = -1

func (r *runningOps) add(op *Op) int8 {
	i := bits.TrailingZeros16(^r.used)
	if i == runningMax {
		return noSlot
	}
	r.used |= 1 << i
	r.ops[i] = runningOp{start: op.start, bytes: op.bytes, file: op.file, kind: op.kind}
	return int8(i)
}

// remove says whether the operation was known to be slow before it ended.
func (r *runningOps) remove(slot int8) (slow bool) {
	if slot == noSlot {
		return false
	}
	r.used &^= 1 << slot
	return r.ops[slot].slow
}

// Running returns the operations that have not ended, in no order.
func (r *Recorder) Running() []Running {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Running
	for i, op := range r.running.ops {
		if r.running.used&(1<<i) != 0 {
			list = append(list, Running{Kind: op.kind, File: op.file, Start: op.start.UTC(), Bytes: op.bytes, Slow: op.slow})
		}
	}
	return list
}

// slowList keeps the newest slow operations that have ended. Guarded by Recorder.mu.
type slowList struct {
	events [SlowMax]Event
	count  uint64 // of all that ended
}

func (l *slowList) add(e Event) {
	l.events[l.count%SlowMax] = e
	l.count++
}

// since returns those after the first seen ones that are still there, oldest first.
func (l *slowList) since(seen uint64) []Event {
	if l.count > SlowMax {
		seen = max(seen, l.count-SlowMax)
	}
	var list []Event
	for ; seen < l.count; seen++ {
		list = append(list, l.events[seen%SlowMax])
	}
	return list
}

// Slow returns the newest slow operations that have ended, oldest first, at most SlowMax.
func (r *Recorder) Slow() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slow.since(0)
}

// SlowCount is how many operations took too long, or take too long by the last Look of a Watch.
func (r *Recorder) SlowCount() (n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.figures {
		n += r.figures[i].totals.Slow
	}
	return n
}

// SlowAfter is from which duration on an operation counts as slow.
func (r *Recorder) SlowAfter() time.Duration { return r.slowAfter }

// Watch remembers what of a recorder was told already.
type Watch struct {
	recorder *Recorder
	seen     uint64 // slow operations that had ended
}

// Watch returns a watch that has told nothing yet.
func (r *Recorder) Watch() *Watch { return &Watch{recorder: r} }

// Look tells what has become slow since the Look before: operations that hang, told of once each, and those that have
// ended. One call at a time.
func (w *Watch) Look() (hanging []Running, ended []Event) {
	r := w.recorder
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.running.ops {
		op := &r.running.ops[i]
		if r.running.used&(1<<i) == 0 || op.slow || !op.kind.Single() || now.Sub(op.start) < r.slowAfter {
			continue
		}
		op.slow = true
		r.figures[op.kind].totals.Slow++
		hanging = append(hanging, Running{Kind: op.kind, File: op.file, Start: op.start.UTC(), Bytes: op.bytes, Slow: true})
	}
	ended = r.slow.since(w.seen)
	w.seen = r.slow.count
	return hanging, ended
}
