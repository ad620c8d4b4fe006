package docstore

import (
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

const (
	metadataName   = docrow.MetadataName
	collectionName = docrow.CollectionName
)

// serverOwns says whether a key of the metadata is the server's to write: what clients send under it is old news.
func serverOwns(name string) bool {
	switch name {
	case "@id", "@change-vector", "@last-modified", "@flags", "@attachments", "@counters", "@timeseries",
		"@index-score", "@spatial", "@projection", "@conflict", "@counters-snapshot", "@timeseries-snapshot":
		return true
	}
	return false
}

// given is a document as it came in.
type given struct {
	data       jsondoc.Doc
	meta       jsondoc.Value // null when it has none
	collection []byte        // in data; nil: it names none
	strip      bool          // meta has keys that are not stored
}

// emptyName is EmptyCollection as bytes, made once.
var emptyName = []byte(EmptyCollection)

// name returns the collection that the document is to be in, as it was given.
func (g *given) name() []byte {
	if g.collection == nil {
		return emptyName
	}
	return g.collection
}

// readGiven looks at what the store has to know of a document. Errors are *InvalidDocumentError; id is for them.
func readGiven(id string, data jsondoc.Doc) (given, error) {
	g := given{data: data}
	root := data.Root()
	if root.Kind() != jsondoc.Object {
		return g, &InvalidDocumentError{ID: id, Why: "a document must be a JSON object, this is a JSON " + root.Kind().String()}
	}
	meta, ok := root.Field(metadataName)
	if !ok {
		return g, nil
	}
	if meta.Kind() != jsondoc.Object {
		return g, &InvalidDocumentError{ID: id, Why: "@metadata must be an object, this is a " + meta.Kind().String()}
	}
	g.meta = meta
	for i := range meta.Len() {
		name, value := meta.Entry(i)
		raw := name.Raw()
		if raw[1] != '@' { // even of the empty name there is a closing quote
			continue
		}
		switch key := raw[1 : len(raw)-1]; {
		case serverOwns(string(key)):
			g.strip = true
		case string(key) == collectionName:
			if err := g.readCollection(id, value); err != nil {
				return g, err
			}
		}
	}
	return g, nil
}

// readCollection takes the collection from value. Null and the empty string name none, and are not stored.
func (g *given) readCollection(id string, value jsondoc.Value) error {
	if value.IsNull() {
		g.strip = true
		return nil
	}
	if value.Kind() != jsondoc.String {
		return &InvalidDocumentError{ID: id, Why: "@collection must be a string, this is a " + value.Kind().String()}
	}
	name := value.Bytes(nil)
	if len(name) == 0 {
		g.strip = true
		return nil
	}
	g.collection = name
	return checkCollection(id, name)
}

// checkCollection refuses names that would not fit the index, or could end before their end in it.
func checkCollection(id string, name []byte) error {
	if len(name) > CollectionBytesMax {
		return &InvalidDocumentError{ID: id, Why: "the name in @collection is longer than 512 bytes", TooLong: true}
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return &InvalidDocumentError{ID: id, Why: "the name in @collection has a control character"}
		}
	}
	if !utf8.Valid(name) {
		return &InvalidDocumentError{ID: id, Why: "the name in @collection has half of a surrogate pair"}
	}
	return nil
}

// appendKept appends the text of the document that is stored: without what the server owns, and in the collection called
// name.
func (g *given) appendKept(dst []byte, name string) []byte {
	text := g.data.Text()
	start, end := g.meta.Span()
	dst = append(dst, text[:start+1]...)
	first := true
	for i := range g.meta.Len() {
		key, value := g.meta.Entry(i)
		raw := key.Raw()
		isCollection := string(raw) == `"`+collectionName+`"`
		if serverOwns(string(raw[1:len(raw)-1])) || isCollection && isUnnamed(value) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, raw...), ':')
		if isCollection {
			dst = jsondoc.AppendString(dst, name)
		} else {
			dst = append(dst, value.Raw()...)
		}
	}
	return append(dst, text[end-1:]...)
}

// isUnnamed says whether a value of @collection names none.
func isUnnamed(v jsondoc.Value) bool { return v.IsNull() || string(v.Raw()) == `""` }
