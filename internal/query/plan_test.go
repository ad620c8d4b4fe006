package query_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/query"
	"github.com/rookerydb/rookery/internal/rql"
)

// plan parses and plans; params is a JSON object, or empty for none.
func plan(t rapid.TB, text, params string) (*query.Plan, error) {
	t.Helper()
	q, err := rql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var doc jsondoc.Doc
	if params != "" {
		if doc, err = jsondoc.Parse([]byte(params)); err != nil {
			t.Fatal(err)
		}
	}
	return query.NewPlan(q, doc)
}

func TestNewPlan(t *testing.T) {
	f := func(text, params, want string) {
		t.Helper()
		p, err := plan(t, text, params)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		if got := p.String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	f("from Orders", "", "collection/Orders: all documents")
	f("from 'orders' as o select o", "", "collection/orders: all documents")
	f("from @all_docs select *", "", "AllDocs: all documents")
	f("from Orders where true", "", "collection/Orders: all documents")
	f("from Orders where false", "", "collection/Orders: nothing")
	f("from Orders where id() = 'orders/1-A'", "", "collection/Orders: ids orders/1-A")
	f("from Orders as o where id(o) == $p0", `{"p0":"orders/1-A"}`, "collection/Orders: ids orders/1-A")
	// what is not a text is equal to no id
	f("from Orders where id() = 5", "", "collection/Orders: nothing")
	f("from Orders where id() = null", "", "collection/Orders: nothing")
	f("from Orders where id() = $p", `{"p":["orders/1-A"]}`, "collection/Orders: nothing")
	f("from Orders where id() in ('a', 5, 'b', 'A', null, $p, $q)", `{"p":["c",["d"],"B",7],"q":"e"}`, "collection/Orders: ids a b c e")
	f("from Orders where id() in ($p0)", `{"p0":[]}`, "collection/Orders: nothing")
	f("from Orders where id() in $p0", `{"p0":["x"]}`, "collection/Orders: ids x")
	f("from Orders where id() in ()", "", "collection/Orders: nothing")
	f("from Orders where startsWith(id(), $p0)", `{"p0":"orders/"}`, "collection/Orders: ids that begin with orders/")
	f("from Orders where startsWith(id(), '')", "", "collection/Orders: ids that begin with ")
	f("from Orders where startsWith(id(), $p0)", `{"p0":["a"]}`, "collection/Orders: nothing")
	f("from Orders where startsWith(id(), null)", "", "collection/Orders: nothing")
	f("from Orders order by id()", "", "collection/Orders: all documents, by id")
	f("from Orders as o order by id(o) as string desc", "", "collection/Orders: all documents, by id descending")
	// the limit clause in all its forms
	f("from Orders limit 5", "", "collection/Orders: all documents, from 0, at most 5")
	f("from Orders limit $p0, $p1", `{"p0":null,"p1":25}`, "collection/Orders: all documents, from 0, at most 25")
	f("from Orders limit 3, null", "", "collection/Orders: all documents, from 3")
	f("from Orders offset 3", "", "collection/Orders: all documents, from 3")
	f("from Orders limit 10 offset 1_000", "", "collection/Orders: all documents, from 1000, at most 10")
	// paths of includes: below the alias, whole paths in quotes, names in quotes
	f("from Orders as o include o.Company, Employee, 'o.Lines[].Product', o.'a.b'.c[], 'it''s', 'it''s'.x", "",
		"collection/Orders: all documents, including Company, including Employee, including Lines[].Product, including 'a.b'.c[], including it's, including 'it''s'.x")
	f("from Orders as o include o", "", "collection/Orders: all documents, including o")
}

func TestNewPlan_Unsupported(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := plan(t, text, "")
		var e *query.UnsupportedError
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v (%T), want an UnsupportedError", text, err, err)
			return
		}
		if e.Error() != want || fault.Of(err) != fault.Invalid {
			t.Errorf("%s\n got %s\nwant %s", text, e, want)
		}
	}
	const conditions = "; indexes are not part of this version: supported conditions are id() =, id() in, startsWith(id(), …)"
	const order = "; indexes are not part of this version: the supported order is id()"
	const whole = "; queries return whole documents: leave out select, or write select *"

	f("from Orders as o where  total > 5", `line 1, column 25: a condition on field "total" needs an index`+conditions)
	f("from Orders where id() != 'a'", `line 1, column 19: the condition id() != … needs an index`+conditions)
	f("from Orders where Lines[].Product between 1 and 2", `line 1, column 19: a condition on field "Lines[].Product" needs an index`+conditions)
	f("from Orders where id() between 'a' and 'b'", `line 1, column 19: the condition id() between … needs an index`+conditions)
	f("from Orders where Tag in ('a')", `line 1, column 19: a condition on field "Tag" needs an index`+conditions)
	f("from Orders where id() all in ('a')", `line 1, column 19: the condition id() all in … needs an index`+conditions)
	f("from Orders where startsWith(Name, 'a')", `line 1, column 19: startsWith() on field "Name" needs an index`+conditions)
	f("from Orders where endsWith(id(), 'a')", `line 1, column 19: endsWith() on id() needs an index`+conditions)
	f("from Orders where search(Name, 'a')", `line 1, column 19: search() on field "Name" needs an index`+conditions)
	f("from Orders where exists(Name)", `line 1, column 19: exists() on field "Name" needs an index`+conditions)
	f("from Orders where spatial.within(loc, spatial.point(1, 2))", `line 1, column 19: the condition spatial.within() needs an index`+conditions)
	f("from Orders where moreLikeThis(id() = 'a')", `line 1, column 19: the condition moreLikeThis() needs an index`+conditions)
	f("from Orders where id() = 'a' and id() = 'b'", `line 1, column 19: a condition with and needs an index`+conditions)
	f("from Orders where id() = 'a' or id() = 'b'", `line 1, column 19: a condition with or needs an index`+conditions)
	f("from Orders where not id() = 'a'", `line 1, column 19: a condition with not needs an index`+conditions)
	f("from Orders where exact(id() = 'a')", `line 1, column 19: the condition exact() needs an index`+conditions)
	f("from Orders as o where id(x) = 'a'", `line 1, column 24: the condition id(x) = … needs an index`+conditions)
	// the part that is at fault is named, not the whole
	f("from Orders where true and\n  (id() = 'a' or not exact(City = 'b'))", `line 2, column 28: a condition on field "City" needs an index`+conditions)
	f("from Orders where boost(Name = 'a', 2)", `line 1, column 25: a condition on field "Name" needs an index`+conditions)

	f("from Orders where id() = Name", "line 1, column 26: comparing id() with Name is not part of this version; compare it with texts or parameters")
	f("from Orders where id() = cmpxchg('k')", "line 1, column 26: comparing id() with cmpxchg('k') is not part of this version; compare it with texts or parameters")
	f("from index 'Orders/ByTotal'", `line 1, column 12: the index "Orders/ByTotal" cannot be queried; indexes are not part of this version`)
	f("from Orders (Revisions = true)", "line 1, column 14: a parenthesis behind the collection belongs to subscriptions; in a query, conditions stand behind where")
	f("declare function f() {} from Orders", "line 1, column 1: a declared function is not part of this version")
	f("declare timeseries f() { from X } from Orders", "line 1, column 1: a declared time series is not part of this version")
	f("from Orders group by City", "line 1, column 22: group by needs an index; indexes are not part of this version")
	f("from Orders order by City", `line 1, column 22: ordering by field "City" needs an index`+order)
	f("from Orders order by score()", `line 1, column 22: ordering by score() needs an index`+order)
	f("from Orders order by id() as long", "line 1, column 22: ids are ordered as texts only; leave out the type")
	f("from Orders order by id(), id() desc", "line 1, column 28: a second ordering behind id() would decide nothing; every id is there once")
	f("from Orders filter Total > 5", "line 1, column 20: filter is not part of this version")
	f("from Orders filter_limit 5", "line 1, column 26: filter_limit is not part of this version")
	f("from Orders load Company as c", "line 1, column 18: load is not part of this version; to get referenced documents beside the results, write include")
	f("from Orders update { this.x = 1 }", "line 1, column 20: update needs scripts, which are not part of this version")
	f("from Orders select Name", "line 1, column 20: a projection is not part of this version"+whole)
	f("from Orders as o select o as x", "line 1, column 25: a projection is not part of this version"+whole)
	f("from Orders select { a: 1 }", "line 1, column 20: a JavaScript projection is not part of this version"+whole)
	f("from Orders select distinct *", "line 1, column 13: select distinct is not part of this version; documents come once each without it")
	const paths = " is not part of this version; documents are included by a path to their ids"
	f("from Orders include Company, counters()", "line 1, column 30: including counters"+paths)
	f("from Orders include timeseries('x')", "line 1, column 21: including time series"+paths)
	f("from Orders include cmpxchg(a)", "line 1, column 21: including compare-exchange values"+paths)
	f("from Orders include revisions(a)", "line 1, column 21: including revisions"+paths)
	f("from Orders include highlight(a, 1, 2)", "line 1, column 21: including highlights"+paths)
	f("from Orders include explanations()", "line 1, column 21: including explanations"+paths)
	f("from Orders include timings()", "line 1, column 21: including timings"+paths)
}

func TestNewPlan_ParameterErrors(t *testing.T) {
	f := func(text, params, wantName, want string) {
		t.Helper()
		_, err := plan(t, text, params)
		var e *query.ParameterError
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v (%T), want a ParameterError", text, err, err)
			return
		}
		if e.Name != wantName || e.Error() != want || fault.Of(err) != fault.Invalid {
			t.Errorf("%s\n got %s\nwant %s", text, e, want)
		}
	}
	f("from Orders where id() = $p0", "", "p0", "line 1, column 26: parameter $p0 has no value")
	f("from Orders where id() in ('a', $P0)", `{"p0":1}`, "P0", "line 1, column 33: parameter $P0 has no value")
	f("from Orders where startsWith(id(), $x)", "{}", "x", "line 1, column 36: parameter $x has no value")
	f("from Orders limit $a", "{}", "a", "line 1, column 19: parameter $a has no value")
	const count = " is not a whole number from 0, as limit and offset need it"
	f("from Orders limit $a, $b", `{"a":-1,"b":5}`, "a", "line 1, column 19: parameter $a"+count)
	f("from Orders limit $a, $b", `{"a":1,"b":"5"}`, "b", "line 1, column 23: parameter $b"+count)
	f("from Orders offset $a", `{"a":1.5}`, "a", "line 1, column 20: parameter $a"+count)
}
