package compression

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
)

// Service compresses values of one environment. All methods may be called by several goroutines at once.
type Service struct {
	opts       Options
	decoders   decoderCache
	background background

	trainTurn sync.Mutex // held while a dictionary is trained and written beside the environment

	mu       sync.Mutex // guards all below
	names    map[string]*watch
	ready    map[string]*candidate // trained and in the copies, and not yet known to be committed
	nextID   uint32                // no dictionary from this id on was ever made
	encoders []*zdict.Encoder      // idle; the one used last at the end
	offered  uint64                // values that were committed, of all names
	counts   counts
}

// candidate is a dictionary that waits to be registered by a write transaction.
type candidate struct {
	dictionary zdict.Dictionary
	replaces   uint32 // what was current when it was trained; it is registered in its place only
	decoder    *zdict.Decoder
	registered bool // a transaction had it in its registry; it may have been rolled back
}

// Open returns the service of an open environment, and mends the copies beside it if they are not what they must be. It is
// to be closed before the environment is.
//
// A damaged registry is no error here: what was compressed is read with the copies.
func Open(opts Options) (*Service, error) {
	opts = opts.withDefaults()
	s := &Service{opts: opts, names: map[string]*watch{}, ready: map[string]*candidate{}}
	plain, err := zdict.NewDecoder(nil, s.decoderOptions())
	if err != nil {
		return nil, err
	}
	s.decoders.start(plain)
	if err := s.openCopies(); err != nil {
		return nil, fmt.Errorf("open dictionaries of %q: %w", opts.Dir, err)
	}
	s.startBackground()
	return s, nil
}

// openCopies learns which ids were given, and rewrites copies that lack something.
func (s *Service) openCopies() error {
	copies, copiesErr := ReadCopies(s.opts.FS, s.opts.Dir, s.opts.Sealer)
	s.nextID = max(1, copies.Next)
	tx, err := s.opts.Env.Read()
	if err != nil {
		return err
	}
	defer tx.Close()
	next, err := nextIn(tx)
	if err != nil {
		s.opts.Logger.Error("registry of dictionaries is damaged", "dir", s.opts.Dir, "err", err)
		return nil
	}
	s.nextID = max(s.nextID, next)
	if s.opts.ReadOnly || next == 1 || copiesErr == nil && holdsAll(copies, tx) {
		return nil
	}
	if _, ok := errors.AsType[*zdict.SealedError](copiesErr); ok {
		return copiesErr // the key is missing, or somebody put files there: nothing to mend
	}
	if err := s.writeCopies(nil); err != nil { // the registry has them; the next training tries again
		s.opts.Logger.Warn("copies of dictionaries cannot be mended", "dir", s.opts.Dir, "err", err)
	}
	return nil
}

// Close stops training. Sessions and reads may go on; nothing is trained for them. Idempotent.
func (s *Service) Close() error {
	s.background.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, w := range s.names {
		w.stopCollecting()
		delete(s.names, name)
	}
	s.encoders = nil
	return nil
}

// Begin returns a session that compresses in tx. It ends with Committed after tx was committed, else with Drop.
func (s *Service) Begin(tx *storage.WriteTx) *Session {
	invariant.Assert(!s.opts.ReadOnly, "session on a service that is open to read only")
	s.mu.Lock()
	defer s.mu.Unlock()
	session := &Session{service: s, tx: tx, id: tx.ID(), byName: map[string]*lane{}}
	session.chance = *rand.NewPCG(s.opts.Rand.Uint64(), s.opts.Rand.Uint64())
	return session
}

func (s *Service) decoderOptions() zdict.DecoderOptions {
	return zdict.DecoderOptions{Wipe: s.opts.Wipe}
}

// takeEncoder returns an encoder of dictionary id for one session: an idle one, else a new one.
func (s *Service) takeEncoder(tx storage.Tx, id uint32) (*zdict.Encoder, error) {
	s.mu.Lock()
	for i, e := range s.encoders {
		if e.ID() == id {
			s.encoders = append(s.encoders[:i], s.encoders[i+1:]...)
			s.mu.Unlock()
			return e, nil
		}
	}
	s.mu.Unlock()
	if id == 0 {
		return zdict.NewEncoder(nil)
	}
	d, found, err := dictionaryIn(tx, id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, &zdict.UnknownDictionaryError{ID: id}
	}
	return zdict.NewEncoder(&d)
}

// putEncoder takes an encoder back.
func (s *Service) putEncoder(e *zdict.Encoder) {
	if s.opts.Wipe {
		e.Scrub()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.encoders) == encodersMax {
		s.encoders = append(s.encoders[:0], s.encoders[1:]...)
	}
	s.encoders = append(s.encoders, e)
}
