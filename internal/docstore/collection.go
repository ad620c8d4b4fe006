package docstore

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage"
)

// CollectionStats are the counts of one collection.
type CollectionStats struct {
	Name           string // as first written
	Documents      int64
	Tombstones     int64
	SizeBytes      int64 // of the documents as stored: bodies, ids, change vectors and the rest
	TombstoneBytes int64
	RevisionBytes  int64
}

// counts are the figures of a collection, or a change of them.
type counts struct {
	documents, tombstones, documentBytes, tombstoneBytes int64
}

func (c counts) plus(d counts) counts {
	return counts{
		documents: c.documents + d.documents, tombstones: c.tombstones + d.tombstones,
		documentBytes: c.documentBytes + d.documentBytes, tombstoneBytes: c.tombstoneBytes + d.tombstoneBytes,
	}
}

func (c counts) negative() bool {
	return c.documents < 0 || c.tombstones < 0 || c.documentBytes < 0 || c.tombstoneBytes < 0
}

// Collections returns the counts of every collection that has documents or tombstones, by lower-case name. It reads two
// records for each.
func (s *Store) Collections(tx storage.Tx) ([]CollectionStats, error) {
	tree, ok := tx.Tree(collectionsTree)
	if !ok {
		return nil, nil
	}
	list := make([]CollectionStats, 0, tree.Entries())
	c := tree.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		n, name, err := decodeCollection(c.Key(), c.Value())
		if err != nil {
			return nil, err
		}
		_, revisionBytes, err := s.RevisionStats(tx, string(name))
		if err != nil {
			return nil, err
		}
		list = append(list, CollectionStats{
			Name: s.names.of(name), Documents: n.documents, Tombstones: n.tombstones,
			SizeBytes: n.documentBytes, TombstoneBytes: n.tombstoneBytes, RevisionBytes: revisionBytes,
		})
	}
	return list, c.Err()
}

// appendCollectionName appends the name of the collection to dst: as it was first written, or as given if this is
// the first time. key has the zero byte behind.
func appendCollectionName(dst []byte, tx storage.Tx, key, given []byte) ([]byte, error) {
	if tree, ok := tx.Tree(collectionsTree); ok {
		value, ok, err := tree.Get(key[:len(key)-1])
		if err != nil {
			return dst, err
		}
		if ok {
			_, name, err := decodeCollection(key, value)
			return append(dst, name...), err
		}
	}
	return append(dst, given...), nil
}

// changeCollection adds change to the counts of a collection. One that has nothing any more loses its record, and so its
// casing. key has the zero byte behind.
func (w *write) changeCollection(key []byte, change counts) error {
	tree, err := w.tx.WriteTree(collectionsTree)
	if err != nil {
		return err
	}
	name := w.collection
	key = key[:len(key)-1]
	value, ok, err := tree.Get(key)
	if err != nil {
		return err
	}
	if ok {
		var have counts
		if have, name, err = decodeCollection(key, value); err != nil {
			return err
		}
		change = change.plus(have)
	}
	switch {
	case change.negative():
		return &CorruptDocumentError{Where: collectionsTree, Key: string(key), Why: "a count would fall below zero"}
	case change.documents == 0 && change.tombstones == 0:
		_, err = tree.Delete(key)
		return err
	}
	w.record = appendCollection(w.record[:0], change, name)
	return tree.Put(key, w.record)
}

// appendCollection appends a record of the tree of collections.
func appendCollection(dst []byte, c counts, name []byte) []byte {
	dst = append(dst, collectionVersion)
	for _, n := range [...]int64{c.documents, c.tombstones, c.documentBytes, c.tombstoneBytes} {
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, name...)
}

// decodeCollection reads a record of the tree of collections; name lies in value.
func decodeCollection(key, value []byte) (c counts, name []byte, err error) {
	if len(value) < offName || value[0] != collectionVersion {
		return c, nil, &CorruptDocumentError{Where: collectionsTree, Key: string(bytes.Clone(key)), Why: "unknown version or too short"}
	}
	c = counts{
		documents:      int64(binary.BigEndian.Uint64(value[offDocuments:])),
		tombstones:     int64(binary.BigEndian.Uint64(value[offTombstones:])),
		documentBytes:  int64(binary.BigEndian.Uint64(value[offDocumentBytes:])),
		tombstoneBytes: int64(binary.BigEndian.Uint64(value[offTombstoneBytes:])),
	}
	if c.negative() {
		return c, nil, &CorruptDocumentError{Where: collectionsTree, Key: string(key), Why: "a count is below zero"}
	}
	return c, value[offName:], nil
}
