package docrow

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/changevector"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table/row"
)

// Problem says what is wrong with the row of a document or tombstone, or "": what no Put or Delete can have written. The
// kind of the row, its checksum and the body are not looked at.
func Problem(r *row.Row) string {
	if n := r.Fields(); n != TombstoneFields && n != DocumentFields {
		return fmt.Sprintf("it has %d fields", n)
	}
	if why := LengthProblem(r); why != "" {
		return why
	}
	id, collection := r.Field(FieldID), r.Field(FieldCollection)
	if !bytes.Equal(AppendFolded(nil, id), r.Field(FieldKey)) {
		return "its key is not its id in lower case"
	}
	if len(id) == 0 || len(id) > IDBytesMax || IDProblem(string(id)) != "" {
		return "no document can have its id"
	}
	if !bytes.Equal(append(AppendFolded(nil, collection), 0), r.Field(FieldCollectionKey)) {
		return "the key of its collection is not the name in lower case"
	}
	if etag := Etag(r); etag <= 0 {
		return fmt.Sprintf("etag %d was never given", etag)
	}
	if _, err := changevector.Parse(string(r.Field(FieldVector))); err != nil {
		return fmt.Sprintf("its change vector is none: %v", err)
	}
	return ""
}

// LengthProblem says which of the fields of fixed form cannot be read, or "".
func LengthProblem(r *row.Row) string {
	etag, ticks := len(r.Field(FieldEtag)), len(r.Field(FieldTime))
	if etag != 8 || ticks != 8 {
		return fmt.Sprintf("etag and time have %d and %d bytes", etag, ticks)
	}
	if _, _, ok := DecodeFlags(r.Field(FieldFlags)); !ok {
		return fmt.Sprintf("flags and lists of %d bytes make no sense", len(r.Field(FieldFlags)))
	}
	return ""
}

// BodyProblem says why a body that jsondoc.Check accepted is no document's, or "".
func BodyProblem(d jsondoc.Doc) string {
	root := d.Root()
	if root.Kind() != jsondoc.Object {
		return "a document must be a JSON object, this is a JSON " + root.Kind().String()
	}
	if meta, ok := root.Field(MetadataName); ok && meta.Kind() != jsondoc.Object {
		return "@metadata must be an object, this is a " + meta.Kind().String()
	}
	return ""
}

// IDProblem says what no id may have in it, or "". Control characters have no place in names that go into URLs, headers,
// logs and lists: there they are accidents or forgeries. The backslash is refused because clients and proxies turn it into
// a slash.
func IDProblem(id string) string {
	for i := range len(id) {
		switch c := id[i]; {
		case c < ' ' || c == 0x7f:
			return "it has a control character"
		case c == '\\':
			return "it has a backslash"
		}
	}
	if !utf8.ValidString(id) {
		return "it is not UTF-8"
	}
	return ""
}
