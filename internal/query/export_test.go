package query

import (
	"iter"

	"github.com/rookerydb/rookery/internal/docstore"
)

// MatchesDown is what Rows reads for order by id() desc, with a smaller bound than sortedIDsMax.
func (r *Result) MatchesDown(most int) iter.Seq2[docstore.Document, error] {
	return r.plan.byIDDown(r.tx, r.store, most)
}
