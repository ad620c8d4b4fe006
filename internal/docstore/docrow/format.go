package docrow

// Rows of documents and of tombstones have the same first eight fields; integers are big-endian, so that they sort:
//
//	field  bytes  what
//	    0  1…768  id in lower case: the primary key
//	    1  1…512  id as given
//	    2      8  etag
//	    3      …  change vector as text
//	    4      8  time of the write: 100 ns since 1970, signed
//	    5    4…  flags; then for each of HasAttachments, HasCounters and HasTimeSeries that is set the length of its list as a
//	             varint, and the list
//	    6  2…769  collection in lower case, then a zero byte
//	    7  1…512  collection as first written
//	    8      …  documents only: the body, encoded by jsondoc
//
// Rows of revisions have the fields of documents. Their first one ends in a zero byte, as in the primary key the etag stands behind it.
//
// The page docs/format/document.md says the same.
const (
	FieldKey           = 0
	FieldID            = 1
	FieldEtag          = 2
	FieldVector        = 3
	FieldTime          = 4
	FieldFlags         = 5
	FieldCollectionKey = 6
	FieldCollection    = 7
	FieldData          = 8

	TombstoneFields = 8
	DocumentFields  = 9
)

// flagsBytes is where the lists begin in their field.
const flagsBytes = 4

// The row kinds.
const (
	DocumentKind  = 1
	TombstoneKind = 2
	RevisionKind  = 3
)

// Names in a document that the server reads.
const (
	MetadataName   = "@metadata"
	CollectionName = "@collection"
)

// EmptyCollection is where documents are that name no collection.
const EmptyCollection = "@empty"

// IDBytesMax bounds an id as given, in bytes of UTF-8, which is what clients expect. Its lower-case form can be half as long
// again (two bytes become three, as in Ⱥ and ⱥ) and must fit the indexes, a collection and an etag beside it.
const IDBytesMax = 512
