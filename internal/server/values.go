package server

import (
	"context"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
)

// ProposeValues is Propose for commands about compare-exchange values and identities, which open and close nothing: it returns
// when the command is applied here.
func (s *Server) ProposeValues(ctx context.Context, requestID string, cmd cluster.Command) (cluster.Result, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	return s.cluster.Propose(ctx, cluster.Proposal{Command: cmd, RequestID: requestID})
}

// expireLoop removes expired compare-exchange values at each tick of a clock, until ctx ends.
func (s *Server) expireLoop(ctx context.Context, every time.Duration) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			s.ExpireValues(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// ExpireValues removes the compare-exchange values of all databases whose time has come. What fails is logged and waits for the
// next time. Nothing is proposed where nothing is due.
func (s *Server) ExpireValues(ctx context.Context) {
	for d := range s.cluster.State().Databases() {
		if err := s.expireValues(ctx, d.Name); err != nil && ctx.Err() == nil {
			s.log.Warn("expired compare-exchange values were not removed", "db", d.Name, "err", err)
		}
	}
}

// expireValues proposes until nothing is due: one command removes a bounded number.
func (s *Server) expireValues(ctx context.Context, name string) error {
	for {
		var due bool
		err := s.cluster.ViewValues(name, func(v *cluster.ValueView) error {
			at, ok, err := v.FirstExpiry()
			due = ok && !at.After(s.now())
			return err
		})
		if err != nil || !due {
			return err
		}
		if _, err := s.ProposeValues(ctx, "", cluster.ExpireCompareExchange{Name: name}); err != nil {
			return err
		}
	}
}
