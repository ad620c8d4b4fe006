package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// QueryOption changes what a query does.
type QueryOption interface{ applyQuery(*querySettings) }

type querySettings struct {
	body      queryBody
	untracked bool
	stats     *QueryStats
}

// queryBody is what POST /queries takes.
type queryBody struct {
	Query                         string
	QueryParameters               map[string]any `json:",omitempty"`
	Start                         int            `json:",omitempty"`
	PageSize                      *int           `json:",omitempty"`
	WaitForNonStaleResults        bool           `json:",omitempty"`
	WaitForNonStaleResultsTimeout int64          `json:",omitempty"` // milliseconds
}

type queryOptionFunc func(*querySettings)

func (f queryOptionFunc) applyQuery(s *querySettings) { f(s) }

// Param gives the query's parameter $name a value, which becomes JSON. Values belong here and never into the text of a query.
func Param(name string, value any) QueryOption {
	return queryOptionFunc(func(s *querySettings) {
		if s.body.QueryParameters == nil {
			s.body.QueryParameters = map[string]any{}
		}
		s.body.QueryParameters[name] = value
	})
}

// Page leaves out the first start results and gives size of the rest at most. A limit in the query's text counts as well.
func Page(start, size int) QueryOption {
	return queryOptionFunc(func(s *querySettings) { s.body.Start, s.body.PageSize = start, &size })
}

// WaitForNonStale makes the server wait until the index has seen all writes so far, for that long at most. Results that are
// stale even then give a *StaleError.
func WaitForNonStale(atMost time.Duration) QueryOption {
	return queryOptionFunc(func(s *querySettings) {
		s.body.WaitForNonStaleResults, s.body.WaitForNonStaleResultsTimeout = true, max(atMost.Milliseconds(), 1)
	})
}

// QueryStats is what the server tells about a query beside its results.
type QueryStats struct {
	TotalResults   int64 // before paging
	SkippedResults int64
	IndexName      string
	IsStale        bool
	DurationInMs   int64
	NodeTag        string
}

// Statistics fills into when the first result is there.
func Statistics(into *QueryStats) QueryOption {
	return queryOptionFunc(func(s *querySettings) { s.stats = into })
}

// StaleError tells that a query did not get the fresh results that it waited for.
type StaleError struct {
	Index  string
	Waited time.Duration
}

func (e *StaleError) Error() string {
	return "index " + strconv.Quote(e.Index) + " is stale after " + e.Waited.String()
}

// Query runs a query, in RQL, when the sequence is ranged over, and again each time. The whole answer comes with one request and
// is one snapshot. Documents are tracked, projections are not. The sequence ends at its first error.
//
//	for user, err := range client.Query[User](ctx, s, "from Users where id() = $id", client.Param("id", id)) {
func Query[T any](ctx context.Context, s *Session, rql string, options ...QueryOption) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		settings := s.querySettings(rql, options)
		rows, err := s.query(ctx, settings)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, d := range rows {
			doc, err := row[T](s, d, settings.untracked)
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// row makes the value of one result.
func row[T any](s *Session, d *rawDocument, untracked bool) (*T, error) {
	if untracked || d.projection || d.id == "" {
		return decode[T](s, d)
	}
	if e, ok := s.byID[idKey(d.id)]; ok {
		return tracked[T](e)
	}
	return adopt[T](s, d)
}

func (s *Session) querySettings(rql string, options []QueryOption) querySettings {
	settings := querySettings{body: queryBody{Query: rql}, untracked: s.options.Untracked}
	for _, o := range options {
		o.applyQuery(&settings)
	}
	return settings
}

// query sends a query and keeps what it included.
func (s *Session) query(ctx context.Context, settings querySettings) ([]*rawDocument, error) {
	if err := s.spend(); err != nil {
		return nil, err
	}
	c, err := queryCall(settings, s.turn)
	if err != nil {
		return nil, err
	}
	a, err := s.store.do(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.queryAnswer(settings, a)
}

// queryCall is the request of a query. It reads, whatever its method.
func queryCall(settings querySettings, turn int) (*call, error) {
	body, err := json.Marshal(settings.body)
	if err != nil {
		return nil, &UsageError{"a parameter of the query", err.Error()}
	}
	return &call{method: http.MethodPost, path: "/queries", body: body, effect: reads, cacheable: true, turn: turn}, nil
}

// queryAnswer reads the answer to queryCall.
func (s *Session) queryAnswer(settings querySettings, a *answer) ([]*rawDocument, error) {
	if !a.found() {
		return nil, &IndexMissingError{&ServerError{Status: a.status, Message: "the query names an index that is not there", URL: a.url}}
	}
	var stats QueryStats
	if err := json.Unmarshal(a.body, &stats); err != nil {
		return nil, &AnswerError{a.url, err}
	}
	if settings.stats != nil {
		*settings.stats = stats
	}
	if wait := settings.body.WaitForNonStaleResultsTimeout; wait > 0 && stats.IsStale {
		return nil, &StaleError{Index: stats.IndexName, Waited: time.Duration(wait) * time.Millisecond}
	}
	rows, includes, err := parseResults(a)
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		if d == nil {
			return nil, &AnswerError{a.url, errors.New("a result that is null")}
		}
	}
	if !settings.untracked {
		s.keepIncludes(includes)
	}
	return rows, nil
}

// All collects a sequence, such as of Query or Stream. On an error it gives what came before.
func All[T any](rows iter.Seq2[*T, error]) ([]*T, error) {
	var all []*T
	for doc, err := range rows {
		if err != nil {
			return all, err
		}
		if doc != nil {
			all = append(all, doc)
		}
	}
	return all, nil
}

// First is the first of a sequence; ok is false when it is empty. With Page(0, 1) the server sends no more than that.
func First[T any](rows iter.Seq2[*T, error]) (doc *T, ok bool, err error) {
	for doc, err := range rows {
		return doc, err == nil, err
	}
	return nil, false, nil
}

// Count is how many results a query has, without getting them.
func Count(ctx context.Context, s *Session, rql string, options ...QueryOption) (int64, error) {
	var stats QueryStats
	settings := s.querySettings(rql, append(slices.Clip(options), Page(0, 0), Statistics(&stats)))
	_, err := s.query(ctx, settings)
	return stats.TotalResults, err
}
