package dump

import (
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Filter decides which items take part in an export or import.
type Filter struct {
	Kinds Kinds
	// Collections are those of which documents, and what belongs to documents, take part; names compare without regard to
	// case, @empty is that of documents without one. Empty means all. Pieces of attachments belong to no collection: they take
	// part, and whoever imports keeps those that a document asks for.
	Collections []string
	// IncludeExpired takes documents too that have expired at Now.
	IncludeExpired bool
	Now            time.Time
	// IncludeArtificial takes documents too that an index made.
	IncludeArtificial bool
	// IncludeArchived takes documents too that are archived.
	IncludeArchived bool
}

// Keep reports whether an item takes part.
func (f *Filter) Keep(kind Kind, doc jsondoc.Doc) bool {
	switch {
	case !f.Kinds.Has(kind), !f.ofCollections(kind, doc.Root()):
		return false
	case kind == Documents:
		return f.keepDocument(doc.Root())
	}
	return true
}

func (f *Filter) keepDocument(doc jsondoc.Value) bool {
	return (f.IncludeExpired || !f.expired(doc)) &&
		(f.IncludeArtificial || !hasFlag(doc, "Artificial")) &&
		(f.IncludeArchived || !hasFlag(doc, "Archived"))
}

// ofCollections reports whether an item belongs to one of the collections asked for, or to none at all.
func (f *Filter) ofCollections(kind Kind, item jsondoc.Value) bool {
	path := "Collection"
	switch kind {
	case Documents, RevisionDocuments:
		path = metadataName + "." + collectionName
	case Tombstones, Conflicts, CounterGroups, TimeSeries, TimeSeriesDeletedRanges:
	default:
		return true
	}
	if len(f.Collections) == 0 {
		return true
	}
	collection := "@empty"
	if v, ok := item.Path(path); ok && v.Str() != "" {
		collection = v.Str()
	}
	for _, c := range f.Collections {
		if strings.EqualFold(c, collection) {
			return true
		}
	}
	return false
}

// instants are how clients write times: with the zone, or without it and then in UTC. A fraction may follow the seconds.
var instants = []string{time.RFC3339, "2006-01-02T15:04:05"}

// expired reports whether a document has expired. What is no time does not expire.
func (f *Filter) expired(doc jsondoc.Value) bool {
	v, _ := doc.Path(metadataName + ".@expires")
	if v.Kind() != jsondoc.String {
		return false
	}
	for _, layout := range instants {
		if at, err := time.Parse(layout, v.Str()); err == nil {
			return !at.After(f.Now)
		}
	}
	return false
}

// hasFlag reports whether the flags of a document, "HasRevisions, Artificial", have one.
func hasFlag(doc jsondoc.Value, flag string) bool {
	v, ok := doc.Path(metadataName + ".@flags")
	if !ok {
		return false
	}
	for f := range strings.SplitSeq(v.Str(), ",") {
		if strings.TrimSpace(f) == flag {
			return true
		}
	}
	return false
}

// RemoveAnalyzers returns the definition of an index without the analyzers of its fields, so that it works where these are
// not there; def stays as it is.
func RemoveAnalyzers(def jsondoc.Doc) (jsondoc.Doc, error) {
	fields, ok := def.Root().Field("Fields")
	if !ok {
		return def, nil
	}
	out := def
	for name := range fields.Fields() {
		var err error
		if out, err = jsondoc.Remove(out, []string{"Fields", name, "Analyzer"}); err != nil {
			return nil, err
		}
	}
	return out, nil
}
