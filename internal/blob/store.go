package blob

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// Store is the blobs of one environment. It holds no state: that is in the transaction that a method gets.
type Store struct {
	blobs, chunks *table.Table
}

// New returns a store.
func New() *Store { return &Store{blobs: newBlobs(), chunks: newChunks()} }

// Number names the chunks of one stream.
type Number uint64

func (n Number) key() []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func (n Number) chunkKey(place int) []byte {
	return binary.BigEndian.AppendUint32(n.key(), uint32(place))
}

// Blob is one stored content.
type Blob struct {
	Hash       Hash
	Length     int64
	References int64
	Number     Number
}

// Chunks is how many chunks it has.
func (b *Blob) Chunks() int { return int((b.Length + ChunkBytes - 1) / ChunkBytes) }

// fields returns b as a row.
func (b *Blob) fields() [][]byte {
	return [][]byte{
		fieldHash: b.Hash[:], fieldNumber: b.Number.key(), fieldLength: binary.BigEndian.AppendUint64(nil, uint64(b.Length)),
		fieldReferences: binary.BigEndian.AppendUint64(nil, uint64(b.References)),
	}
}

// decode reads a row.
func decode(row *table.Row) (Blob, error) {
	for _, f := range [...]int{fieldNumber, fieldLength, fieldReferences} {
		if len(row.Field(f)) != 8 {
			return Blob{}, &CorruptError{Where: blobsTable, Why: "a number has another length"}
		}
	}
	if len(row.Field(fieldHash)) != len(Hash{}) {
		return Blob{}, &CorruptError{Where: blobsTable, Why: "a hash has another length"}
	}
	b := Blob{
		Hash: Hash(row.Field(fieldHash)), Number: Number(binary.BigEndian.Uint64(row.Field(fieldNumber))),
		Length: int64(binary.BigEndian.Uint64(row.Field(fieldLength))), References: int64(binary.BigEndian.Uint64(row.Field(fieldReferences))),
	}
	if b.Length < 0 || b.References < 1 || b.Number == 0 {
		return Blob{}, &CorruptError{Where: blobsTable, Hash: b.Hash.String(), Why: "a number makes no sense"}
	}
	return b, nil
}

// Stats are counts of a store.
type Stats struct {
	Blobs int64 // contents
	Loose int64 // uploads, and what is to be cleaned
}

// Stats returns the counts, which are kept, not computed.
func (s *Store) Stats(tx storage.Tx) Stats {
	stats := Stats{Blobs: int64(s.blobs.Count(tx))}
	if tree, ok := tx.Tree(looseTree); ok {
		stats.Loose = int64(tree.Entries())
	}
	return stats
}
