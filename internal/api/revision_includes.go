package api

import (
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// includedRevision is a revision that comes with a document.
type includedRevision struct {
	before string // the date that it was asked for by; empty where it was by its change vector
	found  foundDocument
}

func wantsRevisions(p params) bool { return p.has("revisions") || p.has("revisionsBefore") }

// includeRevisions loads the revisions that the found documents name, by change vectors below the paths of "revisions", each once; and those of
// the documents themselves that were in force at the date of "revisionsBefore". What is not there is left out.
func includeRevisions(tx storage.Tx, store *docstore.Store, found []foundDocument, p params) ([]includedRevision, error) {
	if !wantsRevisions(p) {
		return nil, nil
	}
	var list []includedRevision
	seen := map[string]bool{}
	var failed error
	for i := range found {
		if !found[i].ok {
			continue
		}
		for _, path := range p.all("revisions") {
			found[i].doc.Data.Root().Walk(path, func(v jsondoc.Value) bool {
				if v.Kind() != jsondoc.String || seen[v.Str()] {
					return true
				}
				seen[v.Str()] = true
				var r includedRevision
				if r.found.doc, r.found.ok, failed = store.RevisionAt(tx, v.Str()); r.found.ok {
					list = append(list, r)
				}
				return failed == nil
			})
			if failed != nil {
				return nil, failed
			}
		}
	}
	dated, err := revisionsInForce(tx, store, found, p.get("revisionsBefore"))
	return append(list, dated...), err
}

func revisionsInForce(tx storage.Tx, store *docstore.Store, found []foundDocument, before string) ([]includedRevision, error) {
	if before == "" {
		return nil, nil
	}
	at, err := parseDate(before)
	if err != nil {
		return nil, &invalidError{what: "parameter revisionsBefore", value: before, want: "a date such as 2024-01-02T03:04:05.0000000Z"}
	}
	var list []includedRevision
	for i := range found {
		if !found[i].ok {
			continue
		}
		r := includedRevision{before: before}
		if r.found.doc, r.found.ok, err = store.RevisionBefore(tx, found[i].doc.ID, at); err != nil {
			return nil, err
		}
		if r.found.ok {
			list = append(list, r)
		}
	}
	return list, nil
}

// states are the revisions as documents, for their etag.
func states(list []includedRevision) []foundDocument {
	found := make([]foundDocument, len(list))
	for i := range list {
		found[i] = list[i].found
	}
	return found
}

// revisionIncludes appends the included revisions as a member.
func (r *reply) revisionIncludes(list []includedRevision) error {
	r.str(`,"RevisionIncludes":[`)
	for i := range list {
		if i > 0 {
			r.str(`,`)
		}
		r.str(`{"Id":`)
		r.quote(list[i].found.doc.ID)
		r.str(`,"ChangeVector":`)
		r.quote(list[i].found.doc.ChangeVector)
		if list[i].before != "" {
			r.str(`,"Before":`)
			r.quote(list[i].before)
		}
		r.str(`,"Revision":`)
		if err := r.document(&list[i].found, false); err != nil {
			return err
		}
		r.str(`}`)
	}
	r.str(`]`)
	return nil
}
