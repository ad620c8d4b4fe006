package blob

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// What blobs are on disk. The page docs/format/blob.md says the same. Integers are big-endian.
//
// The table of blobs:
//
//	field  bytes  what
//	    0     32  SHA-256 of the content: the primary key
//	    1      8  number
//	    2      8  length of the content
//	    3      8  references, 1 or more
//
// The table of chunks:
//
//	field  bytes  what
//	    0     12  number, and place among its chunks in 4 bytes: the primary key
//	    1      …  content: ChunkBytes, fewer only in the last chunk
//
// The tree of numbers that are no blobs has the number (8 bytes) as key, and one byte as value: 0 for an upload, 1 for garbage.
// The tree of the store's state has one key, "next", with the number (8 bytes) that is given out next; 1 when it is missing.
const (
	blobsTable  = "blobs"
	chunksTable = "blob-chunks"
	looseTree   = "blob-loose"
	stateTree   = "blob-state"
	stateNext   = "next"

	blobKind  = 5
	chunkKind = 4

	fieldHash       = 0
	fieldNumber     = 1
	fieldLength     = 2
	fieldReferences = 3
	blobFields      = 4

	fieldChunkKey  = 0
	fieldChunkData = 1
	chunkFields    = 2
)

// The states of numbers that are no blobs.
const (
	upload  = 0
	garbage = 1
)

// ChunkBytes is how much of a stream one row holds: with its headers it fills 32 pages.
const ChunkBytes = 32*8192 - 128

// Hash is the SHA-256 of a content.
type Hash [sha256.Size]byte

// String returns the hash as clients know it: base64, 44 characters.
func (h Hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// ParseHash reads what String wrote; false when text is anything else.
func ParseHash(text string) (h Hash, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(h) {
		return h, false
	}
	return Hash(b), true
}

func newBlobs() *table.Table {
	return table.New(table.Schema{
		Name: blobsTable, Kind: blobKind, Fields: blobFields,
		Primary: table.Index{Name: "hash", Fields: []int{fieldHash}},
		Indexes: []table.Index{{Name: numberIndex, Fields: []int{fieldNumber}, Uint64: true}},
	})
}

const numberIndex = "number"

func newChunks() *table.Table {
	return table.New(table.Schema{
		Name: chunksTable, Kind: chunkKind, Fields: chunkFields,
		Primary: table.Index{Name: "place", Fields: []int{fieldChunkKey}},
	})
}

// CopyParts says how all that a store keeps is copied into another environment; see storage.Copy.
func CopyParts() []storage.Part {
	return []storage.Part{newBlobs().Part(), newChunks().Part(), storage.TreePart(looseTree), storage.TreePart(stateTree)}
}
