package docstore

import "github.com/rookerydb/rookery/internal/storage"

// CopyParts says how all that a store keeps is copied into another environment; see storage.Copy. Ids, etags, change vectors,
// times, tombstones and counts are the same in the copy, byte for byte.
//
// What is added to the environment of a database belongs here too: a copy refuses what it does not know.
func CopyParts() []storage.Part {
	return []storage.Part{
		newDocuments().Part(), newTombstones().Part(),
		storage.TreePart(collectionsTree), storage.TreePart(storeTree),
		newRevisions().Part(), storage.TreePart(revisionCountsTree), storage.TreePart(revisionCollectionsTree),
		storage.TreePart(deletedTree),
	}
}
