package docstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
)

// RevisionPolicy says which revisions of a document are kept. The zero policy keeps all.
type RevisionPolicy struct {
	Disabled      bool // makes none, and leaves those that are there
	PurgeOnDelete bool // a delete removes all revisions of the document, instead of being one
	// Keep is how many of the newest are kept, and KeepAge how long each is kept. Where both are set, only what is beyond both goes. Nil and an
	// age of zero set no bound.
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

// PolicyError reports a configuration of revisions that cannot be followed.
type PolicyError struct {
	Where string // "Default", a collection, or empty for all of it
	Why   string
}

// Kind implements the fault package's contract.
func (e *PolicyError) Kind() fault.Kind { return fault.Invalid }

func (e *PolicyError) Error() string {
	if e.Where == "" {
		return "configuration of revisions: " + e.Why
	}
	return fmt.Sprintf("configuration of revisions, %s: %s", e.Where, e.Why)
}

// policyJSON is a policy as clients put it.
type policyJSON struct {
	Disabled                                   bool
	PurgeOnDelete                              bool
	MinimumRevisionsToKeep                     *int64
	MinimumRevisionAgeToKeep                   *string
	MaximumRevisionsToDeleteUponDocumentUpdate *int64
}

// ParseRevisionPolicies reads a configuration as clients put it: an object with Default and Collections. Empty and null are no
// configuration: nil. *PolicyError.
func ParseRevisionPolicies(text []byte) (*RevisionPolicies, error) {
	var in *struct {
		Default     *policyJSON
		Collections map[string]*policyJSON
	}
	if len(text) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, &PolicyError{Why: err.Error()}
	}
	if in == nil {
		return nil, nil
	}
	out := &RevisionPolicies{Collections: make(map[string]RevisionPolicy, len(in.Collections))}
	if in.Default != nil {
		p, err := in.Default.policy("Default")
		if err != nil {
			return nil, err
		}
		out.Default = &p
	}
	for name, one := range in.Collections {
		key := string(appendFolded(nil, name))
		if _, twice := out.Collections[key]; twice {
			return nil, &PolicyError{Where: name, Why: "the collection stands twice, in different casings"}
		}
		if one == nil {
			continue
		}
		p, err := one.policy(name)
		if err != nil {
			return nil, err
		}
		out.Collections[key] = p
	}
	return out, nil
}

func (in *policyJSON) policy(where string) (RevisionPolicy, error) {
	p := RevisionPolicy{Disabled: in.Disabled, PurgeOnDelete: in.PurgeOnDelete}
	for name, n := range map[string]*int64{
		"MinimumRevisionsToKeep": in.MinimumRevisionsToKeep, "MaximumRevisionsToDeleteUponDocumentUpdate": in.MaximumRevisionsToDeleteUponDocumentUpdate,
	} {
		if n != nil && *n < 0 {
			return p, &PolicyError{Where: where, Why: fmt.Sprintf("%s is %d, it must not be below 0", name, *n)}
		}
	}
	if in.MinimumRevisionAgeToKeep != nil {
		if p.KeepAge = ParseTimeSpan(*in.MinimumRevisionAgeToKeep); p.KeepAge <= 0 {
			return p, &PolicyError{Where: where, Why: fmt.Sprintf("MinimumRevisionAgeToKeep is %q, wanted a time such as 14.00:00:00", *in.MinimumRevisionAgeToKeep)}
		}
	}
	p.Keep = in.MinimumRevisionsToKeep
	if in.MaximumRevisionsToDeleteUponDocumentUpdate != nil {
		p.DeletesMax = *in.MaximumRevisionsToDeleteUponDocumentUpdate
	}
	return p, nil
}
