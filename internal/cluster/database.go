package cluster

import (
	"slices"
	"time"
)

// Database is what the cluster has decided about one database: its record. It is immutable.
type Database struct {
	Name     string
	ID       string // 22 characters of base64, in change vectors
	Etag     uint64 // of the record: the log index of its last change
	Disabled bool
	LockMode LockMode
	Deletion Deletion
	// Encrypted says that each copy is encrypted, with a key of its node's own. It is decided when the database is made.
	Encrypted bool
	Topology  Topology
	Settings  map[string]string    // keys as they were given, known or not
	Client    *ClientConfiguration // nil when it has none of its own

	rest []field // other members of the record as they were put, in their order
}

// LockMode says what an attempt to delete a database does.
type LockMode string

// The lock modes.
const (
	Unlock               LockMode = "Unlock"
	PreventDeletesIgnore LockMode = "PreventDeletesIgnore" // nothing is deleted, no error
	PreventDeletesError  LockMode = "PreventDeletesError"  // *LockModeError
)

func (m LockMode) valid() bool {
	return m == Unlock || m == PreventDeletesIgnore || m == PreventDeletesError
}

// Deletion says whether a database is on its way out.
type Deletion string

// The stages.
const (
	NotDeleting Deletion = "No"
	SoftDelete  Deletion = "SoftDelete" // files stay
	HardDelete  Deletion = "HardDelete" // files are erased
)

// Topology says which nodes hold a database.
type Topology struct {
	Members              []string // node tags in the order of preference
	ReplicationFactor    int
	TopologyID           string // 22 characters of base64
	ClusterTransactionID string // 22 characters of base64
	Stamp                Stamp
	NodesModifiedAt      time.Time
}

// Stamp says when a topology was decided.
type Stamp struct {
	Index, Term uint64
	At          time.Time
}

// Has reports whether the node called tag holds the database.
func (t *Topology) Has(tag string) bool { return slices.Contains(t.Members, tag) }

// changed returns a copy of d that says it was changed by entry e.
func (d *Database) changed(e Entry) *Database {
	next := *d
	next.Etag = e.Index
	return &next
}

// Field returns a member of the record that the cluster only keeps, as it was put; nil when there is none.
func (d *Database) Field(name string) []byte {
	for _, f := range d.rest {
		if f.name == name {
			return f.value
		}
	}
	return nil
}
