package docstore

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table"
)

// Document is one stored document.
type Document struct {
	ID           string // with the casing it was created with
	Etag         int64
	ChangeVector string
	LastModified time.Time // UTC, to 100 ns
	Flags        Flags
	Collection   string // with the casing the collection was created with; EmptyCollection for none
	// Data is the body with the client's metadata, without the server's. It lies in a page: valid until the transaction
	// ends or writes, copy to keep.
	Data jsondoc.Doc
}

// Tombstone is what is left of a deleted document, so that others can learn of the delete.
type Tombstone struct {
	ID           string
	Etag         int64
	ChangeVector string
	DeletedAt    time.Time // UTC, to 100 ns
	Collection   string
}

// EmptyCollection is where documents are that name no collection.
const EmptyCollection = "@empty"

// decodeDocument reads row. known is an id that the caller has in memory already: when the row's is the same, that one is
// used.
func (s *Store) decodeDocument(row *table.Row, known string) (Document, error) {
	if err := checkLengths(documentsTable, row); err != nil {
		return Document{}, err
	}
	return Document{
		ID:           sameOrCopy(known, row.Field(fieldID)),
		Etag:         int64(binary.BigEndian.Uint64(row.Field(fieldEtag))),
		ChangeVector: string(row.Field(fieldVector)),
		LastModified: timeOf(int64(binary.BigEndian.Uint64(row.Field(fieldTime)))),
		Flags:        Flags(binary.BigEndian.Uint32(row.Field(fieldFlags))),
		Collection:   s.names.of(row.Field(fieldCollection)),
		Data:         jsondoc.Doc(row.Field(fieldData)),
	}, nil
}

// decodeTombstone reads row.
func (s *Store) decodeTombstone(row *table.Row) (Tombstone, error) {
	if err := checkLengths(tombstonesTable, row); err != nil {
		return Tombstone{}, err
	}
	return Tombstone{
		ID:           string(row.Field(fieldID)),
		Etag:         int64(binary.BigEndian.Uint64(row.Field(fieldEtag))),
		ChangeVector: string(row.Field(fieldVector)),
		DeletedAt:    timeOf(int64(binary.BigEndian.Uint64(row.Field(fieldTime)))),
		Collection:   s.names.of(row.Field(fieldCollection)),
	}, nil
}

// checkLengths makes sure that the fields of fixed length can be read.
func checkLengths(where string, row *table.Row) error {
	if len(row.Field(fieldEtag)) == 8 && len(row.Field(fieldTime)) == 8 && len(row.Field(fieldFlags)) == 4 {
		return nil
	}
	return &CorruptDocumentError{Where: where, Key: string(row.Field(fieldKey)), Why: fmt.Sprintf(
		"etag, time and flags have %d, %d and %d bytes", len(row.Field(fieldEtag)), len(row.Field(fieldTime)), len(row.Field(fieldFlags)))}
}

// sameOrCopy returns b as a string, which is known if that is the same.
func sameOrCopy(known string, b []byte) string {
	if known == string(b) {
		return known
	}
	return string(b)
}
