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
	for {
		state, changed := s.cluster.Changed()
		s.follow(ctx, state)
		if !s.awaitReason(ctx, changed, retry.C) {
			return
		}
	}
}

// awaitReason waits for a reason to look again: the state changed, or a database that could not be opened may open now.
// It is false when ctx has ended.
func (s *Server) awaitReason(ctx context.Context, changed <-chan struct{}, retry <-chan time.Time) bool {
	for {
		select {
		case <-changed:
			return true
		case <-retry:
			for _, u := range s.directory.Load().units {
				if u.mayOpenLater() {
					return true
				}
			}
		case <-ctx.Done():
			return false
		}
	}
}

// follow publishes the directory of state, and starts a unit for each database that has to change. What a caller finds
// from here on is what state says; databases that are no longer wanted are closed behind its back. A record leaves the
// State only after this node has confirmed the deletion, so no open database is forgotten here.
func (s *Server) follow(ctx context.Context, state *cluster.State) {
	before := s.directory.Load()
	next := &directory{index: state.Index, units: make(map[string]*unit, len(before.units)), next: make(chan struct{})}
	var started []*unit
	for record := range state.AllDatabases() {
		if !record.Topology.Has(s.cluster.Tag()) {
			continue
		}
		u := before.units[cluster.Key(record.Name)]
		if u == nil || aimOf(u.record) != aimOf(record) || u.mayOpenLater() {
			u = newUnit(record, u)
			started = append(started, u)
		}
		next.units[cluster.Key(record.Name)] = u
		next.units[record.Name] = u
	}
	s.directory.Store(next)
	close(before.next)
	for _, u := range started {
		s.units.Go(func() { u.run(ctx, s) })
	}
}
