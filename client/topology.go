package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// topologyBody is the answer of GET /topology.
type topologyBody struct {
	Etag  int64
	Nodes []struct{ URL, Database, ClusterTag, ServerRole string }
}

// given is the topology before any node was asked: the addresses of the configuration.
func given(c Config) topology {
	t := topology{}
	for _, u := range c.URLs {
		t.nodes = append(t.nodes, node{url: u, name: c.Database, role: "Member"})
	}
	return t
}

// needTopology asks for the topology if that has not been answered yet: the database may not have been there.
func (s *Store) needTopology(ctx context.Context) error {
	if s.config.Database == "" {
		return &UsageError{"Config.Database is empty", "documents are in a database: name one"}
	}
	if s.nodes.topology().etag > 0 {
		return nil
	}
	return s.refreshTopology(ctx)
}

// refreshTopology asks the nodes for the topology, those that are known first, then the given addresses. The first answer
// counts, also that there is no such database.
func (s *Store) refreshTopology(ctx context.Context) error {
	down := &NodesDownError{}
	var asked []string
	known := s.nodes.topology().nodes
	for _, n := range append(slices.Clip(known), given(s.config).nodes...) {
		if contains(asked, n.url) {
			continue
		}
		asked = append(asked, n.url)
		t, err := s.askTopology(ctx, n)
		if err == nil {
			s.nodes.learn(t)
			return nil
		}
		if is[*DatabaseMissingError](err) || is[*AuthorizationError](err) || ctx.Err() != nil {
			return err
		}
		down.Failures = append(down.Failures, NodeFailure{n.url, err})
	}
	return down
}

// contains tells whether urls has url, in whatever case.
func contains(urls []string, url string) bool {
	for _, u := range urls {
		if strings.EqualFold(u, url) {
			return true
		}
	}
	return false
}

// askTopology asks one node.
func (s *Store) askTopology(ctx context.Context, n node) (topology, error) {
	ctx, cancel := context.WithTimeout(ctx, topologyTimeout)
	defer cancel()
	c := &call{method: http.MethodGet, path: "/topology", query: url.Values{"name": {s.config.Database}}, serverWide: true, effect: reads}
	a, err := s.attempt(ctx, n, c)
	if err != nil {
		return topology{}, err
	}
	var body topologyBody
	if err := json.Unmarshal(a.body, &body); err != nil {
		return topology{}, &AnswerError{a.url, err}
	}
	t := topology{etag: body.Etag}
	for _, n := range body.Nodes {
		if s.config.onlyTLS() && !isTLS(n.URL) {
			continue // who asked for TLS does not want documents in clear on the next wire
		}
		t.nodes = append(t.nodes, node{url: strings.TrimRight(n.URL, "/"), tag: n.ClusterTag, name: n.Database, role: n.ServerRole})
	}
	if t.etag < 1 || len(t.nodes) == 0 {
		return topology{}, &AnswerError{a.url, errors.New("a topology without an etag or without nodes that can be used")}
	}
	return t, nil
}

// refreshInBackground asks for the topology beside what goes on, once at a time. When it fails the old one stays, and the
// next answer brings it up again.
func (s *Store) refreshInBackground() {
	if !s.refreshing.CompareAndSwap(false, true) {
		return
	}
	started := s.tasks.start(func(ctx context.Context) {
		defer s.refreshing.Store(false)
		_ = s.refreshTopology(ctx)
	})
	if !started {
		s.refreshing.Store(false)
	}
}

// nodeFailed takes n out of the choice and asks for its health until it is well again.
func (s *Store) nodeFailed(n node) {
	if s.nodes.fail(n.url) {
		s.tasks.start(func(ctx context.Context) { s.watchHealth(ctx, n) })
	}
}

// watchHealth asks n for its health, with growing pauses, until it is well, or some request has found that it is.
func (s *Store) watchHealth(ctx context.Context, n node) {
	pause := healthCheckFirst
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if !s.nodes.isFailed(n.url) {
			return
		}
		if s.isWell(ctx, n) {
			s.nodes.recover(n.url)
			return
		}
		pause = min(2*pause, healthCheckLast)
		timer.Reset(pause)
	}
}

func (s *Store) isWell(ctx context.Context, n node) bool {
	ctx, cancel := context.WithTimeout(ctx, healthCheckTimeout)
	defer cancel()
	a, err := s.attempt(ctx, n, &call{method: http.MethodGet, path: "/healthcheck", effect: reads})
	return err == nil && a.found()
}
