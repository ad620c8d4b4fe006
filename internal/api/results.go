package api

import (
	"encoding/binary"
	"encoding/hex"
	"iter"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// foundDocument is what a lookup gave; the document lies in pages of the snapshot.
type foundDocument struct {
	doc docstore.Document
	ok  bool
}

func (f *foundDocument) load(tx storage.Tx, store *docstore.Store, id string) (err error) {
	f.doc, f.ok, err = getDocument(tx, store, id)
	return err
}

// document appends f, or null.
func (r *reply) document(f *foundDocument, metadataOnly bool) error {
	switch {
	case !f.ok:
		r.str(`null`)
	case metadataOnly:
		r.body = f.doc.AppendMetadataOnly(r.body)
	default:
		r.body = f.doc.AppendJSON(r.body)
	}
	return r.spill()
}

// includes appends the included documents as an object from id to document.
func (r *reply) includes(related []foundDocument) error {
	r.str(`{`)
	for i := range related {
		if i > 0 {
			r.str(`,`)
		}
		r.quote(related[i].doc.ID)
		r.str(`:`)
		if err := r.document(&related[i], false); err != nil {
			return err
		}
	}
	r.str(`}`)
	return nil
}

// listing answers with a sequence of documents. Its etag changes with every write to the database: coarse, but known
// before the first document is read, so that the answer can flow.
func (r *request) listing(tx *storage.ReadTx, docs iter.Seq2[docstore.Document, error], metadataOnly bool) error {
	stats, err := r.db.Store().Stats(tx)
	if err != nil {
		return err
	}
	if r.notModified(strconv.FormatInt(stats.LastEtag, 10) + "-" + r.db.ID()) {
		return nil
	}
	r.str(`{"Results":[`)
	if err := r.documents(docs, metadataOnly); err != nil {
		return err
	}
	r.str(`],"Includes":{}}`)
	return nil
}

// documents appends a sequence of documents with commas between, and lets what is there flow.
func (r *reply) documents(docs iter.Seq2[docstore.Document, error], metadataOnly bool) error {
	first := true
	for doc, err := range docs {
		if err != nil {
			return err
		}
		if !first {
			r.str(`,`)
		}
		first = false
		if err := r.document(&foundDocument{doc: doc, ok: true}, metadataOnly); err != nil {
			return err
		}
	}
	return nil
}

// skipTake passes on at most take documents after the first skip ones.
func skipTake(docs iter.Seq2[docstore.Document, error], skip, take int) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		n := 0
		if take == 0 {
			return
		}
		for doc, err := range docs {
			if err == nil && n < skip {
				n++
				continue
			}
			n++
			if !yield(doc, err) || n-skip >= take {
				return
			}
		}
	}
}

// resolveIncludes loads the documents to which the given paths of the found ones refer, each once, those already found
// left out. Values that are no strings and ids of missing documents are passed over.
func resolveIncludes(tx storage.Tx, store *docstore.Store, found []foundDocument, paths []string) ([]foundDocument, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	seen := make(map[string]bool, len(found))
	for i := range found {
		if found[i].ok {
			seen[strings.ToLower(found[i].doc.ID)] = true
		}
	}
	var related []foundDocument
	var failed error
	for i := range found {
		if !found[i].ok {
			continue
		}
		for _, path := range paths {
			found[i].doc.Data.Root().Walk(path, func(v jsondoc.Value) bool {
				if v.Kind() != jsondoc.String {
					return true
				}
				id := v.Str()
				key := strings.ToLower(id)
				if id == "" || seen[key] {
					return true
				}
				seen[key] = true
				var f foundDocument
				if failed = f.load(tx, store, id); failed != nil {
					return false
				}
				if f.ok {
					related = append(related, f)
				}
				return true
			})
			if failed != nil {
				return nil, failed
			}
		}
	}
	return related, nil
}

// etagOf is a hash over the change vectors of all that is returned, missing documents included.
func etagOf(groups ...[]foundDocument) string {
	h := xxh3.New()
	for _, group := range groups {
		for i := range group {
			if group[i].ok {
				_, _ = h.WriteString(group[i].doc.ID)
				_, _ = h.WriteString(group[i].doc.ChangeVector)
			}
			_, _ = h.WriteString("\x00")
		}
		_, _ = h.WriteString("\x01")
	}
	var sum [16]byte
	s := h.Sum128()
	binary.BigEndian.PutUint64(sum[:], s.Hi)
	binary.BigEndian.PutUint64(sum[8:], s.Lo)
	return hex.EncodeToString(sum[:])
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte { return jsondoc.AppendString(dst, s) }
