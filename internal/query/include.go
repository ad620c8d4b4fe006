package query

import (
	"fmt"
	"strings"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/rql"
)

// planIncludes accepts paths to ids of documents.
func (b *planner) planIncludes(items []rql.Include) []string {
	var paths []string
	for _, item := range items {
		path, ok := item.(*rql.IncludePath)
		if !ok {
			b.refuse(item.Position(), fmt.Sprintf("including %s is not part of this version", includeName(item)), "documents are included by a path to their ids")
			continue
		}
		paths = append(paths, b.includePath(path.Path))
	}
	return paths
}

func includeName(item rql.Include) string {
	switch item.(type) {
	case *rql.IncludeCounters:
		return "counters"
	case *rql.IncludeTimeSeries:
		return "time series"
	case *rql.IncludeCompareExchange:
		return "compare-exchange values"
	case *rql.IncludeRevisions:
		return "revisions"
	case *rql.IncludeHighlight:
		return "highlights"
	case *rql.IncludeExplanations:
		return "explanations"
	default:
		return "timings"
	}
}

// includePath returns the path below the document, without the alias in front, in the form in which jsondoc walks it. Clients
// quote a whole path when it has other signs than letters in it, so a single text in quotes is a path, not a name.
func (b *planner) includePath(p *rql.Path) string {
	segments := p.Segments
	if len(segments) == 1 && segments[0].Quoted {
		path := segments[0].Name
		if b.alias != "" {
			path = strings.TrimPrefix(path, b.alias+".")
		}
		return path
	}
	if b.alias != "" && len(segments) > 1 && segments[0].Name == b.alias && !segments[0].Array {
		segments = segments[1:]
	}
	var w strings.Builder
	for i, s := range segments {
		if i > 0 {
			w.WriteByte('.')
		}
		if s.Quoted {
			w.WriteString("'" + strings.ReplaceAll(s.Name, "'", "''") + "'")
		} else {
			w.WriteString(s.Name)
		}
		if s.Array {
			w.WriteString("[]")
		}
	}
	return w.String()
}

// includeSet gathers ids in the order in which they are met, each once.
type includeSet struct {
	ids  []string
	seen map[string]bool
}

// add notes the texts at the paths of doc.
func (s *includeSet) add(doc jsondoc.Doc, paths []string) {
	for _, path := range paths {
		doc.Root().Walk(path, func(v jsondoc.Value) bool {
			if v.Kind() == jsondoc.String {
				s.addID(v.Str())
			}
			return true
		})
	}
}

func (s *includeSet) addID(id string) {
	key := fold(id)
	if key == "" || s.seen[key] {
		return
	}
	if s.seen == nil {
		s.seen = make(map[string]bool)
	}
	s.seen[key] = true
	s.ids = append(s.ids, id)
}

// Includes returns the documents that the rows refer to at the paths of the include clause: those of the rows that Rows has
// yielded so far, in the order in which they were met, each once. Ids without a document are left out. Their Data lies in pages:
// valid until the transaction ends.
func (r *Result) Includes() ([]docstore.Document, error) {
	var docs []docstore.Document
	for _, id := range r.included.ids {
		doc, ok, err := r.store.Get(r.tx, id)
		if err != nil {
			return nil, fmt.Errorf("include document %q: %w", id, err)
		}
		if ok {
			docs = append(docs, doc)
		}
	}
	return docs, nil
}
