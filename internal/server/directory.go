package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
)

// directory is what this node has of the cluster's databases at one State. It is immutable; the units in it move on.
type directory struct {
	index uint64 // of the State
	// units are found by the name as it was given at creation and by its key, so that the usual spelling needs no
	// lower-casing.
	units map[string]*unit
	next  chan struct{} // closed when there is a newer directory
}

// find returns the unit of the database called name, in any case.
func (d *directory) find(name string) (*unit, bool) {
	u, ok := d.units[name]
	if !ok {
		u, ok = d.units[cluster.Key(name)]
	}
	return u, ok
}

// Database returns the open database called name, in any case. It waits with ctx while the database is being opened.
// The caller does not close it. Errors: *cluster.DatabaseMissingError, *DatabaseDisabledError, *DatabaseLoadError,
// *ClosedError, and that of ctx.
func (s *Server) Database(ctx context.Context, name string) (*database.DB, error) {
	u, ok := s.directory.Load().find(name)
	if !ok {
		return nil, s.missing(name)
	}
	select {
	case <-u.settled:
		return u.db, u.err
	default:
	}
	select {
	case <-u.settled:
		return u.db, u.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for database %q: %w", name, ctx.Err())
	}
}

func (s *Server) missing(name string) error {
	select {
	case <-s.closing:
		return &ClosedError{}
	default:
		return &cluster.DatabaseMissingError{Name: name}
	}
}

// DatabaseStatus says how one database is on this node.
type DatabaseStatus struct {
	Name     string
	Disabled bool
	Loaded   bool
	Err      error // why it is neither, when it failed to open; nil while it is being opened
}

// Databases returns the status of every database that this node should have, sorted by name.
func (s *Server) Databases() []DatabaseStatus {
	var list []DatabaseStatus
	for name, u := range s.directory.Load().units {
		if name == u.record.Name && u.record.Deletion == cluster.NotDeleting { // each unit may stand there twice
			list = append(list, u.status())
		}
	}
	slices.SortFunc(list, func(a, b DatabaseStatus) int {
		return cmp.Or(cmp.Compare(cluster.Key(a.Name), cluster.Key(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return list
}
