package raftstore

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/rookerydb/rookery/internal/storage"
)

// Batch is what one Ready of the Raft library asks to be made durable. Each part may be missing.
type Batch struct {
	HardState *raftpb.HardState
	Entries   []*raftpb.Entry  // follow on what is stored, or overwrite its end
	Snapshot  *raftpb.Snapshot // replaces the whole log
}

// Save makes b durable in one transaction: snapshot first, then entries, then hard state. Entries overwrite what is
// stored from their first index on; those that a snapshot has replaced already are left out.
//
// On an error nothing has changed. raft.ErrSnapOutOfDate: the snapshot is older than the one here. Others are storage's;
// after a *storage.DiskFullError the same batch may be saved again.
func (s *Store) Save(b Batch) error {
	next := *s
	err := s.env.Update(func(tx *storage.WriteTx) error { return next.save(tx, b) })
	if err != nil {
		return err
	}
	*s = next
	return nil
}

// save writes b and moves the copy that it is called on.
func (s *Store) save(tx *storage.WriteTx, b Batch) error {
	if !raft.IsEmptySnap(b.Snapshot) {
		if err := s.install(tx, b.Snapshot); err != nil {
			return fmt.Errorf("install snapshot: %w", err)
		}
	}
	if err := s.append(tx, b.Entries); err != nil {
		return fmt.Errorf("append to raft log: %w", err)
	}
	if raft.IsEmptyHardState(b.HardState) {
		return nil
	}
	s.hard = proto.CloneOf(b.HardState)
	return putState(tx, hardStateKey, appendHardState(nil, b.HardState))
}

// append writes entries and removes what stood behind the last of them.
func (s *Store) append(tx *storage.WriteTx, entries []*raftpb.Entry) error {
	for len(entries) > 0 && entries[0].GetIndex() <= s.compacted.index {
		entries = entries[1:]
	}
	if len(entries) == 0 {
		return nil
	}
	first, last := entries[0].GetIndex(), entries[len(entries)-1].GetIndex()
	if first > s.last+1 || last-first != uint64(len(entries)-1) {
		panic(fmt.Sprintf("BUG: %d entries from %d to %d do not follow on %d", len(entries), first, last, s.last))
	}
	if err := deleteEntries(tx, last+1, s.last); err != nil {
		return err
	}
	log, err := tx.WriteTree(logTree)
	if err != nil {
		return err
	}
	var key [8]byte
	var value []byte
	for _, e := range entries {
		value = appendEntry(value[:0], e)
		if err := log.Put(appendKey(key[:0], e.GetIndex()), value); err != nil {
			return err
		}
	}
	s.last = last
	return nil
}

// deleteEntries removes the entries from first to last, both included; all of them are there.
func deleteEntries(tx *storage.WriteTx, first, last uint64) error {
	if first > last {
		return nil
	}
	log, err := tx.WriteTree(logTree)
	if err != nil {
		return err
	}
	var key [8]byte
	for i := first; i <= last; i++ {
		ok, err := log.Delete(appendKey(key[:0], i))
		if err != nil {
			return err
		}
		if !ok {
			return missing(i)
		}
	}
	return nil
}

func putState(tx *storage.WriteTx, key string, value []byte) error {
	tree, err := tx.WriteTree(stateTree)
	if err != nil {
		return err
	}
	return tree.Put([]byte(key), value)
}
