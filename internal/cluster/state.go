package cluster

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// State is what the cluster has decided, up to one entry of the log. It is immutable: Apply makes a new one. What it
// refers to is shared with other States and must not be changed.
type State struct {
	Index     uint64 // of the last log entry in it; 1 in a new cluster
	ClusterID string // a GUID, the same for ever
	Nodes     []Node // sorted by tag; at least one

	// TopologyEtag grows with each change of Nodes.
	TopologyEtag uint64
	// Client is the client configuration for databases that have none of their own; nil when there is none.
	Client *ClientConfiguration

	databases map[string]*Database // by Key(Name); also those being deleted
	requests  []request            // the newest requestsMax applied ones with an id, oldest first
}

// Node is one server of the cluster.
type Node struct {
	Tag string // 1 to 4 upper-case letters
	URL string // by which clients and nodes reach it; empty until it is known
}

// newState returns the State that a cluster of one begins with.
func newState(clusterID string, node Node) *State {
	return &State{
		Index: 1, ClusterID: clusterID, Nodes: []Node{node}, TopologyEtag: 1, databases: map[string]*Database{},
	}
}

// Database returns the database called name, in any case. One that is being deleted is not there any more.
func (s *State) Database(name string) (*Database, bool) {
	d, ok := s.databases[Key(name)]
	if !ok || d.Deletion != NotDeleting {
		return nil, false
	}
	return d, true
}

// Databases yields the databases sorted by name, without those that are being deleted.
func (s *State) Databases() iter.Seq[*Database] {
	return func(yield func(*Database) bool) {
		for d := range s.AllDatabases() {
			if d.Deletion == NotDeleting && !yield(d) {
				return
			}
		}
	}
}

// AllDatabases yields the databases sorted by name, also those that are being deleted.
func (s *State) AllDatabases() iter.Seq[*Database] {
	return slices.Values(slices.SortedFunc(maps.Values(s.databases), func(a, b *Database) int {
		return cmp.Or(cmp.Compare(Key(a.Name), Key(b.Name)), cmp.Compare(a.Name, b.Name))
	}))
}

// DatabaseTopologyEtag returns the etag of d's topology: it grows when the nodes of d change, or any node's URL.
func (s *State) DatabaseTopologyEtag(d *Database) uint64 {
	return max(d.Topology.Stamp.Index, s.TopologyEtag)
}

// ClientConfiguration returns the configuration that clients of d follow: its own, else that of the cluster, else nil.
func (s *State) ClientConfiguration(d *Database) *ClientConfiguration {
	if d != nil && d.Client != nil {
		return d.Client
	}
	return s.Client
}

// Node returns the node called tag.
func (s *State) Node(tag string) (Node, bool) {
	i, ok := s.findNode(tag)
	if !ok {
		return Node{}, false
	}
	return s.Nodes[i], true
}

func (s *State) findNode(tag string) (int, bool) {
	return slices.BinarySearchFunc(s.Nodes, tag, func(n Node, tag string) int { return cmp.Compare(n.Tag, tag) })
}

// with returns a copy of s in which d stands under its name. s keeps what it had.
func (s *State) with(d *Database) *State {
	next := *s
	next.databases = maps.Clone(s.databases)
	next.databases[Key(d.Name)] = d
	return &next
}

// without returns a copy of s that lacks the database called name.
func (s *State) without(name string) *State {
	next := *s
	next.databases = maps.Clone(s.databases)
	delete(next.databases, Key(name))
	return &next
}
