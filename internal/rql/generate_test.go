package rql_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/rql"
)

// A tree that is printed and read is the tree, for trees of every shape.
func TestString_ParsesToTheSameTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t)
		printed := q.String()
		got, err := rql.Parse(printed)
		if err != nil {
			t.Fatalf("%v\nprinted: %s", err, printed)
		}
		if diff := diffTrees(q, got); diff != "" {
			t.Fatalf("-drawn +parsed:\n%s\nprinted: %s", diff, printed)
		}
	})
}

// Letters' case of keywords, blanks, comments and a semicolon say nothing.
func TestParse_IgnoresLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t)
		if q.Update != nil || len(q.Declarations) > 0 || q.Select != nil && q.Select.Object != nil {
			t.Skip("JavaScript keeps its layout")
		}
		blank := rapid.SampledFrom([]string{"  ", "\n", "\t", " /* x */ ", " // y\n", "\r\n"}).Draw(t, "blank")
		got, err := rql.Parse(relayout(q.String(), blank) + ";")
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffTrees(q, got); diff != "" {
			t.Fatalf("-drawn +parsed:\n%s", diff)
		}
	})
}

// relayout replaces the blanks outside quotes.
func relayout(text, blank string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			b.WriteString(text[i : i+2])
			i++
		case c == '\'':
			quoted = !quoted
			b.WriteByte(c)
		case c == ' ' && !quoted:
			b.WriteString(blank)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// ---- drawing trees

func drawQuery(t *rapid.T) *rql.Query {
	q := &rql.Query{From: drawFrom(t)}
	q.Declarations = drawDeclarations(t)
	q.GroupBy = drawMany(t, "group", 0, drawGroupKey)
	q.OrderBy = drawMany(t, "order", 0, drawOrderItem)
	q.Load = drawMany(t, "load", 0, func(t *rapid.T) rql.LoadItem {
		return rql.LoadItem{Path: drawPath(t), Alias: drawName(t), Array: rapid.Bool().Draw(t, "array")}
	})
	q.Include = drawMany(t, "include", 0, drawInclude)
	if maybe(t) {
		q.Where = drawCondition(t, 3)
	}
	if maybe(t) {
		q.Filter = drawCondition(t, 2)
	}
	switch rapid.IntRange(0, 3).Draw(t, "end") {
	case 0:
		q.Select = drawSelect(t)
	case 1:
		q.Update = drawScript(t)
	}
	if maybe(t) {
		q.Limit = &rql.Limit{Size: drawCount(t)}
		if maybe(t) {
			q.Limit.Offset = drawCount(t)
		}
	}
	if maybe(t) {
		q.FilterLimit = drawCount(t)
	}
	return q
}

func maybe(t *rapid.T) bool { return rapid.IntRange(0, 2).Draw(t, "maybe") == 0 }

func drawMany[T any](t *rapid.T, label string, least int, draw func(*rapid.T) T) []T {
	n := rapid.IntRange(0, 3).Draw(t, label)
	if least == 0 && n > 1 {
		n = 0
	}
	var all []T
	for range max(n, least) {
		all = append(all, draw(t))
	}
	return all
}

func one[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

var drawText = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a", "it's", `back\slash`, "\"", "\n\t\r\b\f\x01\x7f", "ü€😀", "--", "/*", "//", "from", "$x", "a.b[]", "''"}),
	rapid.String(),
)

func drawIdent(t *rapid.T) string {
	s := rapid.StringMatching(`[a-zA-Z_@ü][a-z0-9_@-]{0,5}`).Draw(t, "ident")
	switch lower := strings.ToLower(s); lower {
	case "not", "true", "false", "null", "all", "in", "and", "or", "as", "asc", "desc", "by", "last", "first":
		return s + "_"
	}
	return s
}

// drawName draws the name of an alias or a source: any text but the empty one.
func drawName(t *rapid.T) string {
	if maybe(t) {
		if s := drawText.Draw(t, "name"); s != "" {
			return s
		}
	}
	return one(t, "word", drawIdent(t), "where", "index", "@all_docs", "order", "Orders", "limit")
}

func drawFrom(t *rapid.T) rql.From {
	f := rql.From{Kind: one(t, "kind", rql.Collection, rql.Collection, rql.Index, rql.AllDocs)}
	if f.Kind != rql.AllDocs {
		f.Name = drawName(t)
	}
	if maybe(t) {
		f.Filter = drawCondition(t, 1)
	}
	if maybe(t) {
		f.Alias = drawName(t)
	}
	return f
}

func drawSegment(t *rapid.T) rql.Segment {
	s := rql.Segment{Name: drawIdent(t), Array: maybe(t)}
	if maybe(t) {
		s.Name, s.Quoted = drawText.Draw(t, "segment"), true
		if s.Name == "" {
			s.Name = "'"
		}
	}
	return s
}

func drawPath(t *rapid.T) *rql.Path {
	p := &rql.Path{Segments: []rql.Segment{drawSegment(t)}}
	for maybe(t) {
		p.Segments = append(p.Segments, drawSegment(t))
	}
	return p
}

func drawParam(t *rapid.T) *rql.Param { return &rql.Param{Name: drawIdent(t)} }

func drawNumber(t *rapid.T) *rql.NumberLit {
	return &rql.NumberLit{Text: one(t, "number", "0", "-1", "500_000", "1.50", "-2.5e-7", "1E9", "99999999999999999999")}
}

func drawCount(t *rapid.T) rql.Value {
	return one[rql.Value](t, "count", drawParam(t), &rql.NullLit{}, &rql.NumberLit{Text: "10"}, &rql.NumberLit{Text: "1_0"})
}

// drawValue draws what stands on the right: a text in quotes is a literal there, so a path of one quoted name is not drawn.
func drawValue(t *rapid.T) rql.Value {
	path := drawPath(t)
	if first := path.Segments[0]; len(path.Segments) == 1 && first.Quoted && !first.Array {
		path.Segments[0] = rql.Segment{Name: "plain"}
	}
	return one[rql.Value](t, "value", &rql.StringLit{Text: drawText.Draw(t, "text")}, drawNumber(t), drawParam(t), &rql.BoolLit{Value: maybe(t)},
		&rql.NullLit{}, path, &rql.Call{Name: "cmpxchg", Args: []rql.Value{drawParam(t)}, Member: drawMany(t, "member", 0, drawSegment)},
		&rql.Call{Name: "id"})
}

func drawField(t *rapid.T) rql.Value {
	return one[rql.Value](t, "field", drawPath(t), drawPath(t), &rql.Call{Name: "id"}, &rql.Call{Name: "sum", Args: []rql.Value{drawPath(t)}},
		&rql.Call{Name: "id", Args: []rql.Value{&rql.Path{Segments: []rql.Segment{{Name: "u"}}}}}, drawParam(t), drawNumber(t))
}

func drawTextOrParam(t *rapid.T) rql.Value {
	return one[rql.Value](t, "text or param", drawParam(t), &rql.StringLit{Text: "x"})
}

func drawCondition(t *rapid.T, depth int) rql.Condition {
	if depth > 0 && rapid.Bool().Draw(t, "compound") {
		terms := func() []rql.Condition {
			return drawMany(t, "terms", 2, func(t *rapid.T) rql.Condition { return drawCondition(t, depth-1) })
		}
		switch rapid.IntRange(0, 6).Draw(t, "operator") {
		case 0, 1:
			return &rql.Or{Terms: terms()}
		case 2, 3:
			return &rql.And{Terms: terms()}
		case 4:
			return &rql.Not{Term: drawCondition(t, depth-1)}
		case 5:
			return &rql.Exact{Term: drawCondition(t, depth-1)}
		default:
			return &rql.Intersect{Terms: terms()}
		}
	}
	return drawPredicate(t)
}

func drawPredicate(t *rapid.T) rql.Condition {
	compare := &rql.Compare{Left: drawField(t), Op: rql.CompareOp(rapid.IntRange(0, 5).Draw(t, "op")), Right: drawValue(t)}
	search := &rql.Search{Field: drawPath(t), Terms: drawValue(t), Operator: rql.SearchOperator(rapid.IntRange(0, 2).Draw(t, "operator"))}
	switch rapid.IntRange(0, 12).Draw(t, "predicate") {
	case 0:
		return &rql.Between{Operand: drawField(t), Low: drawValue(t), High: drawValue(t)}
	case 1:
		return &rql.In{Operand: drawField(t), All: maybe(t), List: drawMany(t, "list", 0, drawValue)}
	case 2:
		return &rql.Constant{Value: maybe(t)}
	case 3:
		return search
	case 4:
		return &rql.Match{Func: rql.MatchFunc(rapid.IntRange(0, 3).Draw(t, "match")), Field: drawPath(t), Text: drawValue(t)}
	case 5:
		return &rql.Exists{Field: drawPath(t)}
	case 6:
		return &rql.Boost{Term: compare, Factor: drawNumber(t)}
	case 7:
		compare.Op = rql.Equal
		return &rql.Fuzzy{Term: compare, Factor: drawParam(t)}
	case 8:
		return &rql.Proximity{Term: search, Distance: drawNumber(t)}
	case 9:
		return drawSpatial(t)
	case 10:
		if maybe(t) {
			return &rql.MoreLikeThis{Document: drawParam(t), Options: drawParam(t)}
		}
		return &rql.MoreLikeThis{Term: compare}
	default:
		return compare
	}
}

func drawSpatialField(t *rapid.T) rql.Value {
	plain := &rql.Path{Segments: []rql.Segment{{Name: drawIdent(t)}}}
	return one[rql.Value](t, "spatial field", plain, &rql.Call{Name: "spatial.point", Args: []rql.Value{drawPath(t), drawPath(t)}},
		&rql.Call{Name: "spatial.wkt", Args: []rql.Value{drawPath(t)}})
}

func drawShape(t *rapid.T) *rql.Call {
	return one(t, "shape", &rql.Call{Name: "spatial.circle", Args: []rql.Value{drawNumber(t), drawParam(t), drawNumber(t), drawTextOrParam(t)}},
		&rql.Call{Name: "spatial.wkt", Args: []rql.Value{drawTextOrParam(t)}}, &rql.Call{Name: "spatial.point", Args: []rql.Value{drawNumber(t), drawParam(t)}})
}

func drawSpatial(t *rapid.T) rql.Condition {
	s := &rql.Spatial{Func: rql.SpatialFunc(rapid.IntRange(0, 3).Draw(t, "relation")), Field: drawSpatialField(t), Shape: drawShape(t)}
	if maybe(t) {
		s.Error = drawNumber(t)
	}
	return s
}

func drawGroupKey(t *rapid.T) rql.GroupKey { return rql.GroupKey{Path: drawPath(t), Array: maybe(t)} }

func drawOrderItem(t *rapid.T) rql.OrderItem {
	by := one[rql.Value](t, "by", drawPath(t), &rql.Call{Name: "id"}, &rql.Call{Name: "score"}, &rql.Call{Name: "random", Args: []rql.Value{drawTextOrParam(t)}},
		&rql.Call{Name: "custom", Args: []rql.Value{drawPath(t), drawTextOrParam(t)}}, &rql.Call{Name: "spatial.distance", Args: []rql.Value{drawSpatialField(t), drawShape(t), drawNumber(t)}})
	return rql.OrderItem{By: by, As: rql.OrderType(rapid.IntRange(0, 4).Draw(t, "as")), Desc: maybe(t)}
}

func drawScript(t *rapid.T) *rql.Script {
	return &rql.Script{Text: one(t, "script", "{}", "{ return 1; }", "{ '}' + \"{\" }", "{ `a${ {b: `}`} }c` }", "{ x = /[}/]/ / 2 // }\n}", "{ a: { b: [1, (2)] } }")}
}

func drawDeclarations(t *rapid.T) []rql.Declaration {
	var all []rql.Declaration
	for i := range rapid.IntRange(0, 2).Draw(t, "declarations") {
		d := rql.Declaration{Name: fmt.Sprintf("declared%d", i), Params: drawMany(t, "params", 0, drawIdent)}
		if maybe(t) {
			d.TimeSeries = drawTimeSeries(t)
		} else {
			d.Function = drawScript(t)
		}
		all = append(all, d)
	}
	return all
}

func drawSelect(t *rapid.T) *rql.Select {
	s := &rql.Select{Distinct: maybe(t)}
	switch rapid.IntRange(0, 3).Draw(t, "select") {
	case 0:
		s.All = true
	case 1:
		s.Object = drawScript(t)
	default:
		s.Items = drawMany(t, "items", 1, drawSelectItem)
	}
	return s
}

func drawSelectItem(t *rapid.T) rql.SelectItem {
	v := one[rql.Selected](t, "selected", drawPath(t), drawNumber(t), drawParam(t), &rql.Call{Name: "count"}, &rql.Call{Name: "counter", Args: []rql.Value{drawTextOrParam(t)}},
		&rql.Call{Name: "suggest", Args: []rql.Value{drawPath(t), drawTextOrParam(t)}}, drawTimeSeries(t),
		&rql.Facet{Field: drawPath(t), Aggregations: []rql.FacetAggregation{{Func: "sum", Path: drawPath(t), Alias: drawName(t)}}, Options: drawParam(t)},
		&rql.Facet{Ranges: []rql.Condition{&rql.Compare{Left: drawPath(t), Op: rql.Less, Right: drawNumber(t)}, &rql.Between{Operand: drawPath(t), Low: drawNumber(t), High: drawParam(t)}}})
	item := rql.SelectItem{Value: v}
	if maybe(t) {
		item.Alias = drawName(t)
	}
	return item
}

func drawInclude(t *rapid.T) rql.Include {
	plain := &rql.Path{Segments: []rql.Segment{{Name: drawIdent(t)}, {Name: "b"}}}
	return one[rql.Include](t, "include", &rql.IncludePath{Path: drawPath(t)}, &rql.IncludeCounters{}, &rql.IncludeCounters{Source: plain, Names: []rql.Value{drawTextOrParam(t)}},
		&rql.IncludeCounters{Names: []rql.Value{drawTextOrParam(t), drawTextOrParam(t)}}, &rql.IncludeTimeSeries{Name: drawTextOrParam(t)},
		&rql.IncludeTimeSeries{Source: plain, Name: drawTextOrParam(t), Range: rql.IncludeRange{Kind: rql.RangeLast, Count: drawNumber(t), Unit: drawTextOrParam(t)}},
		&rql.IncludeTimeSeries{Name: drawTextOrParam(t), Range: rql.IncludeRange{Kind: rql.RangeBetween, From: drawTextOrParam(t), To: &rql.NullLit{}}},
		&rql.IncludeCompareExchange{Path: drawPath(t)}, &rql.IncludeRevisions{Args: []rql.Value{drawTextOrParam(t), plain}}, &rql.IncludeExplanations{}, &rql.IncludeTimings{},
		&rql.IncludeHighlight{Field: drawPath(t), FragmentLength: drawNumber(t), FragmentCount: drawParam(t), Options: drawParam(t)})
}

func drawSpan(t *rapid.T) rql.Span {
	return rql.Span{Count: rapid.IntRange(1, 99).Draw(t, "count"), Unit: rql.TimeUnit(rapid.IntRange(1, 7).Draw(t, "unit"))}
}

func drawTimeSeries(t *rapid.T) *rql.TimeSeries {
	s := &rql.TimeSeries{Source: &rql.Path{Segments: []rql.Segment{{Name: drawIdent(t)}}}}
	if maybe(t) {
		s.Source.Segments = append(s.Source.Segments, rql.Segment{Name: "gas m3", Quoted: true})
	}
	switch one(t, "range", rql.RangeAll, rql.RangeBetween, rql.RangeLast, rql.RangeFirst) {
	case rql.RangeBetween:
		s.Range = rql.TimeRange{Kind: rql.RangeBetween, From: drawTextOrParam(t), To: drawParam(t)}
	case rql.RangeLast:
		s.Range = rql.TimeRange{Kind: rql.RangeLast, Span: drawSpan(t)}
	case rql.RangeFirst:
		s.Range = rql.TimeRange{Kind: rql.RangeFirst, Span: drawSpan(t)}
	}
	if maybe(t) {
		s.TagAlias = drawName(t)
	}
	if maybe(t) {
		values := &rql.Path{Segments: []rql.Segment{{Name: "Values", Indexed: true, Index: rapid.IntRange(0, 31).Draw(t, "index")}}}
		s.Where = &rql.Or{Terms: []rql.Condition{drawCondition(t, 1), &rql.Compare{Left: values, Right: drawNumber(t)}}}
		if or, ok := s.Where.(*rql.Or); ok && maybe(t) {
			s.Where = or.Terms[1]
		}
	}
	if maybe(t) {
		s.GroupBy = &rql.TimeGroup{Span: drawSpan(t), Interpolation: rql.Interpolation(rapid.IntRange(0, 4).Draw(t, "interpolation"))}
	}
	for range rapid.IntRange(0, 2).Draw(t, "aggregates") {
		s.Select = append(s.Select, rql.TimeAggregate{Func: rql.TimeFunc(rapid.IntRange(0, 8).Draw(t, "func"))})
	}
	if maybe(t) {
		s.Select = append(s.Select, rql.TimeAggregate{Func: rql.TimePercentile, Percentile: drawNumber(t)})
		s.Scale = drawNumber(t)
		s.Offset = drawTextOrParam(t)
	}
	return s
}
