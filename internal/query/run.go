package query

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// Result is the answer to a query in one snapshot. Rows and Includes read on in the transaction that Run was given.
type Result struct {
	IndexName string // see Plan.IndexName
	Total     int64  // how many documents match, whatever the page
	Etag      int64  // another one whenever the answer may have changed; the same as long as no document did

	plan     *Plan
	tx       storage.Tx
	store    *docstore.Store
	page     Page
	found    []docstore.Document // of accessIDs, in the order of the answer
	included includeSet
}

// Run counts the matches and prepares the rows. page comes from the request; a limit clause in the query goes first, see limits.
//
// Errors are those of the store.
func (p *Plan) Run(tx storage.Tx, store *docstore.Store, page Page) (*Result, error) {
	r := &Result{IndexName: p.IndexName(), plan: p, tx: tx, store: store, page: p.limits.page(page)}
	source, err := p.sourceState(tx, store)
	if err != nil {
		return nil, fmt.Errorf("read the state of %s: %w", r.IndexName, err)
	}
	if r.Total, err = r.count(source.documents); err != nil {
		return nil, fmt.Errorf("count the matches in %s: %w", r.IndexName, err)
	}
	r.Etag = p.etag(source, r.page)
	return r, nil
}

// count returns how many documents match; all is how many the source has.
func (r *Result) count(all int64) (int64, error) {
	switch r.plan.access.kind {
	case accessAll:
		return all, nil
	case accessIDs:
		err := r.findIDs()
		return int64(len(r.found)), err
	case accessPrefix:
		return r.countPrefix()
	default:
		return 0, nil
	}
}

// findIDs reads the documents with the ids. Without an order of its own the query has them as the collection does: the one
// written last comes last.
func (r *Result) findIDs() error {
	ids := r.plan.access.ids
	switch r.plan.order {
	case orderIDUp:
		ids = sortedIDs(ids, 1)
	case orderIDDown:
		ids = sortedIDs(ids, -1)
	case orderStored: // sorted below, when the etags are known
	}
	for _, id := range ids {
		doc, ok, err := r.store.Get(r.tx, id)
		if err != nil {
			return err
		}
		if ok && r.plan.inSource(&doc) {
			r.found = append(r.found, doc)
		}
	}
	if r.plan.order == orderStored {
		slices.SortFunc(r.found, func(a, b docstore.Document) int { return cmp.Compare(a.Etag, b.Etag) })
	}
	return nil
}

func (r *Result) countPrefix() (int64, error) {
	var n int64
	for _, err := range r.plan.byID(r.tx, r.store) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// inSource reports whether the document belongs to what the query reads.
func (p *Plan) inSource(doc *docstore.Document) bool {
	return p.all || doc.Collection == p.collection || fold(doc.Collection) == fold(p.collection)
}
