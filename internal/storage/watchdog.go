package storage

import (
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

const (
	// watchEvery is how often the watchdog looks at the operations that are going on. With the default of SlowIOAfter, one
	// that hangs is reported two seconds after it began.
	watchEvery = time.Second
	// slowLogEvery is how often slow operations of a kind that came to an end are logged: a disk that is slow is so all
	// the time, and the log is on the same disk.
	slowLogEvery = time.Minute
)

// watchdog logs writes and syncs that take too long, and readers that stay too long, in a goroutine of its own: those that the
// others sit in cannot say so.
// It begins before the environment is opened, and ends after the files are closed.
type watchdog struct {
	quit    chan struct{} // nil when there is no goroutine
	stopped sync.Once
	running sync.WaitGroup
}

// startWatchdog starts the goroutine, unless the caller wants none.
func (e *Env) startWatchdog() {
	if e.opts.ManualFlush || e.opts.ReadOnly {
		return
	}
	e.watchdog.quit = make(chan struct{})
	e.watchdog.running.Go(e.runWatchdog)
}

// stop ends the goroutine and waits for it.
func (w *watchdog) stop() {
	if w.quit == nil {
		return
	}
	w.stopped.Do(func() { close(w.quit) })
	w.running.Wait()
}

func (e *Env) runWatchdog() {
	clock := time.NewTicker(watchEvery)
	defer clock.Stop()
	log, readers := slowLog{env: e, watch: e.io.Watch()}, readerWatch{env: e}
	for {
		select {
		case <-e.watchdog.quit:
			log.look()
			return
		case <-clock.C:
			log.look()
			readers.look()
		}
	}
}

// slowLog writes about slow operations, each kind not more often than slowLogEvery; one that hangs always.
type slowLog struct {
	env   *Env
	watch *iometrics.Watch
	kinds map[iometrics.Kind]*slowKind
}

// slowKind is what of a kind was not logged yet.
type slowKind struct {
	loggedAt time.Time
	longest  iometrics.Event
	count    int
}

func (l *slowLog) look() {
	hanging, ended := l.watch.Look()
	now := l.env.opts.Now()
	for _, op := range hanging {
		l.env.opts.Logger.Warn("disk operation hangs", "dir", l.env.opts.Dir, "kind", op.Kind.String(), "file", op.File,
			"duration", now.Sub(op.Start).String(), "bytes", op.Bytes)
	}
	for _, e := range ended {
		l.note(e)
	}
	for _, kind := range iometrics.Kinds() {
		if k := l.kinds[kind]; k != nil && k.count > 0 && (k.loggedAt.IsZero() || now.Sub(k.loggedAt) >= slowLogEvery) {
			l.env.opts.Logger.Warn("slow disk operation", "dir", l.env.opts.Dir, "kind", kind.String(), "file", k.longest.File,
				"duration", k.longest.Duration.String(), "bytes", k.longest.Bytes, "count", k.count)
			*k = slowKind{loggedAt: now}
		}
	}
}

// note counts e among what is to be logged of its kind; the longest stands for all.
func (l *slowLog) note(e iometrics.Event) {
	if l.kinds == nil {
		l.kinds = map[iometrics.Kind]*slowKind{}
	}
	k := l.kinds[e.Kind]
	if k == nil {
		k = &slowKind{}
		l.kinds[e.Kind] = k
	}
	k.count++
	if e.Duration >= k.longest.Duration {
		k.longest = e
	}
}
