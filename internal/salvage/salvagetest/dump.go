package salvagetest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Read returns the documents of an export file by id in lower case, each as it is written there. An id twice fails the test.
func Read(t testing.TB, fs vfs.FS, name string) map[string]string {
	t.Helper()
	packed, err := vfs.ReadFile(fs, name)
	must(t, err)
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	must(t, err)
	text, err := io.ReadAll(zip)
	must(t, err)
	var dump struct {
		BuildVersion int
		Docs         []json.RawMessage
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	must(t, decoder.Decode(&dump))
	if dump.BuildVersion == 0 {
		t.Errorf("%s: no BuildVersion", name)
	}
	found := map[string]string{}
	for _, doc := range dump.Docs {
		var head struct {
			Metadata struct {
				ID string `json:"@id"`
			} `json:"@metadata"`
		}
		must(t, json.Unmarshal(doc, &head))
		id := strings.ToLower(head.Metadata.ID)
		if _, twice := found[id]; twice || id == "" {
			t.Errorf("%s: %q is there twice, or has no id", name, id)
		}
		found[id] = string(doc)
	}
	return found
}

// idOf returns the lower-case id of a row.
func idOf(t testing.TB, b []byte) string {
	t.Helper()
	r, _, err := row.Decode(b)
	must(t, err)
	return string(r.Field(docrow.FieldKey))
}
