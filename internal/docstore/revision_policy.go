package docstore

import (
	"bytes"
	"time"
)

// RevisionPolicy says which revisions of a document are kept. The zero policy keeps all.
type RevisionPolicy struct {
	Disabled      bool // makes none, and leaves those that are there
	PurgeOnDelete bool // a delete removes all revisions of the document, instead of being one
	// Keep is how many of the newest are kept, and KeepAge how long each is kept. Where both are set, only what is beyond both goes. Nil and
	// zero set no bound.
	Keep    *int64
	KeepAge time.Duration
	// DeletesMax bounds how many one write of the document removes. Zero sets no bound.
	DeletesMax int64
}

// RevisionPolicies are those of a database. Collections without one of their own have Default; nil keeps no revisions there. It never applies
// to the documents of ranges of ids, which are written all the time and tell nothing of the past.
type RevisionPolicies struct {
	Default     *RevisionPolicy
	Collections map[string]RevisionPolicy // by lower-case name
}

// SetRevisionPolicies puts other policies into force, for all writes that begin after it. Nil keeps no revisions. p must not be changed any more.
func (s *Store) SetRevisionPolicies(p *RevisionPolicies) { s.policies.Store(p) }

// hiLoKey is the key of the collection that ranges of ids are in.
var hiLoKey = []byte("@hilo\x00")

// revisionPolicy returns the policy of a collection in force; nil when it keeps none. key has the zero byte behind.
func (s *Store) revisionPolicy(key []byte) *RevisionPolicy {
	p := s.policies.Load()
	if p == nil {
		return nil
	}
	if own, ok := p.Collections[string(bytes.TrimSuffix(key, []byte{0}))]; ok {
		return own.inForce()
	}
	if bytes.Equal(key, hiLoKey) {
		return nil
	}
	return p.Default.inForce()
}

func (p *RevisionPolicy) inForce() *RevisionPolicy {
	if p == nil || p.Disabled {
		return nil
	}
	return p
}
