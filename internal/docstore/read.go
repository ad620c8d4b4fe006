package docstore

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// Get returns the document called id, in any casing. Its Data lies in a page: valid until tx ends or writes.
//
// It allocates the change vector, and the id when its stored casing is another than that asked for. Errors are storage's,
// those of package table, and *CorruptDocumentError.
func (s *Store) Get(tx storage.Tx, id string) (Document, bool, error) {
	var buf [128]byte // longer ids take memory from the heap
	row, ok, err := s.documents.Get(tx, appendFolded(buf[:0], id))
	if err != nil || !ok {
		return Document{}, false, err
	}
	d, err := s.decodeDocument(&row, id)
	return d, err == nil, err
}

// Since yields the documents written after etag, oldest first, at most limit of them (0: all). The sequence ends at its
// first error.
func (s *Store) Since(tx storage.Tx, etag int64, limit int) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		if etag == math.MaxInt64 {
			return
		}
		n := 0
		for d, err := range s.all(s.documents.Ascend(tx, etagIndex, etagKey(nil, etag+1))) {
			n++
			if !yield(d, err) || n == limit {
				return
			}
		}
	}
}

// Newest yields all documents, the last written first. The sequence ends at its first error.
func (s *Store) Newest(tx storage.Tx) iter.Seq2[Document, error] {
	return s.all(s.documents.Descend(tx, etagIndex, nil))
}

// InCollection yields the documents of a collection, in any casing, that were written after afterEtag, oldest first. The
// sequence ends at its first error.
func (s *Store) InCollection(tx storage.Tx, collection string, afterEtag int64) iter.Seq2[Document, error] {
	return s.all(inCollection(s.documents, tx, collection, afterEtag))
}

// InCollectionNewest yields all documents of a collection, the last written first. The sequence ends at its first error.
func (s *Store) InCollectionNewest(tx storage.Tx, collection string) iter.Seq2[Document, error] {
	key := collectionKey(collection)
	last := etagKey(bytes.Clone(key), math.MaxInt64)
	return s.all(whileCollection(s.documents.Descend(tx, collectionIndex, last), key))
}

// Tombstones yields the tombstones of deletes after afterEtag, oldest first. The sequence ends at its first error.
func (s *Store) Tombstones(tx storage.Tx, afterEtag int64) iter.Seq2[Tombstone, error] {
	if afterEtag == math.MaxInt64 {
		return func(func(Tombstone, error) bool) {}
	}
	return s.allTombstones(s.tombstones.Ascend(tx, etagIndex, etagKey(nil, afterEtag+1)))
}

// TombstonesInCollection is Tombstones of one collection, in any casing.
func (s *Store) TombstonesInCollection(tx storage.Tx, collection string, afterEtag int64) iter.Seq2[Tombstone, error] {
	return s.allTombstones(inCollection(s.tombstones, tx, collection, afterEtag))
}

// Stats are counts of the whole store.
type Stats struct {
	Documents, Tombstones int64
	Revisions             int64
	LastEtag              int64  // of any write, deletes included; 0: there was none
	LastDocumentEtag      int64  // of the newest document that is there; 0: there is none
	ChangeVector          string // of the database: what it has seen of all nodes
}

// Stats returns the counts, all of which are kept, none computed.
func (s *Store) Stats(tx storage.Tx) (Stats, error) {
	st, err := readState(tx)
	if err != nil {
		return Stats{}, err
	}
	stats := Stats{
		Documents: int64(s.documents.Count(tx)), Tombstones: int64(s.tombstones.Count(tx)),
		Revisions: int64(s.revisions.Count(tx)),
		LastEtag:  st.etag, ChangeVector: string(st.vector),
	}
	for d, err := range s.Newest(tx) {
		stats.LastDocumentEtag = d.Etag
		return stats, err
	}
	return stats, nil
}

// all decodes rows of documents.
func (s *Store) all(rows iter.Seq2[table.Row, error]) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for row, err := range rows {
			var d Document
			if err == nil {
				d, err = s.decodeDocument(&row, "")
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// allTombstones decodes rows of tombstones.
func (s *Store) allTombstones(rows iter.Seq2[table.Row, error]) iter.Seq2[Tombstone, error] {
	return func(yield func(Tombstone, error) bool) {
		for row, err := range rows {
			var t Tombstone
			if err == nil {
				t, err = s.decodeTombstone(&row)
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// inCollection yields the rows of one collection after an etag, in the order of etags.
func inCollection(t *table.Table, tx storage.Tx, collection string, afterEtag int64) iter.Seq2[table.Row, error] {
	if afterEtag == math.MaxInt64 {
		return func(func(table.Row, error) bool) {}
	}
	key := collectionKey(collection)
	return whileCollection(t.Ascend(tx, collectionIndex, etagKey(bytes.Clone(key), afterEtag+1)), key)
}

// whileCollection yields rows up to the first that is not in the collection.
func whileCollection(rows iter.Seq2[table.Row, error], key []byte) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for row, err := range rows {
			if err == nil && !bytes.Equal(row.Field(fieldCollectionKey), key) || !yield(row, err) {
				return
			}
		}
	}
}

// collectionKey returns the name in lower case with the zero byte behind.
func collectionKey(name string) []byte { return append(appendFolded(nil, name), 0) }

// etagKey appends an etag as the indexes have it; below zero there is none.
func etagKey(dst []byte, etag int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(max(0, etag)))
}
