package docstore

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/table"
)

// The steps of Put and Delete, in their order. First those that may refuse.

// readGiven looks at the document: it must be an object, and its collection a name.
func (w *write) readGiven(in Put) {
	if w.err == nil {
		w.given, w.err = readGiven(in.ID, in.Data)
	}
}

// chooseID checks the id, or makes one where that was asked for.
func (w *write) chooseID(in Put) {
	if w.err != nil {
		return
	}
	separator := in.Separator
	if separator == 0 {
		separator = separatorDefault
	}
	var plan idPlan
	if plan, w.err = planID(in.ID, separator); w.err != nil {
		return
	}
	switch plan {
	case idAsGiven:
		w.lookFor(in.ID)
	case idFromEtag:
		w.lookFor(string(appendEtagID(nil, in.ID, w.state.etag+1, w.store.tag)))
		w.err = checkID(w.id) // the part that was given may have been too long already
	case idRandom:
		w.lookFor(w.freeGUID())
	}
}

// lookFor sets the id whose document the write is about.
func (w *write) lookFor(id string) {
	if w.err == nil {
		w.id = id
		w.key = appendFolded(w.key[:0], id)
	}
}

// freeGUID returns a GUID that no document has. Only a random source that was seeded as before makes one twice; a document
// must not be overwritten even then.
func (w *write) freeGUID() string {
	for {
		id := string(appendGUID(nil, w.store.rand))
		_, taken, err := w.store.documents.Get(w.tx, []byte(id))
		if err != nil || !taken {
			w.err = err
			return id
		}
	}
}

// load finds the document that is there now, or else its tombstone.
func (w *write) load() {
	if w.err != nil {
		return
	}
	row, ok, err := w.store.documents.Get(w.tx, w.key)
	if err == nil && ok {
		err = w.loadDocument(&row)
	}
	if err == nil && !ok {
		err = w.loadTombstone()
	}
	w.err = err
}

func (w *write) loadDocument(row *table.Row) error {
	if err := checkLengths(documentsTable, row); err != nil {
		return err
	}
	w.exists = true
	w.id = sameOrCopy(w.id, row.Field(fieldID))
	w.collection = append(w.collection, row.Field(fieldCollection)...)
	w.lists = append(w.lists, row.Field(fieldFlags)...) // pages move with the first change
	flags, extensions, _ := docrow.DecodeFlags(w.lists)
	w.newFlags, w.extensions = flags&ofDocument, extensions
	copy(w.oldTicks[:], row.Field(fieldTime))
	if w.keepsBody {
		w.oldBody = append(w.oldBody, row.Field(fieldData)...)
	}
	w.loadOld(row)
	w.removed = counts{documents: -1, documentBytes: -int64(row.FieldBytes())}
	return nil
}

func (w *write) loadTombstone() error {
	row, ok, err := w.store.tombstones.Get(w.tx, w.key)
	if err != nil || !ok {
		return err
	}
	w.wasDeleted = true
	w.loadOld(&row)
	w.removed = counts{tombstones: -1, tombstoneBytes: -int64(row.FieldBytes())}
	return nil
}

// loadOld takes what a write needs of the row that it takes the place of, whichever table it is in.
func (w *write) loadOld(row *table.Row) {
	w.previous = append(w.previous, row.Field(fieldVector)...)
	w.oldCollectionKey = append(w.oldCollectionKey, row.Field(fieldCollectionKey)...)
}

// checkExpected refuses the write when the document is not what the caller takes for granted.
func (w *write) checkExpected() {
	if w.err != nil {
		return
	}
	var actual []byte
	if w.exists {
		actual = w.previous
	}
	if !w.expected.holds(actual) {
		w.err = &ConflictError{ID: w.id, Verb: w.verb, Expected: w.expected.vector, Actual: string(actual)}
	}
}

// checkCollection refuses to move the document to another collection, and settles the name: a collection has the
// casing in which it was written first.
func (w *write) checkCollection() {
	if w.err != nil {
		return
	}
	w.collectionKey = append(appendFolded(w.collectionKey, w.given.name()), 0)
	switch {
	case w.exists:
		if !bytes.Equal(w.collectionKey, w.oldCollectionKey) {
			w.err = &CollectionMismatchError{ID: w.id, Existing: string(w.collection), Given: string(w.given.name())}
		}
	case string(w.collectionKey) == EmptyCollection+"\x00":
		w.collection = append(w.collection, EmptyCollection...)
	default:
		w.collection, w.err = appendCollectionName(w.collection, w.tx, w.collectionKey, w.given.collection)
	}
}

// stripGiven takes out of the document what is not stored. Mostly there is nothing, and it is stored as it came.
func (w *write) stripGiven() {
	if w.err != nil || !w.given.strip && bytes.Equal(w.collection, w.given.name()) {
		return
	}
	w.text = w.given.appendKept(w.text[:0], string(w.collection))
	w.data, w.err = w.parser.Append(w.data[:0], w.text)
	w.given.data = w.data
}

// The steps that write.

// stamp gives the write its etag, change vector and time.
func (w *write) stamp() {
	if w.err != nil {
		return
	}
	w.state.etag++
	w.stamped = w.state.etag
	if w.vector, w.err = w.store.appendVector(w.vector, w.previous, w.state.etag); w.err != nil {
		return
	}
	w.at = w.store.now()
	binary.BigEndian.PutUint64(w.etag[:], uint64(w.state.etag))
	binary.BigEndian.PutUint64(w.ticks[:], uint64(ticksOf(w.at)))
	w.idBytes = append(w.idBytes[:0], w.id...)
}

// putRow stores the document.
func (w *write) putRow() {
	if w.err != nil {
		return
	}
	fields := w.row(w.collectionKey, w.given.data)
	w.added = counts{documents: 1, documentBytes: sumLengths(fields)}
	w.err = w.store.documents.Put(w.tx, fields)
}

// clearTombstone forgets that there once was a document of this id, now that there is one again.
func (w *write) clearTombstone() {
	if w.err == nil && w.wasDeleted {
		_, w.err = w.store.tombstones.Delete(w.tx, w.key)
	}
}

// deleteRow removes the document.
func (w *write) deleteRow() {
	if w.err == nil {
		_, w.err = w.store.documents.Delete(w.tx, w.key)
	}
}

// putTombstone stores what others have to know of the delete.
func (w *write) putTombstone() {
	if w.err != nil {
		return
	}
	w.newFlags, w.extensions = 0, docrow.Extensions{} // there is nothing left that has anything
	w.collectionKey = append(w.collectionKey, w.oldCollectionKey...)
	fields := w.row(w.collectionKey, nil)[:tombstoneFields]
	w.added = counts{tombstones: 1, tombstoneBytes: sumLengths(fields)}
	w.err = w.store.tombstones.Put(w.tx, fields)
}

// row returns the fields of the new row.
func (w *write) row(collectionKey, data []byte) [][]byte {
	w.flags = docrow.AppendFlags(w.flags[:0], w.newFlags, w.extensions)
	w.fields = [documentFields][]byte{
		fieldKey: w.key, fieldID: w.idBytes, fieldEtag: w.etag[:], fieldVector: w.vector, fieldTime: w.ticks[:],
		fieldFlags: w.flags, fieldCollectionKey: collectionKey, fieldCollection: w.collection, fieldData: data,
	}
	return w.fields[:]
}

func sumLengths(fields [][]byte) (n int64) {
	for _, f := range fields {
		n += int64(len(f))
	}
	return n
}

// count brings the counts of the collections up to what was written. A tombstone may have been left by a document of
// another collection.
func (w *write) count() {
	if w.err != nil {
		return
	}
	if !w.exists && !w.wasDeleted {
		w.err = w.changeCollection(w.collectionKey, w.added)
		return
	}
	if bytes.Equal(w.collectionKey, w.oldCollectionKey) {
		w.err = w.changeCollection(w.collectionKey, w.added.plus(w.removed))
		return
	}
	if w.err = w.changeCollection(w.collectionKey, w.added); w.err == nil {
		w.err = w.changeCollection(w.oldCollectionKey, w.removed)
	}
}

// putState keeps the last etag and the database's change vector.
func (w *write) putState() {
	if w.err == nil {
		w.record, w.err = w.store.writeState(w.tx, w.record[:0], w.state)
	}
}
