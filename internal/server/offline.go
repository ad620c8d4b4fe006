package server

import (
	"context"
	"errors"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/vfs"
)

// offlineWork is work on the files of a database that nobody may have open meanwhile. A unit of its own does it: the unit
// before it is closed, callers get reason, and a unit that brings the database back follows. When the record asks for
// something else, such as deletion, the work is cancelled.
type offlineWork struct {
	name   string
	reason error // what callers of Database get while the work goes on
	run    func(ctx context.Context, o database.Options) error
	cancel context.CancelFunc
	done   chan error // capacity 1: the outcome, once
	taken  bool       // the reconcile loop has found the database, and only it looks here
}

// offline runs work on the database called name while it is closed on this node, and returns its error when callers can use
// the database again. The options are those that the database is opened with. When ctx ends, the context of work ends.
//
// Errors before work begins: *cluster.DatabaseMissingError, *ClosedError, the reason of other such work on the database.
func (s *Server) offline(ctx context.Context, name string, reason error, work func(ctx context.Context, o database.Options) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &offlineWork{name: name, reason: reason, cancel: cancel, done: make(chan error, 1)}
	w.run = func(unit context.Context, o database.Options) error {
		defer context.AfterFunc(unit, cancel)() // the server closes
		return work(ctx, o)
	}
	select {
	case s.offlineWanted <- w:
	case <-s.closing:
		return &ClosedError{}
	case <-ctx.Done():
		return ctx.Err()
	}
	err := <-w.done
	s.awaitReturn(ctx, w)
	return err
}

// awaitReturn waits until another unit has taken the place of the one that did w, and has settled.
func (s *Server) awaitReturn(ctx context.Context, w *offlineWork) {
	for {
		d := s.directory.Load()
		if u, ok := d.find(w.name); !ok || u.offline != w {
			_, _ = s.Database(context.WithoutCancel(ctx), w.name) // its error is for those who want the database
			return
		}
		select {
		case <-d.next:
		case <-s.closing:
			return
		}
	}
}

// refusal says why w cannot be done on the database of record, whose unit is u; nil when it can.
func (w *offlineWork) refusal(record *cluster.Database, u *unit) error {
	switch {
	case record.Deletion != cluster.NotDeleting:
		return &cluster.DatabaseMissingError{Name: w.name}
	case u != nil && u.offline != nil && !u.hasEnded():
		return u.offline.reason
	}
	return nil
}

// newOfflineUnit returns a unit that does w after before. Callers get its reason from now on.
func newOfflineUnit(record *cluster.Database, before *unit, w *offlineWork) *unit {
	u := newUnit(record, before)
	u.offline, u.err = w, w.reason
	close(u.settled)
	return u
}

// workOffline does the unit's work.
func (u *unit) workOffline(ctx context.Context, s *Server) {
	o, err := s.databaseOptions(ctx, u.record)
	if err == nil {
		defer o.DestroyKey()
		err = ctx.Err()
	}
	if err == nil {
		err = s.onceUnlocked(ctx, u.offline, o)
	}
	u.offline.done <- err
}

// isBack tells whether the unit did work on a closed database and has ended: it is time to open the database.
func (u *unit) isBack() bool { return u.offline != nil && u.hasEnded() }

func (u *unit) hasEnded() bool {
	select {
	case <-u.ended:
		return true
	default:
		return false
	}
}

// onceUnlocked runs w when the readers of before have given the files free.
func (s *Server) onceUnlocked(ctx context.Context, w *offlineWork, o database.Options) error {
	retry := time.NewTicker(unlockRetryEvery)
	defer retry.Stop()
	for range unlockRetriesMax {
		err := w.run(ctx, o)
		if _, locked := errors.AsType[*vfs.LockedError](err); !locked {
			return err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.run(ctx, o)
}

// ring wakes the reconcile loop; one ring is as good as many.
func (s *Server) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}
