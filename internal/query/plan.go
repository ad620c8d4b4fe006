package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/rql"
)

// Plan is a query that can be run: parameters are put in, and everything it asks for can be done.
type Plan struct {
	all        bool   // from @all_docs
	collection string // as the query writes it; letters' case does not matter
	access     access
	order      order
	limits     limits
	includes   []string // paths as jsondoc walks them
	identity   uint64   // a hash of query and parameters, for the etag
}

// order is the order of the rows.
type order uint8

const (
	orderStored order = iota // as the access yields them
	orderIDUp
	orderIDDown
)

// NewPlan plans q with the values of its parameters: an object, or nil when there are none.
//
// The error is an *UnsupportedError or a *ParameterError.
func NewPlan(q *rql.Query, params jsondoc.Doc) (*Plan, error) {
	b := planner{params: parameters{params}, alias: q.From.Alias}
	b.refuseClauses(q)
	p := &Plan{}
	b.planFrom(&q.From, p)
	p.access = b.planWhere(q.Where)
	p.order = b.planOrder(q.OrderBy)
	b.checkSelect(q.Select)
	p.includes = b.planIncludes(q.Include)
	p.limits = b.planLimit(q.Limit)
	if b.err != nil {
		return nil, b.err
	}
	p.identity = identity(q, params)
	return p, nil
}

// planner holds what planning needs everywhere. The first error sticks.
type planner struct {
	params parameters
	alias  string
	err    error
}

func (b *planner) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *planner) refuse(at rql.Pos, what, instead string) {
	b.fail(&UnsupportedError{at, what, instead})
}

// refuseClauses refuses the clauses of which nothing is supported.
func (b *planner) refuseClauses(q *rql.Query) {
	const notPart = " is not part of this version"
	switch {
	case len(q.Declarations) > 0 && q.Declarations[0].Function != nil:
		b.refuse(q.Declarations[0].Pos, "a declared function"+notPart, "")
	case len(q.Declarations) > 0:
		b.refuse(q.Declarations[0].Pos, "a declared time series"+notPart, "")
	case len(q.GroupBy) > 0:
		b.refuse(q.GroupBy[0].Pos, "group by needs an index", noIndexes)
	case q.Filter != nil:
		b.refuse(q.Filter.Position(), "filter"+notPart, "")
	case q.FilterLimit != nil:
		b.refuse(q.FilterLimit.Position(), "filter_limit"+notPart, "")
	case len(q.Load) > 0:
		b.refuse(q.Load[0].Pos, "load"+notPart, "to get referenced documents beside the results, write include")
	case q.Update != nil:
		b.refuse(q.Update.Pos, "update needs scripts, which are not part of this version", "")
	}
}

func (b *planner) planFrom(f *rql.From, p *Plan) {
	switch {
	case f.Kind == rql.Index:
		b.refuse(f.NameAt, fmt.Sprintf("the index %q cannot be queried", f.Name), noIndexes)
	case f.Filter != nil:
		b.refuse(f.Filter.Position(), "a parenthesis behind the collection belongs to subscriptions", "in a query, conditions stand behind where")
	}
	p.all = f.Kind == rql.AllDocs
	p.collection = f.Name
}

// planOrder accepts order by id() and nothing else.
func (b *planner) planOrder(items []rql.OrderItem) order {
	if len(items) == 0 {
		return orderStored
	}
	for i, item := range items {
		switch by := item.By.(type) {
		case *rql.Path:
			b.refuse(item.Pos, fmt.Sprintf("ordering by field %q needs an index", by.Text()), noIndexes+": the supported order is id()")
		case *rql.Call:
			if !b.isID(by) {
				b.refuse(item.Pos, fmt.Sprintf("ordering by %s() needs an index", by.Name), noIndexes+": the supported order is id()")
			}
		}
		switch {
		case item.As != rql.OrderUnstated && item.As != rql.OrderString:
			b.refuse(item.Pos, "ids are ordered as texts only", "leave out the type")
		case i > 0:
			b.refuse(item.Pos, "a second ordering behind id() would decide nothing", "every id is there once")
		}
	}
	if items[0].Desc {
		return orderIDDown
	}
	return orderIDUp
}

// checkSelect accepts what gives whole documents: no select, *, or the alias.
func (b *planner) checkSelect(s *rql.Select) {
	switch {
	case s == nil:
	case s.Distinct:
		b.refuse(s.Pos, "select distinct is not part of this version", "documents come once each without it")
	case s.All:
	case s.Object != nil:
		b.refuse(s.Object.Pos, "a JavaScript projection is not part of this version", wholeDocuments)
	case len(s.Items) == 1 && s.Items[0].Alias == "" && b.isAlias(s.Items[0].Value):
	default:
		b.refuse(s.Items[0].Pos, "a projection is not part of this version", wholeDocuments)
	}
}

const wholeDocuments = "queries return whole documents: leave out select, or write select *"

func (b *planner) isAlias(v rql.Selected) bool {
	path, ok := v.(*rql.Path)
	return ok && b.alias != "" && path.Text() == b.alias
}

// isID reports whether c is id(), or id(alias) with the alias of from.
func (b *planner) isID(c *rql.Call) bool {
	return c.Name == "id" && (len(c.Args) == 0 || b.isAlias(c.Args[0]))
}

// IndexName returns what clients are told as the name of the index that answered: "collection/Orders" with the name as the query
// writes it, or "AllDocs".
func (p *Plan) IndexName() string {
	if p.all {
		return "AllDocs"
	}
	return "collection/" + p.collection
}

// String describes the plan in one line, for people and tests.
func (p *Plan) String() string {
	var s strings.Builder
	s.WriteString(p.IndexName() + ": " + p.access.String())
	s.WriteString([...]string{"", ", by id", ", by id descending"}[p.order])
	if p.limits.given {
		s.WriteString(", from " + strconv.Itoa(p.limits.offset))
	}
	if p.limits.size < allRows {
		s.WriteString(", at most " + strconv.Itoa(p.limits.size))
	}
	for _, path := range p.includes {
		s.WriteString(", including " + path)
	}
	return s.String()
}
