package raftstore

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/rookerydb/rookery/internal/storage"
)

// Snapshot implements raft.Storage. Its data is a copy.
func (s *Store) Snapshot() (*raftpb.Snapshot, error) {
	snap := &raftpb.Snapshot{Metadata: proto.CloneOf(s.metadata)}
	err := s.env.View(func(tx *storage.ReadTx) error {
		b, ok, err := stateValue(tx, dataKey)
		if ok && len(b) > 0 {
			snap.Data = append([]byte(nil), b...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return snap, nil
}

// Checkpoint makes data the newest snapshot: what the log up to index has led to, with members as the members at that
// time. In the same transaction it removes the log up to compactTo, which is index or less; 0 removes nothing. The stored
// commit index is raised to index: the Raft library refuses to start from a snapshot that is not committed.
//
// index must be in the log and applied. raft.ErrSnapOutOfDate: there is a snapshot of that index or a later one.
func (s *Store) Checkpoint(index uint64, members *raftpb.ConfState, data []byte, compactTo uint64) error {
	if index <= s.metadata.GetIndex() {
		return raft.ErrSnapOutOfDate
	}
	if index > s.last || compactTo > index {
		panic(fmt.Sprintf("BUG: snapshot at %d, compaction to %d, of a log that ends at %d", index, compactTo, s.last))
	}
	term, err := s.Term(index)
	if err != nil {
		return err
	}
	next := *s
	next.metadata = raftpb.EnsureSnapshotMetadata(&raftpb.SnapshotMetadata{Index: &index, Term: &term, ConfState: proto.CloneOf(members)})
	err = s.env.Update(func(tx *storage.WriteTx) error {
		if err := next.putSnapshot(tx, data); err != nil {
			return err
		}
		if err := next.raiseCommit(tx, index); err != nil {
			return err
		}
		return next.compact(tx, compactTo)
	})
	if err != nil {
		return fmt.Errorf("write snapshot at %d: %w", index, err)
	}
	*s = next
	return nil
}

// install replaces everything by snap, which came from another node, or is what a new node begins with.
func (s *Store) install(tx *storage.WriteTx, snap *raftpb.Snapshot) error {
	at := place{index: snap.GetMetadata().GetIndex(), term: snap.GetMetadata().GetTerm()}
	if have := s.metadata.GetIndex(); have != 0 && have >= at.index {
		return raft.ErrSnapOutOfDate
	}
	if s.last > s.compacted.index {
		if err := tx.Drop(logTree); err != nil {
			return err
		}
	}
	s.metadata = raftpb.EnsureSnapshotMetadata(proto.CloneOf(snap.GetMetadata()))
	s.compacted, s.last = at, at.index
	if err := s.putSnapshot(tx, snap.GetData()); err != nil {
		return err
	}
	return putState(tx, compactedKey, appendPlace(nil, at))
}

func (s *Store) putSnapshot(tx *storage.WriteTx, data []byte) error {
	metadata, err := appendMetadata(nil, s.metadata)
	if err != nil {
		return err
	}
	if err := putState(tx, metadataKey, metadata); err != nil {
		return err
	}
	return putState(tx, dataKey, data)
}

func (s *Store) raiseCommit(tx *storage.WriteTx, index uint64) error {
	if s.hard.GetCommit() >= index {
		return nil
	}
	s.hard = &raftpb.HardState{Term: new(s.hard.GetTerm()), Vote: new(s.hard.GetVote()), Commit: &index}
	return putState(tx, hardStateKey, appendHardState(nil, s.hard))
}

// compact removes the log up to index.
func (s *Store) compact(tx *storage.WriteTx, index uint64) error {
	if index <= s.compacted.index {
		return nil
	}
	term, err := termAt(tx, index)
	if err != nil {
		return err
	}
	if err := deleteEntries(tx, s.compacted.index+1, index); err != nil {
		return err
	}
	s.compacted = place{index: index, term: term}
	return putState(tx, compactedKey, appendPlace(nil, s.compacted))
}
