package database

import (
	"context"
	"runtime"
	"sync"

	"github.com/rookerydb/rookery/internal/storage"
)

// signal is what a waiting command is told.
type signal uint8

const (
	answered signal = iota // its outcome is in pending.err
	lead                   // it stands first in the queue and shall commit the next batch
)

// pending is a command in the queue.
type pending struct {
	cmd  Command
	err  error
	tx   storage.TxID // that it ran in last
	wake chan signal  // capacity 1: the sender never waits, and each turn sends once
}

var pendings = sync.Pool{New: func() any { return &pending{wake: make(chan signal, 1)} }}

// writeQueue holds the commands that wait for a batch and says who commits the next one.
type writeQueue struct {
	name     string // of the database, for errors
	bytesMax int    // documents in one batch

	// bell wakes the committer whose batch may grow: something came, or there is no reason to wait any more. Capacity 1, as
	// one ring is as good as many.
	bell chan struct{}

	mu      sync.Mutex // guards what follows
	waiting []*pending
	led     bool // somebody is the committer, or was told to be
	growing bool // the committer waits for the bell
	writing int  // batches that were run, and are not written yet
	closed  bool
	idle    sync.Cond // signalled when writing falls; uses mu
}

func newWriteQueue(name string, bytesMax int) *writeQueue {
	q := &writeQueue{name: name, bytesMax: bytesMax, bell: make(chan struct{}, 1)}
	q.idle.L = &q.mu
	return q
}

// add puts p into the queue. It returns true when the caller has to commit the next batch.
func (q *writeQueue) add(p *pending) (leads bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, &ClosedError{Name: q.name}
	}
	if len(q.waiting) >= queueCountMax {
		return false, &BusyError{Waiting: len(q.waiting)}
	}
	q.waiting = append(q.waiting, p)
	if q.growing {
		q.growing = false
		q.ring()
	}
	if q.led {
		return false, nil
	}
	q.led = true
	return true, nil
}

// wait blocks until p is answered (false) or has to commit the next batch (true). A command that nobody has taken yet is
// withdrawn when ctx ends; one that is running is waited for, because its outcome is not ours to decide any more.
func (q *writeQueue) wait(ctx context.Context, p *pending) (leads bool, err error) {
	select {
	case s := <-p.wake:
		return s == lead, nil
	case <-ctx.Done():
		if q.withdraw(p) {
			return false, ctx.Err()
		}
		return <-p.wake == lead, nil
	}
}

// withdraw takes p out of the queue. It is false when p was taken into a batch or told to lead.
func (q *writeQueue) withdraw(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(p.wake) > 0 {
		return false
	}
	for i, w := range q.waiting {
		if w == p {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// takeMore moves a few commands that wait into b: as many as its limits allow, at least one into an empty batch. When there was none
// it is false; with await the bell then rings for the next one that comes.
func (q *writeQueue) takeMore(b *batch, await bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < min(len(q.waiting), takeCountMax) && len(b.commands) < batchCountMax {
		size := q.waiting[n].cmd.SizeBytes()
		if len(b.commands) > 0 && b.sizeBytes+size > q.bytesMax {
			b.sizeBytes = q.bytesMax // full, though not to the last byte
			break
		}
		b.commands = append(b.commands, q.waiting[n])
		b.sizeBytes += size
		n++
	}
	rest := copy(q.waiting, q.waiting[n:])
	clear(q.waiting[rest:])
	q.waiting = q.waiting[:rest]
	q.growing = n == 0 && await
	return n > 0
}

// handOver gives the role of the committer to the first command that waits, or to nobody. The batch of the one who had it
// is yet to be written.
func (q *writeQueue) handOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writing++
	if len(q.waiting) > 0 {
		q.waiting[0].wake <- lead
		return
	}
	q.led = false
}

// written says that the batch of a former committer is written, or failed: a batch that grew meanwhile shall end. That one is
// written next, before anybody is answered.
func (q *writeQueue) written() {
	if q.endGrowing() {
		runtime.Gosched()
	}
}

// endGrowing is true when a batch waited for that.
func (q *writeQueue) endGrowing() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writing--
	q.ring()
	q.idle.Broadcast()
	return q.growing
}

func (q *writeQueue) ring() {
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// count returns how many commands wait.
func (q *writeQueue) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// close refuses new commands and waits until those in the queue are answered.
func (q *writeQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for q.led || q.writing > 0 {
		q.idle.Wait()
	}
}
