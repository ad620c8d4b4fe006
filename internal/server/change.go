package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
)

// Propose puts a command into the cluster's log, and returns when this node has begun to act on it: what Database finds
// from then on is what was decided. requestID may be empty. It takes Cluster.OperationTimeoutInSec at most; errors are
// those of cluster.Propose and of the command.
func (s *Server) Propose(ctx context.Context, requestID string, cmd cluster.Command) (cluster.Result, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	result, err := s.cluster.Propose(ctx, cluster.Proposal{Command: cmd, RequestID: requestID})
	if err != nil {
		return result, err
	}
	_, err = s.awaitDirectory(ctx, result.Index)
	return result, err
}

// CreateDatabase makes a database, and returns when it can be used on this node. A *DatabaseLoadError means that it was
// decided and could not be opened. A record that asks for encryption is refused with *EncryptionRefusedError where that cannot
// be had.
func (s *Server) CreateDatabase(ctx context.Context, requestID string, cmd cluster.CreateDatabase) (cluster.Result, error) {
	var err error
	if cmd.Encrypted, err = s.mayEncrypt(ctx, cmd.Name, cmd.Record); err != nil {
		return cluster.Result{}, err
	}
	result, err := s.Propose(ctx, requestID, cmd)
	if err != nil {
		return result, err
	}
	if state := s.cluster.State(); !holds(state, cmd.Name, s.NodeTag()) {
		return result, nil // on other nodes, or deleted since
	}
	_, err = s.Database(ctx, cmd.Name)
	return result, err
}

func holds(state *cluster.State, name, tag string) bool {
	d, ok := state.Database(name)
	return ok && !d.Disabled && d.Topology.Has(tag)
}

// UpdateDatabase replaces a database's record.
func (s *Server) UpdateDatabase(ctx context.Context, requestID string, cmd cluster.UpdateDatabase) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// DeleteDatabases begins to delete databases, and waits up to wait (0: Cluster.OperationTimeoutInSec) until this node
// has removed its copies. pending are the tags of nodes that have not: their copies go later. A *DatabaseEraseError
// means that files are left that could not be removed.
func (s *Server) DeleteDatabases(
	ctx context.Context, requestID string, cmd cluster.DeleteDatabases, wait time.Duration,
) (result cluster.Result, pending []string, err error) {
	result, err = s.Propose(ctx, requestID, cmd)
	if err != nil {
		return result, nil, err
	}
	if wait <= 0 {
		wait = s.config.Cluster.OperationTimeout
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for _, o := range result.Outcomes {
		if !o.Done {
			continue
		}
		err := s.awaitRemoval(bounded, o.Name)
		switch {
		case bounded.Err() != nil && ctx.Err() == nil:
			return result, []string{s.NodeTag()}, nil
		case err != nil:
			return result, []string{s.NodeTag()}, err
		}
	}
	return result, nil, nil
}

// awaitRemoval waits until the database called name, which is being deleted, is gone from this node.
func (s *Server) awaitRemoval(ctx context.Context, name string) error {
	u, ok := s.directory.Load().find(name)
	if !ok || u.record.Deletion == cluster.NotDeleting {
		return nil // gone already, and perhaps made anew
	}
	select {
	case <-u.settled:
	case <-ctx.Done():
		return fmt.Errorf("wait for the removal of database %q: %w", name, ctx.Err())
	}
	if failed, ok := errors.AsType[*DatabaseEraseError](u.err); ok {
		return failed
	}
	return nil
}

// SetDisabled opens or closes databases for use. A closed one answers nobody from then on; an opened one may still be on
// its way, and Database waits for it.
func (s *Server) SetDisabled(ctx context.Context, requestID string, cmd cluster.SetDisabled) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// SetLockMode protects databases from deletion, or not.
func (s *Server) SetLockMode(ctx context.Context, requestID string, cmd cluster.SetLockMode) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// PutSettings replaces a database's settings. They take effect when the database is opened the next time.
func (s *Server) PutSettings(ctx context.Context, requestID string, cmd cluster.PutSettings) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// PutRecordFields replaces members of a database's record, such as the configuration of revisions. When it returns, this node follows them.
func (s *Server) PutRecordFields(ctx context.Context, requestID string, cmd cluster.PutRecordFields) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// PutClientConfiguration replaces what clients are told.
func (s *Server) PutClientConfiguration(ctx context.Context, requestID string, cmd cluster.PutClientConfiguration) (cluster.Result, error) {
	return s.Propose(ctx, requestID, cmd)
}

// awaitDirectory waits for a directory that follows the State of index or a later one.
func (s *Server) awaitDirectory(ctx context.Context, index uint64) (*directory, error) {
	for {
		d := s.directory.Load()
		if d.index >= index {
			return d, nil
		}
		select {
		case <-d.next:
		case <-s.closing:
			return nil, &ClosedError{}
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for cluster index %d: %w", index, ctx.Err())
		}
	}
}
