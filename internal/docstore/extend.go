package docstore

import "github.com/rookerydb/rookery/internal/storage"

// Extend changes the lists in the metadata of a document, which is how attachments, counters and time series tell of themselves.
// It is a write of the document: it gets a new etag, change vector and time, and a revision where those are kept.
//
// change gets the lists as they are, and sets those that are to be others to JSON arrays of its own, or to nil for none. They must stay
// as they are until Extend returns. What change got lies in memory that the next write uses again.
//
// *MissingDocumentError when there is no such document; nothing was written then. After any other error, drop tx.
func (s *Store) Extend(tx *storage.WriteTx, id string, change func(*Extensions)) (Document, error) {
	w := s.startWrite(tx, "Extend", Any())
	w.lookFor(id)
	w.keepsBody = true
	w.load()
	w.needDocument("")
	w.extend(change)
	w.planRevision()
	w.stamp()
	w.putRow()
	w.count()
	w.putRevision()
	w.putState()
	return w.document()
}

// TakeEtag takes the next etag, for the row of something that belongs to a document, and returns the change vector of that write. It is
// valid until the next write of the store.
func (s *Store) TakeEtag(tx *storage.WriteTx) (etag int64, vector []byte, err error) {
	w := s.startWrite(tx, "TakeEtag", Any())
	w.stamp()
	w.putState()
	etag, vector = w.state.etag, w.vector
	return etag, vector, w.done()
}

// needDocument refuses to write what only an existing document can have.
func (w *write) needDocument(why string) {
	if w.err == nil && !w.exists {
		w.err = &MissingDocumentError{ID: w.id, Why: why}
	}
}

// extend changes the lists, and keeps the rest of the document as it is.
func (w *write) extend(change func(*Extensions)) {
	if w.err != nil {
		return
	}
	change(&w.extensions)
	w.newFlags = w.newFlags&^(HasAttachments|HasCounters|HasTimeSeries) | w.extensions.Flags()
	w.collectionKey = append(w.collectionKey, w.oldCollectionKey...)
	w.given.data = w.oldBody
}
