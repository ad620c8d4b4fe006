package docstore

import (
	"encoding/binary"
	"time"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table"
)

// What is stored, as package docrow describes it.
type (
	// Document is one stored document.
	Document = docrow.Document
	// Tombstone is what is left of a deleted document, so that others can learn of the delete.
	Tombstone = docrow.Tombstone
	// Flags say what a document has besides its body, and where it comes from.
	Flags = docrow.Flags
	// Extensions are the lists of what a document has besides its body.
	Extensions = docrow.Extensions
)

// The flags. Their values are part of the format.
const (
	HasRevisions           = docrow.HasRevisions
	Revision               = docrow.Revision
	DeleteRevision         = docrow.DeleteRevision
	HasAttachments         = docrow.HasAttachments
	HasCounters            = docrow.HasCounters
	HasTimeSeries          = docrow.HasTimeSeries
	Conflicted             = docrow.Conflicted
	Resolved               = docrow.Resolved
	FromReplication        = docrow.FromReplication
	FromClusterTransaction = docrow.FromClusterTransaction
	Reverted               = docrow.Reverted
)

// ofDocument are the flags that say what a document has besides its body: a put of a new body leaves them.
const ofDocument = HasRevisions | HasAttachments | HasCounters | HasTimeSeries

// EmptyCollection is where documents are that name no collection.
const EmptyCollection = docrow.EmptyCollection

// AppendTime appends t as clients read it: UTC, 7 digits of a second, Z. It allocates nothing.
func AppendTime(dst []byte, t time.Time) []byte { return docrow.AppendTime(dst, t) }

// ParseTimeSpan reads [d.]hh:mm:ss[.fffffff], as clients write lengths of time; 0 when it is none.
func ParseTimeSpan(text string) time.Duration { return docrow.ParseTimeSpan(text) }

// ticksOf returns t as stored, timeOf what was stored as ticks.
func ticksOf(t time.Time) int64    { return docrow.TicksOf(t) }
func timeOf(ticks int64) time.Time { return docrow.TimeOf(ticks) }

// decodeDocument reads row. known is an id that the caller has in memory already: when the row's is the same, that one is
// used.
func (s *Store) decodeDocument(row *table.Row, known string) (Document, error) {
	if err := checkLengths(documentsTable, row); err != nil {
		return Document{}, err
	}
	flags, extensions, _ := docrow.DecodeFlags(row.Field(fieldFlags))
	return Document{
		ID:           sameOrCopy(known, row.Field(fieldID)),
		Etag:         int64(binary.BigEndian.Uint64(row.Field(fieldEtag))),
		ChangeVector: string(row.Field(fieldVector)),
		LastModified: timeOf(int64(binary.BigEndian.Uint64(row.Field(fieldTime)))),
		Flags:        flags,
		Extensions:   extensions,
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
	if why := docrow.LengthProblem(row); why != "" {
		return corruptRow(where, row, why)
	}
	return nil
}

// sameOrCopy returns b as a string, which is known if that is the same.
func sameOrCopy(known string, b []byte) string {
	if known == string(b) {
		return known
	}
	return string(b)
}
