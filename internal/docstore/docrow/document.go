package docrow

import (
	"encoding/binary"
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table/row"
)

// Document is one stored document.
type Document struct {
	ID           string // with the casing it was created with
	Etag         int64
	ChangeVector string
	LastModified time.Time // UTC, to 100 ns
	Flags        Flags
	Extensions   Extensions // lie in a page, as Data does
	Collection   string     // with the casing the collection was created with; EmptyCollection for none
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

// Decode reads a row of a document in which Problem finds nothing. Data is the body as it is stored, unchecked.
func Decode(r *row.Row) Document {
	flags, extensions, _ := DecodeFlags(r.Field(FieldFlags))
	return Document{
		ID:           string(r.Field(FieldID)),
		Etag:         Etag(r),
		ChangeVector: string(r.Field(FieldVector)),
		LastModified: TimeOf(int64(binary.BigEndian.Uint64(r.Field(FieldTime)))),
		Flags:        flags,
		Extensions:   extensions,
		Collection:   string(r.Field(FieldCollection)),
		Data:         jsondoc.Doc(r.Field(FieldData)),
	}
}

// Etag returns the etag of a document's or tombstone's row in which Problem finds nothing.
func Etag(r *row.Row) int64 { return int64(binary.BigEndian.Uint64(r.Field(FieldEtag))) }
