package docstore

import "github.com/rookerydb/rookery/internal/table"

// What the documents of a database are on disk. The page docs/format/document.md says the same.
//
// Two tables, whose rows have the same first eight fields; integers are big-endian, so that they sort:
//
//	field  bytes  what
//	    0  1…768  id in lower case: the primary key
//	    1  1…512  id as given
//	    2      8  etag
//	    3      …  change vector as text
//	    4      8  time of the write: 100 ns since 1970, signed
//	    5      4  flags
//	    6  2…769  collection in lower case, then a zero byte
//	    7  1…512  collection as first written
//	    8      …  documents only: the body, encoded by jsondoc
const (
	documentsTable  = "documents"
	tombstonesTable = "tombstones"

	documentKind  = 1
	tombstoneKind = 2

	fieldKey           = 0
	fieldID            = 1
	fieldEtag          = 2
	fieldVector        = 3
	fieldTime          = 4
	fieldFlags         = 5
	fieldCollectionKey = 6
	fieldCollection    = 7
	fieldData          = 8

	tombstoneFields = 8
	documentFields  = 9

	etagIndex       = "etag"
	collectionIndex = "collection"
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
