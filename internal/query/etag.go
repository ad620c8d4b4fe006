package query

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/rql"
	"github.com/rookerydb/rookery/internal/storage"
)

// sourceState says how far a source has come. Etags only grow, and a write gives its document a new one. So as long as the
// newest etag is the same nothing was written, and as long as the count is the same too, nothing was deleted.
type sourceState struct {
	documents int64
	lastEtag  int64
}

// sourceState reads the counts that are kept of the source. Includes may be of any collection: with them, it is the etag of
// the whole store, which deletes raise as well.
func (p *Plan) sourceState(tx storage.Tx, store *docstore.Store) (sourceState, error) {
	var state sourceState
	var err error
	if p.all || len(p.includes) > 0 {
		stats, err := store.Stats(tx)
		if err != nil {
			return state, err
		}
		state = sourceState{stats.Documents, stats.LastEtag}
	} else if state.lastEtag, err = p.newestInCollection(tx, store); err != nil {
		return state, err
	}
	if !p.all {
		state.documents, err = p.countCollection(tx, store)
	}
	return state, err
}

func (p *Plan) countCollection(tx storage.Tx, store *docstore.Store) (int64, error) {
	all, err := store.Collections(tx)
	if err != nil {
		return 0, err
	}
	key := fold(p.collection)
	for _, c := range all {
		if fold(c.Name) == key {
			return c.Documents, nil
		}
	}
	return 0, nil
}

// newestInCollection returns the etag of the last written document, 0 when there is none.
func (p *Plan) newestInCollection(tx storage.Tx, store *docstore.Store) (int64, error) {
	for doc, err := range store.InCollectionNewest(tx, p.collection) {
		return doc.Etag, err
	}
	return 0, nil
}

// identity hashes what was asked.
func identity(q *rql.Query, params jsondoc.Doc) uint64 {
	h := fnv.New64a()
	h.Write([]byte(q.String()))
	h.Write([]byte{0})
	if len(params) > 0 {
		h.Write(params.Text())
	}
	return h.Sum64()
}

// etag hashes what was asked together with how far the source has come (FNV-1a, 64 bits).
func (p *Plan) etag(s sourceState, page Page) int64 {
	b := make([]byte, 0, 40)
	for _, n := range [...]uint64{p.identity, uint64(s.documents), uint64(s.lastEtag), uint64(page.Start), uint64(page.Size)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	h := fnv.New64a()
	h.Write(b)
	return int64(h.Sum64())
}
