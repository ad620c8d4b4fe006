package api

import (
	"fmt"
	"strings"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/sampledata"
)

// notEmptyError refuses sample data in a database that somebody uses.
type notEmptyError struct{ documents int64 }

func (e *notEmptyError) Kind() fault.Kind { return fault.Invalid }

func (e *notEmptyError) Error() string {
	return fmt.Sprintf("the database holds %d documents already: sample data goes into an empty one only", e.documents)
}

// postSampleData fills an empty database with the sample set, in one transaction.
func (h *handler) postSampleData(r *request) error {
	for _, kind := range r.params.all("operateOnTypes") {
		switch strings.ToLower(kind) {
		case "documents", "indexes", "": // there are no indexes in the set
		default:
			return &unsupportedError{what: "sample data of type " + kind, hint: "operateOnTypes=Documents is there"}
		}
	}
	s, err := r.db.Stats()
	if err != nil {
		return err
	}
	if s.Documents.Documents > 0 {
		return &notEmptyError{documents: s.Documents.Documents}
	}
	var batch database.Batch
	for id, text := range sampledata.Documents() {
		doc, err := jsondoc.Parse(text)
		if err != nil {
			return fmt.Errorf("sample document %s: %w", id, err)
		}
		batch.Commands = append(batch.Commands, &database.Put{In: docstore.Put{ID: id, Expected: docstore.Missing(), Data: doc}})
	}
	if err := r.db.Do(r.http.Context(), &batch); err != nil {
		return err
	}
	r.noContent()
	return nil
}
