package docstore

import (
	"time"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// write is a Put or Delete on its way. Its buffers are kept from one to the next, so that a write allocates little once
// warm. What it read from pages was copied: pages move with the first change.
type write struct {
	store    *Store
	tx       *storage.WriteTx
	verb     string
	expected Expected
	err      error // the first one; every step does nothing after it

	id    string // as given, made, or stored before
	given given
	state state // of the store; its etag is this write's once stamped
	at    time.Time

	newFlags   Flags
	extensions docrow.Extensions // of the document, in lists

	keepsBody  bool   // the body of the document that is there goes to oldBody
	exists     bool   // there is a document, which is replaced or deleted
	wasDeleted bool   // there is a tombstone, which a put clears
	removed    counts // what goes from oldCollectionKey with either
	added      counts // what comes to collectionKey

	policy       *RevisionPolicy // of the collection; nil: no revision is made
	hadRevisions bool            // the document that is deleted
	oldTicks     [8]byte         // of the document that is there

	etag, ticks [8]byte
	stamped     int64 // the etag of the document; a revision takes the next one
	fields      [documentFields][]byte

	buffers
}

// buffers is the memory of a write that the next one uses again.
type buffers struct {
	key              []byte // the id in lower case
	idBytes          []byte // the id
	collection       []byte // the name as first written
	collectionKey    []byte // in lower case, with the zero byte behind
	oldCollectionKey []byte // of the document or tombstone that is there
	previous         []byte // its change vector
	vector           []byte // of this write
	record           []byte // a value for one of the small trees
	lists            []byte // the field with the extensions of the document that is there
	flags            []byte // the same field of this write
	oldBody          []byte // of the document that is there
	revisionKey      []byte // first field of its revisions
	revisionFlags    []byte // field of the revision that is made
	text, data       []byte // a document from which keys were stripped
	parser           jsondoc.Parser
}

// empty sets the buffers to no bytes, and lets go of those that a huge document needed.
func (b *buffers) empty() {
	for _, p := range [...]*[]byte{
		&b.key, &b.idBytes, &b.collection, &b.collectionKey, &b.oldCollectionKey, &b.previous, &b.vector, &b.record,
		&b.text, &b.data, &b.lists, &b.flags, &b.oldBody, &b.revisionKey, &b.revisionFlags,
	} {
		if *p = (*p)[:0]; cap(*p) > scratchBytesMax {
			*p = nil
		}
	}
}

// startWrite makes the store's one write ready.
func (s *Store) startWrite(tx *storage.WriteTx, verb string, e Expected) *write {
	w := &s.writing
	w.reset()
	w.store, w.tx, w.verb, w.expected = s, tx, verb, e
	w.state, w.err = readState(tx)
	return w
}

// document ends a put: the stored document, or the first error.
func (w *write) document() (Document, error) {
	if w.err != nil {
		return Document{}, w.done()
	}
	d := Document{
		ID: w.id, Etag: w.stamped, ChangeVector: string(w.vector), LastModified: timeOf(ticksOf(w.at)),
		Flags: w.newFlags, Extensions: w.extensions, Collection: w.store.names.of(w.collection), Data: w.given.data,
	}
	w.store.noteWrite(Written{ID: d.ID, Collection: d.Collection, ChangeVector: d.ChangeVector})
	return d, w.done()
}

// tombstone ends a delete that found its document.
func (w *write) tombstone() (Tombstone, bool, error) {
	if w.err != nil {
		return Tombstone{}, false, w.done()
	}
	t := Tombstone{
		ID: w.id, Etag: w.stamped, ChangeVector: string(w.vector), DeletedAt: timeOf(ticksOf(w.at)),
		Collection: w.store.names.of(w.collection),
	}
	w.store.noteWrite(Written{ID: t.ID, Collection: t.Collection, ChangeVector: t.ChangeVector, Deleted: true})
	return t, true, w.done()
}

// done forgets what belongs to the caller, and returns the first error.
func (w *write) done() error {
	err := w.err
	w.policy = nil
	w.tx, w.given, w.state, w.fields = nil, given{}, state{}, [documentFields][]byte{}
	return err
}

// reset forgets the last write.
func (w *write) reset() {
	w.empty()
	w.hadRevisions, w.policy = false, nil
	w.keepsBody, w.exists, w.wasDeleted, w.removed, w.added = false, false, false, counts{}, counts{}
	w.id, w.given, w.newFlags, w.extensions, w.err = "", given{}, 0, docrow.Extensions{}, nil
}
