package raftstore

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/rookerydb/rookery/internal/storage"
)

// Store is a Raft log in an environment. It implements raft.Storage. For one goroutine.
type Store struct {
	env *storage.Env

	hard      *raftpb.HardState        // as stored; nil before the first Save
	metadata  *raftpb.SnapshotMetadata // of the newest snapshot; never nil
	compacted place                    // the last entry that is gone; the log starts after it
	last      uint64                   // index of the last entry; compacted.index when the log is empty
}

var _ raft.Storage = (*Store)(nil)

// Open reads where the log in env begins and ends. env stays the caller's. Errors: *CorruptError, and storage's.
func Open(env *storage.Env) (*Store, error) {
	s := &Store{env: env, metadata: raftpb.EnsureSnapshotMetadata(nil)}
	if err := env.View(func(tx *storage.ReadTx) error { return s.load(tx) }); err != nil {
		return nil, fmt.Errorf("open raft log: %w", err)
	}
	return s, nil
}

func (s *Store) load(tx storage.Tx) error {
	if err := s.loadState(tx); err != nil {
		return err
	}
	s.last = s.compacted.index
	return s.loadBounds(tx)
}

// loadBounds finds the last entry and makes sure that the log begins where it should.
func (s *Store) loadBounds(tx storage.Tx) error {
	log, ok := tx.Tree(logTree)
	if !ok {
		return nil
	}
	c := log.Cursor()
	if !c.First() {
		return c.Err()
	}
	first, err := decodeKey(c.Key())
	if err != nil {
		return err
	}
	if first != s.compacted.index+1 {
		return &CorruptError{What: fmt.Sprintf("entry %d", s.compacted.index+1), Why: fmt.Sprintf("is missing: the log begins at %d", first)}
	}
	if !c.Last() {
		return c.Err()
	}
	if s.last, err = decodeKey(c.Key()); err != nil {
		return err
	}
	if s.last-first+1 != log.Entries() {
		return &CorruptError{What: "log", Why: fmt.Sprintf("has %d entries from %d to %d", log.Entries(), first, s.last)}
	}
	return nil
}

func (s *Store) loadState(tx storage.Tx) error {
	b, ok, err := stateValue(tx, hardStateKey)
	if err == nil && ok {
		s.hard, err = decodeHardState(b)
	}
	if err != nil {
		return err
	}
	b, ok, err = stateValue(tx, compactedKey)
	if err == nil && ok {
		s.compacted, err = decodePlace(b)
	}
	if err != nil {
		return err
	}
	b, ok, err = stateValue(tx, metadataKey)
	if err == nil && ok {
		s.metadata, err = decodeMetadata(b)
	}
	return err
}

// IsEmpty reports whether nothing was ever saved here: the log of a new node.
func (s *Store) IsEmpty() bool {
	return s.hard == nil && s.last == 0 && s.metadata.GetIndex() == 0 && len(s.metadata.GetConfState().GetVoters()) == 0
}

// InitialState implements raft.Storage. The members are those of the newest snapshot: changes of members after it are
// applied again by whoever applies the log.
func (s *Store) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	return s.hard, s.metadata.GetConfState(), nil
}

// FirstIndex implements raft.Storage.
func (s *Store) FirstIndex() (uint64, error) { return s.compacted.index + 1, nil }

// LastIndex implements raft.Storage.
func (s *Store) LastIndex() (uint64, error) { return s.last, nil }

// Term implements raft.Storage.
func (s *Store) Term(i uint64) (term uint64, err error) {
	switch {
	case i < s.compacted.index:
		return 0, raft.ErrCompacted
	case i == s.compacted.index:
		return s.compacted.term, nil
	case i > s.last:
		return 0, raft.ErrUnavailable
	}
	err = s.env.View(func(tx *storage.ReadTx) (err error) {
		term, err = termAt(tx, i)
		return err
	})
	return term, err
}

func termAt(tx storage.Tx, i uint64) (uint64, error) {
	log, ok := tx.Tree(logTree)
	if !ok {
		return 0, missing(i)
	}
	var key [8]byte
	b, ok, err := log.Get(appendKey(key[:0], i))
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, missing(i)
	}
	return entryTerm(b)
}

func missing(i uint64) error {
	return &CorruptError{What: fmt.Sprintf("entry %d", i), Why: "is missing"}
}

// Entries implements raft.Storage: entries lo to hi-1, as many as fit into maxBytes, at least one.
func (s *Store) Entries(lo, hi, maxBytes uint64) (list []*raftpb.Entry, err error) {
	switch {
	case lo <= s.compacted.index:
		return nil, raft.ErrCompacted
	case hi > s.last+1 || lo >= hi:
		return nil, raft.ErrUnavailable
	}
	err = s.env.View(func(tx *storage.ReadTx) (err error) {
		list, err = readEntries(tx, lo, hi, maxBytes)
		return err
	})
	return list, err
}

func readEntries(tx storage.Tx, lo, hi, maxBytes uint64) ([]*raftpb.Entry, error) {
	log, ok := tx.Tree(logTree)
	if !ok {
		return nil, missing(lo)
	}
	var list []*raftpb.Entry
	var bytes uint64
	c := log.Cursor()
	var key [8]byte
	for c.Seek(appendKey(key[:0], lo)); c.Valid() && lo < hi; c.Next() {
		if index, err := decodeKey(c.Key()); err != nil || index != lo {
			return nil, missing(lo)
		}
		e, err := decodeEntry(lo, c.Value())
		if err != nil {
			return nil, err
		}
		bytes += uint64(proto.Size(e))
		if len(list) > 0 && bytes > maxBytes {
			return list, nil
		}
		list = append(list, e)
		lo++
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if lo < hi {
		return nil, missing(lo)
	}
	return list, nil
}
