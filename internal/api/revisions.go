package api

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// getRevisions serves the three readings of GET revisions: by change vectors, at a date, or all of a document, newest first.
func (h *handler) getRevisions(r *request) error {
	metadataOnly, err := r.boolParam("metadataOnly")
	if err != nil {
		return err
	}
	if vectors := r.params.all("changeVector"); len(vectors) > 0 {
		return r.revisionsAt(vectors, metadataOnly)
	}
	id, err := r.needID()
	if err != nil {
		return err
	}
	if before := r.params.get("before"); before != "" {
		return r.revisionBefore(id, before, metadataOnly)
	}
	return r.revisionsOf(id, metadataOnly)
}

// revisionsAt answers with one entry for each change vector, in their order, null where no revision keeps that state.
func (r *request) revisionsAt(vectors []string, metadataOnly bool) error {
	return r.db.View(func(tx *storage.ReadTx) error {
		store := r.db.Store()
		found := make([]foundDocument, len(vectors))
		any := false
		for i, v := range vectors {
			var err error
			if found[i].doc, found[i].ok, err = store.RevisionAt(tx, v); err != nil {
				return err
			}
			any = any || found[i].ok
		}
		if len(vectors) == 1 && !any {
			r.status = http.StatusNotFound
		} else if r.notModified(etagOf(found, nil)) {
			return nil
		}
		return r.revisionResults(found, metadataOnly, -1)
	})
}

// revisionBefore answers with the newest revision that is not from after a date.
func (r *request) revisionBefore(id, before string, metadataOnly bool) error {
	at, err := parseDate(before)
	if err != nil {
		return &invalidError{what: "parameter before", value: before, want: "a date such as 2024-01-02T03:04:05.0000000Z"}
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		doc, ok, err := r.db.Store().RevisionBefore(tx, id, at)
		if err != nil {
			return err
		}
		found := []foundDocument{{doc: doc, ok: ok}}
		if r.notModified(etagOf(found, nil)) {
			return nil
		}
		if !ok {
			found = nil
		}
		return r.revisionResults(found, metadataOnly, -1)
	})
}

// revisionsOf answers with a page of the revisions of a document, and with how many it has.
func (r *request) revisionsOf(id string, metadataOnly bool) error {
	start, size, err := r.page()
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		store := r.db.Store()
		total, err := store.RevisionCount(tx, id)
		if err != nil {
			return err
		}
		found, err := collect(skipTake(store.Revisions(tx, id), start, size))
		if err != nil {
			return err
		}
		return r.revisionResults(found, metadataOnly, total)
	})
}

// getRevisionsBin answers with the deletes of documents that are not there any more, newest first.
func (h *handler) getRevisionsBin(r *request) error {
	start, size, err := r.page()
	if err != nil {
		return err
	}
	etag := int64(math.MaxInt64)
	if text := r.params.get("etag"); text != "" {
		if etag, err = strconv.ParseInt(text, 10, 64); err != nil {
			return &invalidError{what: "parameter etag", value: text, want: "a whole number"}
		}
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		found, err := collect(skipTake(r.db.Store().Deleted(tx, etag), start, size))
		if err != nil || r.notModified(etagOf(found, nil)) {
			return err
		}
		return r.revisionResults(found, false, -1)
	})
}

// getRevisionCount answers with the number of revisions of a document.
func (h *handler) getRevisionCount(r *request) error {
	id, err := r.needID()
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		n, err := r.db.Store().RevisionCount(tx, id)
		r.member(`{"RevisionsCount":`, n)
		r.str(`}`)
		return err
	})
}

// revisionResults appends the results; total below zero is left out.
func (r *request) revisionResults(found []foundDocument, metadataOnly bool, total int64) error {
	r.str(`{"Results":[`)
	for i := range found {
		if i > 0 {
			r.str(`,`)
		}
		if err := r.document(&found[i], metadataOnly); err != nil {
			return err
		}
	}
	r.str(`]`)
	if total >= 0 {
		r.member(`,"TotalResults":`, total)
	}
	r.str(`}`)
	return nil
}

// collect reads a sequence of documents, which lie in the snapshot, to its end.
func collect(docs func(yield func(docstore.Document, error) bool)) ([]foundDocument, error) {
	var found []foundDocument
	for d, err := range docs {
		if err != nil {
			return nil, err
		}
		found = append(found, foundDocument{doc: d, ok: true})
	}
	return found, nil
}

// parseDate reads a date as clients write them: with or without a fraction, and with Z, an offset, or neither, which is UTC.
func parseDate(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	at, err := time.Parse("2006-01-02T15:04:05.999999999", text)
	if err != nil {
		return at, fmt.Errorf("parse a date: %w", err)
	}
	return at, nil
}

// getRevisionsConfiguration answers with the configuration as it was put.
func (h *handler) getRevisionsConfiguration(r *request) error { return h.recordField(r, "Revisions") }

// postRevisionsConfiguration replaces which revisions are kept, for all writes that begin after the answer.
func (h *handler) postRevisionsConfiguration(r *request) error {
	text, err := r.recordBody()
	if err != nil {
		return err
	}
	if _, err := docstore.ParseRevisionPolicies(text); err != nil {
		return err
	}
	return h.putRecordField(r, "Revisions", text)
}

// recordField answers with a member of the database's record, null when it has none.
func (h *handler) recordField(r *request, name string) error {
	record, ok := h.server.Cluster().State().Database(r.dbName)
	if !ok {
		return &cluster.DatabaseMissingError{Name: r.dbName}
	}
	value := record.Field(name)
	if value == nil {
		value = []byte(`null`)
	}
	r.raw(value)
	return nil
}

// putRecordField replaces a member of the database's record, and answers with the index of the change.
func (h *handler) putRecordField(r *request, name string, value []byte) error {
	if len(value) == 0 {
		value = []byte("null")
	}
	result, err := h.server.PutRecordFields(r.http.Context(), r.raftRequestID(), cluster.PutRecordFields{
		Name: r.dbName, Fields: fmt.Appendf(nil, `{%q:%s}`, name, value),
	})
	if err != nil {
		return err
	}
	r.member(`{"RaftCommandIndex":`, int64(result.Index))
	r.str(`}`)
	return nil
}
