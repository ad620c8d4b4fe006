package cluster

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// stateVersion is the version of the form below. A reader refuses higher ones.
const stateVersion = 1

// storedState is a State as snapshots hold it; docs/format/raft.md says the same.
type storedState struct {
	Version      int
	Index        uint64
	ClusterID    string
	Nodes        []Node
	TopologyEtag uint64
	Client       *ClientConfiguration `json:",omitempty"`
	Databases    []storedDatabase
	Requests     []request
}

// storedDatabase is a Database as snapshots hold it.
type storedDatabase struct {
	Name      string
	ID        string
	Etag      uint64
	Disabled  bool
	LockMode  LockMode
	Deletion  Deletion
	Encrypted bool `json:",omitempty"`
	Topology  Topology
	Settings  map[string]string
	Client    *ClientConfiguration `json:",omitempty"`
	Rest      json.RawMessage      // an object
}

// AppendState appends s as snapshots hold it. Equal States give equal bytes.
func AppendState(dst []byte, s *State) []byte {
	stored := storedState{
		Version: stateVersion, Index: s.Index, ClusterID: s.ClusterID, Nodes: s.Nodes, TopologyEtag: s.TopologyEtag,
		Client: s.Client, Databases: []storedDatabase{}, Requests: s.requests,
	}
	for d := range s.AllDatabases() {
		rest := []byte{'{'}
		for i, f := range d.rest {
			if i > 0 {
				rest = append(rest, ',')
			}
			rest = appendMember(rest, f)
		}
		stored.Databases = append(stored.Databases, storedDatabase{
			Name: d.Name, ID: d.ID, Etag: d.Etag, Disabled: d.Disabled, LockMode: d.LockMode, Deletion: d.Deletion,
			Encrypted: d.Encrypted, Topology: d.Topology, Settings: d.Settings, Client: d.Client, Rest: append(rest, '}'),
		})
	}
	return append(dst, mustMarshal(stored)...)
}

// DecodeState reads what AppendState wrote. Errors: *DecodeError, *NewerVersionError.
func DecodeState(data []byte) (*State, error) {
	var stored storedState
	if err := json.Unmarshal(data, &stored); err != nil {
		return nil, &DecodeError{What: "cluster state", Cause: err}
	}
	if stored.Version > stateVersion {
		return nil, &NewerVersionError{What: "cluster state", Version: stored.Version, Known: stateVersion}
	}
	s, err := stored.state()
	if err != nil {
		return nil, &DecodeError{What: "cluster state", Cause: err}
	}
	return s, nil
}

func (stored *storedState) state() (*State, error) {
	s := &State{
		Index: stored.Index, ClusterID: stored.ClusterID, Nodes: stored.Nodes, TopologyEtag: stored.TopologyEtag,
		Client: stored.Client, databases: make(map[string]*Database, len(stored.Databases)), requests: stored.Requests,
	}
	if len(s.Nodes) == 0 || s.ClusterID == "" {
		return nil, errors.New("it has no nodes or no cluster id")
	}
	for _, n := range s.Nodes {
		if !validTag(n.Tag) {
			return nil, fmt.Errorf("node tag %q is none", n.Tag)
		}
	}
	if !slices.IsSortedFunc(s.Nodes, func(a, b Node) int { return cmp.Compare(a.Tag, b.Tag) }) {
		return nil, errors.New("its nodes are not sorted")
	}
	for i := range stored.Databases {
		d, err := stored.Databases[i].database()
		if err != nil {
			return nil, err
		}
		if _, ok := s.databases[Key(d.Name)]; ok {
			return nil, fmt.Errorf("database %q stands there twice", d.Name)
		}
		s.databases[Key(d.Name)] = d
	}
	return s, nil
}

func (stored *storedDatabase) database() (*Database, error) {
	if err := ValidateName(stored.Name); err != nil {
		return nil, err
	}
	if !validDatabaseID(stored.ID) || !stored.LockMode.valid() {
		return nil, fmt.Errorf("database %q has the id %q and the lock mode %q", stored.Name, stored.ID, stored.LockMode)
	}
	if !writable(stored.Topology.Stamp.At) || !writable(stored.Topology.NodesModifiedAt) {
		return nil, fmt.Errorf("database %q has times out of range", stored.Name)
	}
	switch stored.Deletion {
	case NotDeleting, SoftDelete, HardDelete:
	default:
		return nil, fmt.Errorf("database %q has the deletion %q", stored.Name, stored.Deletion)
	}
	rest, err := parseObject(stored.Rest)
	if err != nil {
		return nil, fmt.Errorf("database %q: %w", stored.Name, err)
	}
	return &Database{
		Name: stored.Name, ID: stored.ID, Etag: stored.Etag, Disabled: stored.Disabled, LockMode: stored.LockMode,
		Deletion: stored.Deletion, Encrypted: stored.Encrypted, Topology: stored.Topology, Settings: stored.Settings, Client: stored.Client, rest: rest,
	}, nil
}
