package server

import (
	"context"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
)

// reconcile follows the cluster's decisions until ctx ends. It is the only goroutine that publishes directories.
func (s *Server) reconcile(ctx context.Context) {
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	var work *offlineWork
	for again := true; again; {
		state, changed := s.cluster.Changed()
		s.follow(ctx, state, work)
		work, again = s.awaitReason(ctx, changed, retry.C)
	}
}

// awaitReason waits for a reason to look again: the state changed, a database that could not be opened may open now, or
// somebody wants work done on a closed one. It is false when ctx has ended.
func (s *Server) awaitReason(ctx context.Context, changed <-chan struct{}, retry <-chan time.Time) (*offlineWork, bool) {
	for {
		select {
		case <-changed:
			return nil, true
		case <-s.bell:
			return nil, true
		case work := <-s.offlineWanted:
			return work, true
		case <-retry:
			s.decrypted.Shrink()
			for _, u := range s.directory.Load().units {
				if u.mayOpenLater() {
					return nil, true
				}
			}
		case <-ctx.Done():
			return nil, false
		}
	}
}

// follow publishes the directory of state, and starts a unit for each database that has to change, and for work, if there is
// any. What a caller finds from here on is what state says; databases that are no longer wanted are closed behind its
// back. A record leaves the State only after this node has confirmed the deletion, so no open database is forgotten here.
func (s *Server) follow(ctx context.Context, state *cluster.State, work *offlineWork) {
	before := s.directory.Load()
	next := &directory{index: state.Index, units: make(map[string]*unit, len(before.units)), next: make(chan struct{})}
	var started []*unit
	for record := range state.AllDatabases() {
		if !record.Topology.Has(s.cluster.Tag()) {
			continue
		}
		u, isNew := nextUnit(record, before.units[cluster.Key(record.Name)], work)
		if isNew {
			started = append(started, u)
		} else {
			u.follow(s, record)
		}
		next.units[cluster.Key(record.Name)] = u
		next.units[record.Name] = u
	}
	s.directory.Store(next)
	close(before.next)
	for _, u := range started {
		s.units.Go(func() { u.run(ctx, s) })
	}
	if work != nil && !work.taken {
		work.done <- &cluster.DatabaseMissingError{Name: work.name}
	}
}

// nextUnit returns the unit that record asks for after u, which may be u itself, and may be nil.
func nextUnit(record *cluster.Database, u *unit, work *offlineWork) (next *unit, isNew bool) {
	if work != nil && cluster.Key(work.name) == cluster.Key(record.Name) {
		work.taken = true
		err := work.refusal(record, u)
		if err == nil {
			return newOfflineUnit(record, u, work), true
		}
		work.done <- err
	}
	if u == nil || aimOf(u.record) != aimOf(record) || u.mayOpenLater() || u.isBack() {
		return newUnit(record, u), true
	}
	return u, false
}
