package query

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// Rows yields the page of the answer, one document at a time. It ends at its first error.
//
// Documents of a source come in the order of their last writes, those by ids in the order of the ids asked for, those by a
// prefix in the order of their ids; order by id() overrules that. Data lies in pages: valid until the transaction ends.
// Every row that is yielded adds to what Includes returns.
func (r *Result) Rows() iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		if r.page.Size <= 0 {
			return
		}
		skip, left := r.page.Start, r.page.Size
		for doc, err := range r.matches() {
			if err != nil {
				yield(docstore.Document{}, err)
				return
			}
			if skip > 0 {
				skip--
				continue
			}
			r.included.add(doc.Data, r.plan.includes)
			left--
			if !yield(doc, nil) || left == 0 {
				return
			}
		}
	}
}

// matches yields all documents of the answer in their order.
func (r *Result) matches() iter.Seq2[docstore.Document, error] {
	p := r.plan
	switch {
	case p.access.kind == accessNone:
		return func(func(docstore.Document, error) bool) {}
	case p.access.kind == accessIDs:
		return each(r.found)
	case p.order == orderIDDown:
		return p.byIDDown(r.tx, r.store, sortedIDsMax)
	case p.access.kind == accessPrefix, p.order == orderIDUp:
		return p.byID(r.tx, r.store)
	case p.all:
		return r.store.Since(r.tx, 0, 0)
	default:
		return r.store.InCollection(r.tx, p.collection, 0)
	}
}

func each(docs []docstore.Document) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		for _, doc := range docs {
			if !yield(doc, nil) {
				return
			}
		}
	}
}

// byID yields the documents of the source whose ids begin with the prefix (all of them when there is none), by id. It passes
// over the documents of other collections.
func (p *Plan) byID(tx storage.Tx, store *docstore.Store) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		for doc, err := range store.ByPrefix(tx, docstore.PrefixQuery{Prefix: p.access.prefix}) {
			if err == nil && !p.inSource(&doc) {
				continue
			}
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// byIDDown is byID the other way round. The store reads ids upwards, so the ids are noted first, most of them at most, and the
// documents read after.
func (p *Plan) byIDDown(tx storage.Tx, store *docstore.Store, most int) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		var ids []string
		for doc, err := range p.byID(tx, store) {
			if err == nil && len(ids) == most {
				err = &TooManyError{Max: most}
			}
			if err != nil {
				yield(docstore.Document{}, err)
				return
			}
			ids = append(ids, doc.ID)
		}
		for _, id := range slices.Backward(ids) {
			doc, ok, err := store.Get(tx, id)
			if ok || err != nil {
				if !yield(doc, err) || err != nil {
					return
				}
			}
		}
	}
}

// sortedIDs returns a sorted copy, in the order in which the store has them times direction.
func sortedIDs(ids []string, direction int) []string {
	return slices.SortedFunc(slices.Values(ids), func(a, b string) int { return direction * cmp.Compare(fold(a), fold(b)) })
}
