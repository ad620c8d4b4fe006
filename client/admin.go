package client

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// DatabaseOptions say how a new database shall be. The zero value is an ordinary one.
type DatabaseOptions struct {
	ReplicationFactor int               // how many nodes hold it; 0: one
	Settings          map[string]string // dotted names, as docs/settings.md lists them
}

// CreateDatabase creates a database. One that is there already gives a *ConcurrencyError. When it returns, the nodes know of it.
func (s *Store) CreateDatabase(ctx context.Context, name string, o DatabaseOptions) error {
	body, err := json.Marshal(struct {
		DatabaseName string
		Settings     map[string]string `json:",omitempty"`
	}{name, o.Settings})
	if err != nil {
		return &UsageError{"DatabaseOptions", err.Error()}
	}
	return s.decide(ctx, &call{
		method: http.MethodPut, path: "/admin/databases", body: body,
		query: url.Values{"name": {name}, "replicationFactor": {strconv.Itoa(max(o.ReplicationFactor, 1))}},
	})
}

// DeleteDatabase deletes a database on all nodes, with its files. One that is not there is no error.
func (s *Store) DeleteDatabase(ctx context.Context, name string) error {
	body, err := json.Marshal(struct {
		DatabaseNames []string
		HardDelete    bool
	}{[]string{name}, true})
	if err != nil {
		return &UsageError{"the name of a database", err.Error()}
	}
	err = s.decide(ctx, &call{method: http.MethodDelete, path: "/admin/databases", body: body, query: url.Values{}})
	if is[*DatabaseMissingError](err) {
		return nil
	}
	return err
}

// decide sends a change of the cluster's state. It carries an id of its own, so that it takes effect once however often it is
// sent.
func (s *Store) decide(ctx context.Context, c *call) error {
	c.serverWide, c.effect = true, repeatable
	c.query.Set("raft-request-id", requestID())
	a, err := s.do(ctx, c)
	if err != nil {
		return err
	}
	var done struct{ RaftCommandIndex int64 }
	if err := json.Unmarshal(a.body, &done); err != nil {
		return &AnswerError{a.url, err}
	}
	s.noteRaftIndex(done.RaftCommandIndex)
	return nil
}

// requestID is 128 random bits: nobody else makes the same.
func requestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails: see its documentation
	return hex.EncodeToString(id[:])
}

// Databases lists the names of all databases, in their order.
func (s *Store) Databases(ctx context.Context) ([]string, error) {
	a, err := s.do(ctx, &call{method: http.MethodGet, path: "/databases", query: url.Values{"namesOnly": {"true"}}, serverWide: true, effect: reads})
	if err != nil {
		return nil, err
	}
	var found struct{ Databases []string }
	if err := json.Unmarshal(a.body, &found); err != nil {
		return nil, &AnswerError{a.url, err}
	}
	return found.Databases, nil
}

// Stats are figures of a database.
type Stats struct {
	CountOfDocuments     int64
	CountOfTombstones    int64
	CountOfIndexes       int64
	LastDocEtag          int64
	DatabaseChangeVector string
	DatabaseID           string `json:"DatabaseId"`
	SizeOnDisk           Size
	Collections          map[string]int64 `json:"-"` // documents in each
}

// Size is a number of bytes, with its text for people.
type Size struct {
	SizeInBytes int64
	HumaneSize  string
}

// Stats gets the figures of the store's database, with two requests: between them documents may come and go.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	var stats Stats
	if err := s.figures(ctx, "/stats", &stats); err != nil {
		return Stats{}, err
	}
	var collections struct{ Collections map[string]int64 }
	err := s.figures(ctx, "/collections/stats", &collections)
	stats.Collections = collections.Collections
	return stats, err
}

// figures decodes the answer of a GET into a struct.
func (s *Store) figures(ctx context.Context, path string, into any) error {
	a, err := s.get(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return &AnswerError{a.url, err}
	}
	return nil
}
