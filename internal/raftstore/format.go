package raftstore

import (
	"encoding/binary"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/rookerydb/rookery/internal/storage"
)

// Names of the trees in the environment.
const (
	logTree   = "raft.log"   // index, 8 bytes big endian -> entry
	stateTree = "raft.state" // the keys below
)

// Keys of stateTree.
const (
	hardStateKey = "hard-state" // term, vote, commit
	compactedKey = "compacted"  // index, term of the last entry that is gone
	metadataKey  = "snapshot-metadata"
	dataKey      = "snapshot-data"
)

// Layout of an entry, big endian:
//
//	offset  bytes  what
//	0       8      term
//	8       1      type: 0 normal, 1 change of members, 2 change of members by joint consensus
//	9       …      data
const (
	entryTypeOff = 8
	entryDataOff = 9
)

func appendKey(dst []byte, index uint64) []byte { return binary.BigEndian.AppendUint64(dst, index) }

func decodeKey(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, &CorruptError{What: "log", Why: "has a key that is no index"}
	}
	return binary.BigEndian.Uint64(b), nil
}

func appendEntry(dst []byte, e *raftpb.Entry) []byte {
	dst = binary.BigEndian.AppendUint64(dst, e.GetTerm())
	dst = append(dst, byte(e.GetType()))
	return append(dst, e.GetData()...)
}

// decodeEntry copies what it keeps of b. An entry without data has nil data.
func decodeEntry(index uint64, b []byte) (*raftpb.Entry, error) {
	if len(b) < entryDataOff {
		return nil, &CorruptError{What: "entry", Why: "is shorter than its header"}
	}
	kind := raftpb.EntryType(b[entryTypeOff])
	if _, ok := raftpb.EntryType_name[int32(kind)]; !ok {
		return nil, &CorruptError{What: "entry", Why: "has an unknown type"}
	}
	e := &raftpb.Entry{Index: &index, Term: new(binary.BigEndian.Uint64(b)), Type: &kind}
	if len(b) > entryDataOff {
		e.Data = append([]byte(nil), b[entryDataOff:]...)
	}
	return e, nil
}

// entryTerm reads the term alone.
func entryTerm(b []byte) (uint64, error) {
	if len(b) < entryDataOff {
		return 0, &CorruptError{What: "entry", Why: "is shorter than its header"}
	}
	return binary.BigEndian.Uint64(b), nil
}

// Layout of the hard state, big endian: term 8 bytes, vote 8 bytes, commit 8 bytes.
const hardStateBytes = 24

func appendHardState(dst []byte, h *raftpb.HardState) []byte {
	dst = binary.BigEndian.AppendUint64(dst, h.GetTerm())
	dst = binary.BigEndian.AppendUint64(dst, h.GetVote())
	return binary.BigEndian.AppendUint64(dst, h.GetCommit())
}

func decodeHardState(b []byte) (*raftpb.HardState, error) {
	if len(b) != hardStateBytes {
		return nil, &CorruptError{What: "hard state", Why: "does not have 24 bytes"}
	}
	return &raftpb.HardState{
		Term:   new(binary.BigEndian.Uint64(b)),
		Vote:   new(binary.BigEndian.Uint64(b[8:])),
		Commit: new(binary.BigEndian.Uint64(b[16:])),
	}, nil
}

// place is an index in the log and the term of the entry there. Layout, big endian: index 8 bytes, term 8 bytes.
type place struct{ index, term uint64 }

const placeBytes = 16

func appendPlace(dst []byte, p place) []byte {
	dst = binary.BigEndian.AppendUint64(dst, p.index)
	return binary.BigEndian.AppendUint64(dst, p.term)
}

func decodePlace(b []byte) (place, error) {
	if len(b) != placeBytes {
		return place{}, &CorruptError{What: "compaction point", Why: "does not have 16 bytes"}
	}
	return place{index: binary.BigEndian.Uint64(b), term: binary.BigEndian.Uint64(b[8:])}, nil
}

// The metadata of a snapshot (index, term, members) is a protobuf message of the Raft library: raftpb.SnapshotMetadata.
func appendMetadata(dst []byte, m *raftpb.SnapshotMetadata) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.MarshalAppend(dst, m)
}

func decodeMetadata(b []byte) (*raftpb.SnapshotMetadata, error) {
	var m raftpb.SnapshotMetadata
	if err := proto.Unmarshal(b, &m); err != nil {
		return nil, &CorruptError{What: "snapshot metadata", Why: err.Error()}
	}
	return raftpb.EnsureSnapshotMetadata(&m), nil
}

// stateValue returns the bytes stored under key of stateTree, in place; ok is false when there are none.
func stateValue(tx storage.Tx, key string) (value []byte, ok bool, err error) {
	tree, ok := tx.Tree(stateTree)
	if !ok {
		return nil, false, nil
	}
	return tree.Get([]byte(key))
}
