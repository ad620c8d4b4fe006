package docstore

import (
	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/table"
)

// What the documents of a database are on disk. The page docs/format/document.md says the same.
//
// Two tables; the fields of their rows are described in package docrow.
const (
	documentsTable  = "documents"
	tombstonesTable = "tombstones"
	revisionsTable  = "revisions"

	documentKind  = docrow.DocumentKind
	tombstoneKind = docrow.TombstoneKind
	revisionKind  = docrow.RevisionKind

	fieldKey           = docrow.FieldKey
	fieldID            = docrow.FieldID
	fieldEtag          = docrow.FieldEtag
	fieldVector        = docrow.FieldVector
	fieldTime          = docrow.FieldTime
	fieldFlags         = docrow.FieldFlags
	fieldCollectionKey = docrow.FieldCollectionKey
	fieldCollection    = docrow.FieldCollection
	fieldData          = docrow.FieldData

	tombstoneFields = docrow.TombstoneFields
	documentFields  = docrow.DocumentFields

	etagIndex       = "etag"
	collectionIndex = "collection"
	vectorIndex     = "vector" // of revisions
)

// The tree of collections, from lower-case name to a record:
//
//	off  bytes  what
//	  0      1  version, 1
//	  1      8  documents
//	  9      8  tombstones
//	 17      8  bytes of the documents' rows, without their headers
//	 25      8  bytes of the tombstones' rows, without their headers
//	 33      …  name as first written
//
// A collection with neither documents nor tombstones has no record.
const (
	collectionsTree   = "collections"
	collectionVersion = 1

	offDocuments      = 1
	offTombstones     = 9
	offDocumentBytes  = 17
	offTombstoneBytes = 25
	offName           = 33
)

// The tree of what the store knows of itself has one key, with this value:
//
//	off  bytes  what
//	  0      1  version, 1
//	  1      8  last etag given
//	  9      …  change vector of the database as text
const (
	storeTree    = "docstore"
	stateKey     = "state"
	stateVersion = 1

	offLastEtag = 1
	offVector   = 9
)

// stateKeyBytes is stateKey as trees want it.
var stateKeyBytes = [...]byte{'s', 't', 'a', 't', 'e'}

// Beside the table of revisions there are three trees: how many revisions a document has (from its lower-case id), how many a collection
// has with their bytes (from its lower-case name), as big-endian numbers of 8 bytes, and which of them are deletes (from the etag,
// of 8 bytes, to the first field of the row).
const (
	revisionCountsTree      = "revision-counts"
	revisionCollectionsTree = "revision-collections"
	deletedTree             = "deleted-revisions"
)

func newRevisions() *table.Table {
	return table.New(table.Schema{
		Name: revisionsTable, Kind: revisionKind, Fields: documentFields,
		Primary: table.Index{Name: "id", Fields: []int{fieldKey, fieldEtag}},
		Indexes: []table.Index{
			{Name: etagIndex, Fields: []int{fieldEtag}, Uint64: true},
			{Name: collectionIndex, Fields: []int{fieldCollectionKey, fieldEtag}, Unique: true},
			{Name: vectorIndex, Fields: []int{fieldVector}},
		},
	})
}

func newDocuments() *table.Table { return newRows(documentsTable, documentKind, documentFields) }

func newTombstones() *table.Table { return newRows(tombstonesTable, tombstoneKind, tombstoneFields) }

// newRows returns a table with the indexes that documents and tombstones share.
func newRows(name string, kind uint8, fields int) *table.Table {
	return table.New(table.Schema{
		Name: name, Kind: kind, Fields: fields,
		Primary: table.Index{Name: "id", Fields: []int{fieldKey}},
		Indexes: []table.Index{
			{Name: etagIndex, Fields: []int{fieldEtag}, Uint64: true},
			{Name: collectionIndex, Fields: []int{fieldCollectionKey, fieldEtag}, Unique: true},
		},
	})
}
