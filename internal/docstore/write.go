package docstore

import (
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// Put is a document to be stored.
type Put struct {
	// ID is the id, or asks for one: empty for a GUID, ending with the separator for one made of the write's etag.
	ID       string
	Expected Expected
	// Data is the document; its collection is read from @metadata.@collection. It must not lie in a page of the transaction.
	Data jsondoc.Doc
	// SaveBefore makes a revision of the document as it is before the write, whatever the policy says.
	SaveBefore bool
	// Separator between the parts of ids, '/' when zero.
	Separator byte
}

// Put stores in unless the document has moved on since in.Expected. This is the whole story of a write.
//
// A document keeps the casing of the id that it was created with. The document returned has what was stored; its Data is
// in.Data, or, where keys had to be taken out, valid until the next write of the store.
//
// Errors that refuse the document come before anything is written: *InvalidIDError, *IdentityIDError,
// *InvalidDocumentError, *ConflictError, *CollectionMismatchError, *table.TooLargeError. After any other, drop tx.
func (s *Store) Put(tx *storage.WriteTx, in Put) (Document, error) {
	w := s.startWrite(tx, "Put", in.Expected)
	w.readGiven(in)
	w.chooseID(in)
	w.keepsBody = in.SaveBefore
	w.load()
	w.checkExpected()
	w.checkCollection()
	w.stripGiven()
	w.planRevision()
	w.saveBefore(in.SaveBefore)
	w.stamp()
	w.putRow()
	w.clearTombstone()
	w.count()
	w.putRevision()
	w.putState()
	return w.document()
}

// Delete removes a document and leaves a tombstone. The bool tells whether there was a document: deleting a missing one
// is no error, uses no etag, and changes nothing. *ConflictError when it is not what e expects; then nothing was written.
func (s *Store) Delete(tx *storage.WriteTx, id string, e Expected) (Tombstone, bool, error) {
	w := s.startWrite(tx, "Delete", e)
	w.lookFor(id)
	w.load()
	w.checkExpected()
	if w.err != nil || !w.exists {
		return Tombstone{}, false, w.done()
	}
	w.planDeleteRevision()
	w.stamp()
	w.deleteRow()
	w.putTombstone()
	w.count()
	w.putDeleteRevision()
	w.putState()
	return w.tombstone()
}

// SaveRevision makes a revision of the document as it is now, whatever the policy says; saved is false when the newest revision is
// that already. A document that had none gets the flag HasRevisions, and with it a new etag, change vector and time.
//
// *MissingDocumentError when there is no such document; nothing was written then. After any other error, drop tx.
func (s *Store) SaveRevision(tx *storage.WriteTx, id string) (d Document, saved bool, err error) {
	w := s.startWrite(tx, "SaveRevision", Any())
	w.lookFor(id)
	w.keepsBody = true
	w.load()
	w.needDocument("Can't force revision creation - the document was not saved on the server yet")
	if w.err == nil && w.newFlags&HasRevisions == 0 {
		w.policy = &RevisionPolicy{}
		w.newFlags |= HasRevisions
		w.extend(func(*Extensions) {})
		w.stamp()
		w.putRow()
		w.count()
		w.putRevision()
		w.putState()
		d, err = w.document()
		return d, err == nil, err
	}
	before := w.state.etag
	w.saveBefore(true)
	if saved = w.state.etag > before; saved {
		w.putState()
	}
	if err = w.done(); err == nil {
		d, _, err = s.Get(tx, id)
	}
	return d, saved, err
}
