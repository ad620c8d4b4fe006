package client

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"

	"github.com/rookerydb/rookery/client/internal/jsonedit"
)

// Names of members of @metadata that clients and server share.
const (
	metaKey          = "@metadata"
	metaCollection   = "@collection"
	metaID           = "@id"
	metaChangeVector = "@change-vector"
	metaLastModified = "@last-modified"
	metaProjection   = "@projection"
)

// Metadata is what stands beside a document's own members. A session saves what is changed in it. Members that begin with @
// are reserved; @collection, @expires and @refresh may be set. Numbers are json.Number.
type Metadata map[string]any

// serverOwned are the members that the server keeps, and that are not sent to it.
var serverOwned = [...]string{
	metaID, metaChangeVector, metaLastModified, "@flags", "@attachments", "@counters", "@timeseries", "@index-score", "@spatial", metaProjection,
}

// rawDocument is a document as it came, with the members of its metadata that the client needs.
type rawDocument struct {
	text         []byte // without @metadata
	metadata     Metadata
	id           string
	changeVector string
	projection   bool // made by a query, not stored
}

// parseDocument takes a document apart.
func parseDocument(text []byte) (rawDocument, error) {
	members, err := jsonedit.ParseObject(text)
	if err != nil {
		return rawDocument{}, err
	}
	members, about := members.Without(metaKey)
	d := rawDocument{text: members.Append(make([]byte, 0, len(text))), metadata: Metadata{}}
	if about != nil {
		dec := json.NewDecoder(bytes.NewReader(about))
		dec.UseNumber()
		if err := dec.Decode(&d.metadata); err != nil {
			return rawDocument{}, err
		}
	}
	d.id = d.metadata.text(metaID)
	d.changeVector = d.metadata.text(metaChangeVector)
	d.projection, _ = d.metadata[metaProjection].(bool)
	return d, nil
}

func (m Metadata) text(name string) string {
	s, _ := m[name].(string)
	return s
}

// Collection is the name of the document's collection; empty before a document without one is saved.
func (m Metadata) Collection() string { return m.text(metaCollection) }

// sent is the JSON text of what goes to the server; members in the order of their names, so that equal texts mean no change.
func (m Metadata) sent() ([]byte, error) {
	own := maps.Clone(m)
	for _, name := range serverOwned {
		delete(own, name)
	}
	return jsonedit.Marshal(own)
}

// sameID tells whether two ids name the same document: the case of letters does not matter.
func sameID(a, b string) bool { return idKey(a) == idKey(b) }

// idKey is the form of an id by which a session finds it.
func idKey(id string) string { return strings.ToLower(id) }
