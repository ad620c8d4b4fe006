package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/client/internal/httpcache"
)

// Store is the door to one database of a cluster. A program opens one and keeps it. It is safe for concurrent use.
type Store struct {
	config Config
	nodes  *nodes
	cache  *httpcache.Cache
	tasks  *tasks

	raftIndex  atomic.Int64  // the newest decision of the cluster that this store knows of
	sessions   atomic.Uint64 // counts sessions, for RoundRobin
	refreshing atomic.Bool   // a refresh of the topology is on its way

	hiloMu sync.Mutex       // guards hilo, not what is in it
	hilo   map[string]*hilo // by id prefix
}

// Open asks a node which nodes hold the database. That the database does not exist is no error yet, so that CreateDatabase can
// follow; that no node answers is (*NodesDownError).
func Open(ctx context.Context, c Config) (*Store, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Store{config: c, nodes: newNodes(given(c)), cache: httpcache.New(c.CacheBytes), tasks: newTasks(), hilo: map[string]*hilo{}}
	if c.Database == "" {
		return s, nil
	}
	if err := s.refreshTopology(ctx); err != nil && !is[*DatabaseMissingError](err) {
		s.tasks.close()
		return nil, err
	}
	return s, nil
}

// Close gives unused ids back to the server and ends the store's goroutines. Sessions of it give ErrClosed afterwards. It may
// be called again.
func (s *Store) Close(ctx context.Context) error {
	if s.tasks.isClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, returnTimeout)
	defer cancel()
	err := s.returnIDs(ctx)
	if s.tasks.close() {
		s.config.HTTPClient.CloseIdleConnections()
	}
	if is[*DatabaseMissingError](err) || errors.Is(err, ErrClosed) {
		return nil // there is nobody to give them to
	}
	return err
}

// SessionOptions differ from what Config says for one session.
type SessionOptions struct {
	MaxRequests   int  // 0: as Config says; negative: no limit
	LastWriteWins bool // overwrite what others have changed meanwhile
	Untracked     bool // loads and queries hand out values that the session forgets
}

// Session begins a unit of work. It needs no end.
func (s *Store) Session() *Session { return s.SessionWith(SessionOptions{}) }

// SessionWith is Session with options.
func (s *Store) SessionWith(o SessionOptions) *Session {
	if o.MaxRequests == 0 {
		o.MaxRequests = s.config.MaxRequests
	}
	o.LastWriteWins = o.LastWriteWins || s.config.LastWriteWins
	session := &Session{store: s, options: o}
	if s.config.ReadBalance == RoundRobin {
		session.turn = int(s.sessions.Add(1)-1) & turnMask
	}
	session.Clear()
	return session
}

// turnMask keeps a turn positive where int has 32 bits.
const turnMask = 1<<30 - 1

// noteRaftIndex remembers a decision of the cluster, so that whichever node is asked next has made it too.
func (s *Store) noteRaftIndex(index int64) {
	for {
		known := s.raftIndex.Load()
		if index <= known || s.raftIndex.CompareAndSwap(known, index) {
			return
		}
	}
}

// get sends a read of the database and returns its answer.
func (s *Store) get(ctx context.Context, path string) (*answer, error) {
	return s.do(ctx, &call{method: http.MethodGet, path: path, effect: reads})
}
