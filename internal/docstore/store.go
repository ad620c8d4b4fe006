package docstore

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/table"
)

// Options says what a store has to know. All fields are required.
type Options struct {
	NodeTag    string           // the node's tag in change vectors and in ids made here: 1 to 4 capital letters
	DatabaseID string           // 22 characters of base64
	Now        func() time.Time // the time of a write
	Rand       *rand.Rand       // for ids that are GUIDs; used by writes only, so not by two goroutines at once
}

// Store is the documents of one database. All it holds is what New was given, and memory to work in: what is stored is in
// the environment of the transaction that a method gets.
type Store struct {
	tag, databaseID string
	now             func() time.Time
	rand            *rand.Rand
	documents       *table.Table
	tombstones      *table.Table
	revisions       *table.Table
	policies        atomic.Pointer[RevisionPolicies]
	names           names
	writing         write      // of the one writer
	written         *[]Written // where the one writer notes what it did; nil: nowhere
}

// New returns a store. It panics when something is missing in o.
func New(o Options) *Store {
	invariant.Assert(o.NodeTag != "" && o.DatabaseID != "", "a store needs a node tag and a database id")
	invariant.Assert(o.Now != nil && o.Rand != nil, "a store needs a clock and a random source")
	s := &Store{
		tag: o.NodeTag, databaseID: o.DatabaseID, now: o.Now, rand: o.Rand,
		documents: newDocuments(), tombstones: newTombstones(), revisions: newRevisions(),
	}
	return s
}
