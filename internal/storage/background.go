package storage

import (
	"errors"
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
)

// background runs what commits leave for later, in three goroutines, so that a slow sync holds up neither flushing nor
// the next journal. Each waits for its bell or its clock, and ends when quit is closed.
type background struct {
	quit    chan struct{} // nil when there are no goroutines
	stopped sync.Once
	running sync.WaitGroup

	// Bells: one place each, as one ring is as good as many.
	flushBell, syncBell, journalBell chan struct{}
}

// startBackground starts the goroutines, unless the caller flushes by hand.
func (e *Env) startBackground() {
	b := &e.background
	b.flushBell, b.syncBell, b.journalBell = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	if e.opts.ManualFlush || e.opts.ReadOnly {
		return
	}
	b.quit = make(chan struct{})
	b.running.Go(e.runFlusher)
	b.running.Go(e.runSyncer)
	b.running.Go(e.runPreparer)
}

// stop ends the goroutines and waits for them.
func (b *background) stop() {
	if b.quit == nil {
		return
	}
	b.stopped.Do(func() { close(b.quit) })
	b.running.Wait()
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// wakeAfterCommit rings for what the commit made due.
func (e *Env) wakeAfterCommit(snap *snapshot) {
	if snap.tableBytes > e.opts.FlushAboveBytes || snap.volume-e.flushed.Load().volume > e.opts.SyncAboveBytes/2 {
		ring(e.background.flushBell)
	}
	if e.log.WantsNext() {
		ring(e.background.journalBell)
	}
}

// runFlusher flushes when rung for, and when nothing was committed for FlushEvery.
func (e *Env) runFlusher() {
	clock := time.NewTicker(e.opts.FlushEvery)
	defer clock.Stop()
	var lastTx TxID
	for {
		select {
		case <-e.background.quit:
			return
		case <-e.background.flushBell:
		case <-clock.C:
			e.chain.reap()
			idle := e.chain.current.Load().tx == lastTx
			lastTx = e.chain.current.Load().tx
			if !idle {
				continue
			}
			e.pool.shrink()
		}
		e.flushInBackground()
	}
}

func (e *Env) flushInBackground() {
	if err := e.flush(); err != nil {
		e.logUnlessFailed("flush", err)
		return
	}
	if e.flushed.Load().volume-e.synced.Load().volume > e.opts.SyncAboveBytes/2 || e.journalsShort.Swap(false) {
		ring(e.background.syncBell)
	}
}

// runSyncer syncs when rung for, and every SyncEvery.
func (e *Env) runSyncer() {
	clock := time.NewTicker(e.opts.SyncEvery)
	defer clock.Stop()
	for {
		select {
		case <-e.background.quit:
			return
		case <-e.background.syncBell:
		case <-clock.C:
		}
		if err := e.sync(); err != nil {
			e.logUnlessFailed("sync", err)
		}
	}
}

// runPreparer makes the next journal. When the disk is full, the commit that needs the file tries again and reports it; any
// other failure is for good, as it is in a commit: a later sync that succeeds says nothing of what an earlier one lost.
func (e *Env) runPreparer() {
	for {
		select {
		case <-e.background.quit:
			return
		case <-e.background.journalBell:
		}
		if err := e.log.Prepare(); err != nil {
			e.logUnlessFailed("next journal", e.commitError(err))
		}
	}
}

// logUnlessFailed reports what will be tried again; a failure was reported when it happened.
func (e *Env) logUnlessFailed(what string, err error) {
	if _, ok := errors.AsType[*FailedError](err); !ok {
		e.opts.Logger.Warn("background write put off", "what", what, "dir", e.opts.Dir, "kind", fault.Of(err).String(), "err", err)
	}
}
