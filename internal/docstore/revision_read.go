package docstore

import (
	"bytes"
	"encoding/binary"
	"iter"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// A revision is read as a Document: Etag is the revision's own, ChangeVector and LastModified are those of the state that it keeps.
// Its flags have Revision, and DeleteRevision where the document was deleted; such a one has no body but its collection.

// Revisions yields the revisions of a document, in any casing of its id, newest first. The sequence ends at its first error.
func (s *Store) Revisions(tx storage.Tx, id string) iter.Seq2[Document, error] {
	key := revisionKey(id)
	last := append(bytes.Clone(key), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	return s.all(func(yield func(table.Row, error) bool) {
		for row, err := range s.revisions.Descend(tx, "", last) {
			if err == nil && !bytes.Equal(row.Field(fieldKey), key) || !yield(row, err) {
				return
			}
		}
	})
}

// RevisionCount returns how many revisions a document has. It reads one record.
func (s *Store) RevisionCount(tx storage.Tx, id string) (int64, error) {
	return countOf(tx, revisionCountsTree, appendFolded(nil, id))
}

// RevisionStats returns how many revisions a collection has, and the bytes of their rows without headers.
func (s *Store) RevisionStats(tx storage.Tx, collection string) (count, sizeBytes int64, err error) {
	tree, ok := tx.Tree(revisionCollectionsTree)
	if !ok {
		return 0, 0, nil
	}
	value, ok, err := tree.Get(appendFolded(nil, collection))
	if err != nil || !ok {
		return 0, 0, err
	}
	if len(value) != 16 {
		return 0, 0, &CorruptDocumentError{Where: revisionCollectionsTree, Key: collection, Why: "a record of another length"}
	}
	return int64(binary.BigEndian.Uint64(value)), int64(binary.BigEndian.Uint64(value[8:])), nil
}

// RevisionAt returns the revision that keeps the state with this change vector.
func (s *Store) RevisionAt(tx storage.Tx, changeVector string) (Document, bool, error) {
	vector := []byte(changeVector)
	for row, err := range s.revisions.AscendPrefix(tx, vectorIndex, vector) {
		if err != nil {
			return Document{}, false, err
		}
		if bytes.Equal(row.Field(fieldVector), vector) {
			d, err := s.decodeDocument(&row, "")
			return d, err == nil, err
		}
	}
	return Document{}, false, nil
}

// RevisionBefore returns the newest revision that was not written after at. It looks at the revisions since then.
func (s *Store) RevisionBefore(tx storage.Tx, id string, at time.Time) (Document, bool, error) {
	for d, err := range s.Revisions(tx, id) {
		if err != nil || !d.LastModified.After(at) {
			return d, err == nil, err
		}
	}
	return Document{}, false, nil
}

// RevisionsSince yields the revisions with etags above etag, of all documents, oldest first. The sequence ends at its first error.
func (s *Store) RevisionsSince(tx storage.Tx, etag int64) iter.Seq2[Document, error] {
	return s.all(s.revisions.Ascend(tx, etagIndex, etagKey(nil, etag+1)))
}

// Deleted yields the delete revisions of documents that are not there, newest first, from those with etags up to etag on. One whose
// document was put again is left out. The sequence ends at its first error.
func (s *Store) Deleted(tx storage.Tx, etag int64) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		tree, ok := tx.Tree(deletedTree)
		if !ok {
			return
		}
		c := tree.Cursor()
		from := etagKey(nil, etag)
		for ok := c.Seek(from) && bytes.Equal(c.Key(), from) || c.Err() == nil && c.Prev(); ok; ok = c.Prev() {
			d, found, err := s.deleted(tx, c.Key(), c.Value())
			if (found || err != nil) && (!yield(d, err) || err != nil) {
				return
			}
		}
		if err := c.Err(); err != nil {
			yield(Document{}, err)
		}
	}
}

// deleted returns the delete revision called by its etag and key, if it is the last word on its document.
func (s *Store) deleted(tx storage.Tx, etag, key []byte) (Document, bool, error) {
	_, again, err := s.documents.Get(tx, bytes.TrimSuffix(key, []byte{0}))
	if err != nil || again {
		return Document{}, false, err
	}
	row, ok, err := s.revisions.Get(tx, append(bytes.Clone(key), etag...))
	if err != nil || !ok {
		return Document{}, false, err
	}
	d, err := s.decodeDocument(&row, "")
	if err != nil {
		return Document{}, false, err
	}
	for newest, err := range s.Revisions(tx, d.ID) {
		return d, err == nil && newest.Etag == d.Etag, err
	}
	return d, true, nil
}

// revisionKey is the first field of the revisions of a document.
func revisionKey(id string) []byte { return append(appendFolded(nil, id), 0) }

// countOf returns the first number that key has in a tree; 0 when there is none.
func countOf(tx storage.Tx, name string, key []byte) (int64, error) {
	tree, ok := tx.Tree(name)
	if !ok {
		return 0, nil
	}
	value, ok, err := tree.Get(key)
	if err != nil || !ok {
		return 0, err
	}
	if len(value) < 8 {
		return 0, &CorruptDocumentError{Where: name, Key: string(key), Why: "a record that is too short"}
	}
	return int64(binary.BigEndian.Uint64(value)), nil
}
