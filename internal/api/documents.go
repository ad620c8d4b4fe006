package api

import (
	"net/http"
	"strings"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// pageSizeDefault is how many documents a listing has when the client does not say.
const pageSizeDefault = 25

// getDocuments serves the three readings of GET docs: by ids, by prefix, all of them newest first.
func (h *handler) getDocuments(r *request) error {
	if err := refuseExtensions(r.params); err != nil {
		return err
	}
	switch {
	case r.params.has("id"):
		return h.loadDocuments(r, r.params.all("id"))
	case r.params.has("cmpxchg"):
		return &unsupportedError{what: "including compare-exchange values in a listing", hint: "documents loaded by id can include them"}
	case r.params.has("startsWith"):
		return h.listByPrefix(r)
	}
	return h.listNewest(r)
}

// postDocuments loads by ids like getDocuments, for lists that do not fit into a URL.
func (h *handler) postDocuments(r *request) error {
	if err := refuseExtensions(r.params); err != nil {
		return err
	}
	body, err := r.readObject()
	if err != nil {
		return err
	}
	list, err := arrayMember(body, "Ids", "document ids")
	if err != nil {
		return err
	}
	ids := make([]string, 0, list.Len())
	for item := range list.Items() {
		switch item.Kind() {
		case jsondoc.String:
			ids = append(ids, item.Str())
		case jsondoc.Null:
			ids = append(ids, "")
		default:
			return &invalidError{what: "an entry of Ids", json: clip(string(item.Raw())), want: "a string or null"}
		}
	}
	return h.loadDocuments(r, ids)
}

// extensions are the parameters of GET docs that ask for what this version does not keep.
var extensions = [...][2]string{
	{"counter", "including counters"},
	{"timeseries", "including time series"},
	{"timeseriestime", "including time series"},
	{"timeseriescount", "including time series"},
}

func refuseExtensions(p params) error {
	for _, e := range extensions {
		if p.has(e[0]) {
			return &unsupportedError{what: e[1]}
		}
	}
	return nil
}

// loadDocuments answers with one entry for each id, in their order, null where there is no document.
func (h *handler) loadDocuments(r *request, ids []string) error {
	metadataOnly, err := r.boolParam("metadataOnly")
	if err != nil {
		return err
	}
	includes := r.params.all("include")
	return r.db.View(func(tx *storage.ReadTx) error {
		store := r.db.Store()
		exchanges := r.params.all("cmpxchg")
		if len(ids) == 1 && len(includes)+len(exchanges) == 0 && !wantsRevisions(r.params) {
			return loadOne(r, tx, store, ids[0], metadataOnly)
		}
		found := make([]foundDocument, len(ids))
		for i, id := range ids {
			if err := found[i].load(tx, store, id); err != nil {
				return err
			}
		}
		related, err := resolveIncludes(tx, store, found, includes)
		if err != nil {
			return err
		}
		revisions, err := includeRevisions(tx, store, found, r.params)
		if err != nil {
			return err
		}
		if len(exchanges) == 0 && r.notModified(etagOf(found, related, states(revisions))) {
			return nil
		}
		if len(ids) == 1 && !found[0].ok {
			r.status, r.etag = http.StatusNotFound, ""
		}
		r.str(`{"Results":[`)
		for i := range found {
			if i > 0 {
				r.str(`,`)
			}
			if err := r.document(&found[i], metadataOnly); err != nil {
				return err
			}
		}
		r.str(`],"Includes":`)
		if err := r.includes(related); err != nil {
			return err
		}
		if wantsRevisions(r.params) {
			if err := r.revisionIncludes(revisions); err != nil {
				return err
			}
		}
		if len(exchanges) > 0 {
			r.str(`,"CompareExchangeValueIncludes":{`)
			if err := h.exchangeIncludes(r, found, exchanges); err != nil {
				return err
			}
			r.str(`}`)
		}
		r.str(`}`)
		return nil
	})
}

// loadOne is loadDocuments for the commonest request: one id, nothing included. Its etag is the document's change vector.
func loadOne(r *request, tx *storage.ReadTx, store *docstore.Store, id string, metadataOnly bool) error {
	doc, ok, err := getDocument(tx, store, id)
	if err != nil {
		return err
	}
	if !ok {
		r.status = http.StatusNotFound
		r.str(`{"Results":[null],"Includes":{}}`)
		return nil
	}
	if r.notModified(doc.ChangeVector) {
		return nil
	}
	r.str(`{"Results":[`)
	if metadataOnly {
		r.body = doc.AppendMetadataOnly(r.body)
	} else {
		r.body = doc.AppendJSON(r.body)
	}
	r.str(`],"Includes":{}}`)
	return nil
}

// getDocument reads one document; the empty id, which clients send for null, names none.
func getDocument(tx storage.Tx, store *docstore.Store, id string) (docstore.Document, bool, error) {
	if id == "" {
		return docstore.Document{}, false, nil
	}
	return store.Get(tx, id)
}

// listByPrefix answers with the documents whose ids begin with a prefix, in the order of their ids.
func (h *handler) listByPrefix(r *request) error {
	q := docstore.PrefixQuery{
		Prefix:     r.params.get("startsWith"),
		Matches:    r.params.get("matches"),
		Exclude:    r.params.get("exclude"),
		StartAfter: r.params.get("startAfter"),
	}
	var err error
	if q.Start, q.Limit, err = r.page(); err != nil {
		return err
	}
	metadataOnly, err := r.boolParam("metadataOnly")
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		docs := r.db.Store().ByPrefix(tx, q)
		if q.Limit == 0 { // to the store that means all
			docs = skipTake(docs, 0, 0)
		}
		return r.listing(tx, docs, metadataOnly)
	})
}

// listNewest answers with all documents, the last written first.
func (h *handler) listNewest(r *request) error {
	start, size, err := r.page()
	if err != nil {
		return err
	}
	metadataOnly, err := r.boolParam("metadataOnly")
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		return r.listing(tx, skipTake(r.db.Store().Newest(tx), start, size), metadataOnly)
	})
}

// page reads start and pageSize.
func (r *request) page() (start, size int, err error) {
	if start, err = r.intParam("start", 0); err != nil {
		return 0, 0, err
	}
	size, err = r.intParam("pageSize", pageSizeDefault)
	return start, size, err
}

// headDocument tells whether a document exists, and its change vector.
func (h *handler) headDocument(r *request) error {
	id, err := r.needID()
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		doc, ok, err := r.db.Store().Get(tx, id)
		if err != nil {
			return err
		}
		if !ok {
			r.status = http.StatusNotFound
			return nil
		}
		r.notModified(doc.ChangeVector)
		return nil
	})
}

// putDocument stores one document under the id in the URL.
func (h *handler) putDocument(r *request) error {
	if !r.params.has("id") {
		return &invalidError{what: "parameter id", want: "the document's id (empty to have one made)"}
	}
	text, err := r.readBody()
	if err != nil {
		return err
	}
	doc, err := jsondoc.Parse(text)
	if err != nil {
		return err
	}
	cmd := database.Put{In: docstore.Put{ID: r.params.get("id"), Expected: r.expected(), Data: doc}}
	if err := h.write(r, &cmd, &cmd); err != nil {
		return err
	}
	r.status = http.StatusCreated
	r.str(`{"Id":`)
	r.quote(cmd.Out.ID)
	r.str(`,"ChangeVector":`)
	r.quote(cmd.Out.ChangeVector)
	r.str(`}`)
	return nil
}

// deleteDocument removes one document; a missing one is no error.
func (h *handler) deleteDocument(r *request) error {
	id, err := r.needID()
	if err != nil {
		return err
	}
	cmd := database.Delete{ID: id, Expected: r.expected()}
	if err := r.db.Do(r.http.Context(), &cmd); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// patchDocument refuses: patches are scripts.
func (h *handler) patchDocument(*request) error {
	return &unsupportedError{what: "PATCH of a document by script", hint: "load the document, change it and put it with its change vector"}
}

// needID returns the parameter id, which must not be empty.
func (r *request) needID() (string, error) {
	id := r.params.get("id")
	if id == "" {
		return "", &invalidError{what: "parameter id", want: "the document's id"}
	}
	return id, nil
}

// expected turns If-Match into what the document must be like for the write to happen. "If-None-Match: *", which in HTTP asks
// that there be none, does so here as well.
func (r *request) expected() docstore.Expected {
	cv, ok := r.expectedVector()
	if !ok && first(r.header["If-None-Match"]) == "*" {
		return docstore.Missing()
	}
	return expectedOf(cv, ok)
}

// expectedOf follows the clients: nothing given means no check, an empty vector that the document must not exist.
func expectedOf(cv string, given bool) docstore.Expected {
	switch {
	case !given:
		return docstore.Any()
	case strings.TrimSpace(cv) == "":
		return docstore.Missing()
	}
	return docstore.At(cv)
}
