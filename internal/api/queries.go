package api

import (
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/query"
	"github.com/rookerydb/rookery/internal/rql"
	"github.com/rookerydb/rookery/internal/storage"
)

// queryRequest is the body of a query, decoded.
type queryRequest struct {
	text       string
	parameters jsondoc.Doc // an object; nil when none were sent
	page       query.Page
}

// postQuery runs the query in the body.
func (h *handler) postQuery(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	var in queryRequest
	if in.text, err = stringMember(body, "Query"); err != nil {
		return err
	}
	if in.text == "" {
		return &invalidError{what: "member Query of the body", want: "a query text"}
	}
	if v, ok := body.Field("QueryParameters"); ok && v.Kind() != jsondoc.Null {
		if v.Kind() != jsondoc.Object {
			return memberError("QueryParameters", v, "an object from names to values")
		}
		if in.parameters, err = jsondoc.Parse(v.Raw()); err != nil {
			return err
		}
	}
	if in.page.Start, err = wholeMember(body, "Start", 0); err != nil {
		return err
	}
	if in.page.Size, err = wholeMember(body, "PageSize", int(maxInt)); err != nil {
		return err
	}
	return h.runQuery(r, in)
}

// getQuery runs the query in the URL, for people with a browser or curl.
func (h *handler) getQuery(r *request) error {
	in := queryRequest{text: r.params.get("query")}
	if in.text == "" {
		return &invalidError{what: "parameter query", want: "a query text"}
	}
	var err error
	if in.page.Start, err = r.intParam("start", 0); err != nil {
		return err
	}
	if in.page.Size, err = r.intParam("pageSize", int(maxInt)); err != nil {
		return err
	}
	return h.runQuery(r, in)
}

// refuseDebug fails the forms of a query that show how an index works.
func refuseDebug(p params) error {
	if form := p.get("debug"); form != "" {
		return &unsupportedError{what: "a query with debug=" + form}
	}
	return nil
}

// runQuery parses, plans and runs on one snapshot.
func (h *handler) runQuery(r *request, in queryRequest) error {
	if err := refuseDebug(r.params); err != nil {
		return err
	}
	metadataOnly, err := r.boolParam("metadataOnly")
	if err != nil {
		return err
	}
	begun := h.now()
	parsed, err := rql.Parse(in.text)
	if err != nil {
		return err
	}
	plan, err := query.NewPlan(parsed, in.parameters)
	if err != nil {
		return err
	}
	return r.db.View(func(tx *storage.ReadTx) error {
		result, err := plan.Run(tx, r.db.Store(), in.page)
		if err != nil {
			return err
		}
		if r.notModified(itoa(int(result.Etag))) {
			return nil
		}
		return h.queryResult(r, result, metadataOnly, begun)
	})
}

// queryResult appends the rows first, so that they can flow, and what is known of all of them after.
func (h *handler) queryResult(r *request, result *query.Result, metadataOnly bool, begun time.Time) error {
	r.str(`{"Results":[`)
	if err := r.documents(result.Rows(), metadataOnly); err != nil {
		return err
	}
	r.member(`],"TotalResults":`, result.Total)
	r.member(`,"LongTotalResults":`, result.Total)
	r.member(`,"SkippedResults":0,"DurationInMs":`, h.now().Sub(begun).Milliseconds())
	r.str(`,"IncludedPaths":null,"IndexName":`)
	r.quote(result.IndexName)
	r.str(`,"IndexTimestamp":"0001-01-01T00:00:00.0000000","LastQueryTime":"0001-01-01T00:00:00.0000000","IsStale":false`)
	r.member(`,"ResultEtag":`, result.Etag)
	r.str(`,"NodeTag":`)
	r.quote(h.server.NodeTag())
	related, err := result.Includes()
	if err != nil {
		return err
	}
	found := make([]foundDocument, len(related))
	for i := range related {
		found[i] = foundDocument{doc: related[i], ok: true}
	}
	r.str(`,"Includes":`)
	if err := r.includes(found); err != nil {
		return err
	}
	r.str(`}`)
	return nil
}
