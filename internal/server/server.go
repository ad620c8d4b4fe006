package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/memory"
	"github.com/rookerydb/rookery/internal/operation"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Options says what to open. Config, FS, Now, Rand and Logger are required.
type Options struct {
	Config  config.Config
	FS      vfs.FS // ignored when Config.RunInMemory says so
	Now     func() time.Time
	Rand    *mathrand.Rand // owned by the server from here on
	Logger  *slog.Logger
	Version string // of the product, for those who ask
	// Secrets is what keys and nonces are drawn from. Nil, as in a running server, is crypto/rand.
	Secrets io.Reader
	// Machine is what this process may use. The sizes of caches and bounds follow it; nil means those of a large machine, and that
	// nobody watches memory.
	Machine *memory.Machine
	// URL is where clients reach this node, with the port that was really bound; the cluster learns it. Empty means that
	// it is not reached from outside: the one known from before stays.
	URL string
}

// Server is one node. Its methods may be called by any number of goroutines.
type Server struct {
	config    config.Config
	fs        vfs.FS
	now       func() time.Time
	log       *slog.Logger
	version   string
	startedAt time.Time
	layout    layout
	profile   memory.Profile
	machine   *memory.Machine
	memory    memory.Board

	lock       io.Closer // of the data directory
	operations *operation.Registry
	cluster    *cluster.Cluster
	ticker     *time.Ticker
	keys       *keyring.Keyring
	decrypted  *secret.Arena // memory for pages
	secrets    io.Reader

	directory atomic.Pointer[directory]
	loads     chan struct{} // holds one element for each database that is being opened

	offlineWanted chan *offlineWork // to the reconcile loop; no capacity, so that none is forgotten in it
	bell          chan struct{}     // capacity 1: a unit has ended whose database must be brought back

	randMu sync.Mutex
	rand   *mathrand.Rand

	closing <-chan struct{}    // closed when Close begins
	stop    context.CancelFunc // of the goroutines below
	follows sync.WaitGroup     // the reconcile loop, and who keeps memory
	units   sync.WaitGroup
	close   func() error // once
}

// Open opens the data directory and starts following the cluster. It returns when the cluster's log is ready; databases
// are opened behind it, and Database waits for the one it is asked for. Errors: *DataDirInUseError, and cluster.Open's.
func Open(o Options) (*Server, error) {
	s := &Server{
		config: o.Config, fs: o.FS, now: o.Now, log: o.Logger, version: o.Version, startedAt: o.Now(), rand: o.Rand,
		layout: layout{root: o.Config.DataDir}, machine: o.Machine, profile: profileOf(o), loads: make(chan struct{}, o.Config.ConcurrentLoads),
		offlineWanted: make(chan *offlineWork), bell: make(chan struct{}, 1),
	}
	if o.Config.RunInMemory {
		s.fs = memfs.New(memfs.WithoutCrashes())
	}
	s.operations = operation.New(operation.Options{Now: o.Now, Logger: o.Logger})
	if s.secrets = o.Secrets; s.secrets == nil {
		s.secrets = rand.Reader
	}
	s.keys = keyring.New(keyringOptions(o.Config, s.fs, o.FS, s.secrets, o.Now))
	s.decrypted = secret.NewArena(secret.Options{})
	ctx, stop := context.WithCancel(context.Background())
	s.closing, s.stop = ctx.Done(), stop
	s.close = sync.OnceValue(s.shutDown)
	s.directory.Store(&directory{next: make(chan struct{})})
	if err := s.start(ctx, o.URL); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, url string) error {
	if err := s.lockDataDir(); err != nil {
		return err
	}
	s.ticker = time.NewTicker(s.config.Cluster.ElectionTimeout / ticksPerElection)
	var err error
	s.cluster, err = cluster.Open(cluster.Options{
		FS: s.fs, Dir: s.layout.system(), Now: s.now, Rand: s.newRand(), Logger: s.log, Ticks: s.ticker.C, NodeURL: url,
		CommandBytesMax: s.config.Cluster.CommandBytesMax, IgnoreInvalidJournal: s.config.Storage.IgnoreInvalidJournal,
		SlowIOAfter: s.config.Storage.SlowIOAfter,
	})
	if err != nil {
		return fmt.Errorf("open the state of the cluster: %w%s", err, wayOut(err))
	}
	if err := s.announce(ctx, url); err != nil {
		return err
	}
	s.follow(ctx, s.cluster.State(), nil)
	s.follows.Go(func() { s.reconcile(ctx) })
	if every := s.config.Cluster.ExpireValuesEvery; every > 0 {
		s.follows.Go(func() { s.expireLoop(ctx, every) })
	}
	if s.machine != nil {
		s.follows.Go(func() { s.keepMemory(ctx) })
	}
	return nil
}

func (s *Server) lockDataDir() error {
	if err := s.fs.MkdirAll(s.layout.databases()); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	var err error
	s.lock, err = s.fs.Lock(s.layout.lock())
	if _, locked := errors.AsType[*vfs.LockedError](err); locked {
		return &DataDirInUseError{Dir: s.layout.root, Cause: err}
	}
	if err != nil {
		return fmt.Errorf("lock data directory: %w", err)
	}
	return nil
}

// announce tells the cluster where this node is reached, when that has changed.
func (s *Server) announce(ctx context.Context, url string) error {
	node, _ := s.cluster.State().Node(s.cluster.Tag())
	if url == "" || node.URL == url {
		return nil
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err := s.cluster.Propose(ctx, cluster.Proposal{Command: cluster.SetNodeURL{Tag: s.cluster.Tag(), URL: url}})
	if err != nil {
		return fmt.Errorf("announce address: %w", err)
	}
	return nil
}

// Close cancels operations, stops following the cluster, closes all databases, then the cluster's log, and gives the data directory free.
// Calling it again returns the same.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutDown() error {
	s.stop()
	s.operations.Close()
	s.follows.Wait()
	s.units.Wait()
	var err error
	last := s.directory.Swap(&directory{next: make(chan struct{})})
	close(last.next)
	for name, u := range last.units {
		if name == cluster.Key(u.record.Name) && u.db != nil { // each unit may stand there twice
			err = errors.Join(err, u.db.Close())
		}
	}
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.Close())
	}
	if s.ticker != nil {
		s.ticker.Stop()
	}
	s.forgetSecrets()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Cluster returns the node's part in the cluster. The caller does not close it.
func (s *Server) Cluster() *cluster.Cluster { return s.cluster }

// Operations returns the long work of this node. The caller does not close it.
func (s *Server) Operations() *operation.Registry { return s.operations }

// NodeTag returns this node's tag, such as A.
func (s *Server) NodeTag() string { return s.cluster.Tag() }

// Version returns the product's version as Options gave it.
func (s *Server) Version() string { return s.version }

// StartedAt returns when the server was opened.
func (s *Server) StartedAt() time.Time { return s.startedAt }

// PublicURL returns the address that clients shall use, when one is configured; empty otherwise.
func (s *Server) PublicURL() string { return s.config.PublicURL }

// Config returns the settings that the server was opened with.
func (s *Server) Config() config.Config { return s.config }

// newRand returns a generator for one part of the server, so that parts do not share one.
func (s *Server) newRand() *mathrand.Rand {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	return mathrand.New(mathrand.NewPCG(s.rand.Uint64(), s.rand.Uint64()))
}

// bounded returns ctx with the bound of a cluster command, Cluster.OperationTimeoutInSec.
func (s *Server) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.config.Cluster.OperationTimeout)
}

// erase removes the directory of a database, durably.
func (s *Server) erase(name string) error {
	dir := s.layout.database(name)
	if err := s.fs.RemoveAll(dir); err != nil {
		return fmt.Errorf("erase %s: %w", dir, err)
	}
	if err := s.fs.SyncDir(s.layout.databases()); err != nil {
		return fmt.Errorf("erase %s: %w", dir, err)
	}
	return nil
}
