package database

import (
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// BatchRun is what one turn of the committer did: commands that shared a transaction, or few transactions when some of them failed.
type BatchRun struct {
	Start    time.Time     // UTC
	Duration time.Duration // until the batch was durable; waiting in the queue is not part of it
	Commands int
	Refused  int // of the commands; they changed nothing
	Bytes    int // of documents that the commands carried
}

// BatchFigures are the figures of all batches since the database was opened.
type BatchFigures struct {
	Count, Commands, Refused uint64
	Bytes                    int64
	Time, Longest            time.Duration
	Largest                  int // commands in one batch
	Histogram                iometrics.Histogram
	Recent                   []BatchRun // the newest, oldest first
}

// batchLog remembers the batches.
type batchLog struct {
	now func() time.Time

	mu      sync.Mutex   // guards what follows; never held while a batch runs
	figures BatchFigures // without Recent
	recent  []BatchRun   // a ring of batchesKeptMax; the newest lies before place figures.Count modulo that
}

// add remembers a batch that ran from start until now and whose commands have not been told. failed is why none of it was committed, or nil.
func (l *batchLog) add(start time.Time, batch []*pending) {
	b := BatchRun{Start: start.UTC(), Duration: max(0, l.now().Sub(start)), Commands: len(batch)}
	for _, p := range batch {
		b.Bytes += p.cmd.SizeBytes()
		if p.err != nil {
			b.Refused++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.recent) < batchesKeptMax {
		l.recent = append(l.recent, b)
	} else {
		l.recent[l.figures.Count%batchesKeptMax] = b
	}
	f := &l.figures
	f.Count++
	f.Commands += uint64(b.Commands)
	f.Refused += uint64(b.Refused)
	f.Bytes += int64(b.Bytes)
	f.Time += b.Duration
	f.Longest = max(f.Longest, b.Duration)
	f.Largest = max(f.Largest, b.Commands)
	f.Histogram.Add(b.Duration)
}

// Batches returns the figures, and the newest batches.
func (db *DB) Batches() BatchFigures {
	l := &db.batchLog
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.figures
	b.Recent = make([]BatchRun, 0, len(l.recent))
	if len(l.recent) < batchesKeptMax {
		b.Recent = append(b.Recent, l.recent...)
		return b
	}
	oldest := b.Count % batchesKeptMax
	b.Recent = append(append(b.Recent, l.recent[oldest:]...), l.recent[:oldest]...)
	return b
}
