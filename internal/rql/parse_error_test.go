package rql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/rql"
)

// errorCase is a text that is not RQL, where reading stops, and what is said about it.
type errorCase struct {
	query     string
	line, col int
	msg, hint string
}

func TestParse_Errors(t *testing.T) {
	for _, want := range errorCases {
		t.Run(want.query, func(t *testing.T) {
			_, err := rql.Parse(want.query)
			var e *rql.SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("got %v (%T), want a SyntaxError", err, err)
			}
			wantPlace(t, want.query, err)
			got := errorCase{want.query, e.Line, e.Col, e.Msg, e.Hint}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(errorCase{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			wantSamePlace(t, want.query, e.Pos)
			if fault.Of(err) != fault.Invalid {
				t.Errorf("kind %v, want invalid", fault.Of(err))
			}
		})
	}
}

// wantSamePlace checks the offset of p against its line and column, counted in the slow obvious way.
func wantSamePlace(t *testing.T, text string, p rql.Pos) {
	t.Helper()
	before := text[:p.Off]
	line := 1 + strings.Count(before, "\n")
	col := 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	if p.Line != line || p.Col != col {
		t.Errorf("offset %d is line %d, column %d; got %s", p.Off, line, col, p.Place())
	}
}

func TestParse_LimitErrors(t *testing.T) {
	f := func(query string, wantCol int, want string) {
		t.Helper()
		_, err := rql.Parse(query)
		var e *rql.LimitError
		if !errors.As(err, &e) {
			t.Fatalf("got %.200v (%T), want a LimitError", err, err)
		}
		if e.Error() != want || e.Col != wantCol || fault.Of(err) != fault.TooLarge {
			t.Errorf("got %q at column %d of kind %v, want %q at %d", e.Error(), e.Col, fault.Of(err), want, wantCol)
		}
	}
	deep := func(open, inner, end string, n int) string {
		return "from A where " + strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	if _, err := rql.Parse(deep("(", "a = 1", ")", rql.DepthMax-1)); err != nil {
		t.Fatalf("%d parentheses: %v", rql.DepthMax-1, err)
	}
	f(deep("(", "a = 1", ")", rql.DepthMax), 14+rql.DepthMax, "line 1, column 142: nesting is over the limit of 128")
	// functions nest twice: their parenthesis and the condition in it
	f(deep("exact(", "a = 1", ")", 100_000), 14+6*64, "line 1, column 398: nesting is over the limit of 128")
	f("declare function f() {} "+deep("f(", "", ")", 100_000), 293, "line 1, column 293: nesting is over the limit of 128")
	f("from A where a = '"+strings.Repeat("x", rql.TextBytesMax)+"'", 1, "line 1, column 1: query text in bytes is over the limit of 4194304")
}

func TestParse_RefusesInvalidUTF8(t *testing.T) {
	_, err := rql.Parse("from A\nwhere ü = '\xff'")
	var e *rql.SyntaxError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a SyntaxError", err)
	}
	if e.Line != 2 || e.Col != 12 || e.Off != 19 {
		t.Errorf("got %+v, want offset 19, line 2, column 12", e.Pos)
	}
}

var errorCases = []errorCase{
	{"", 1, 1, "expected 'from', found end of query", "a query begins with from: from Orders where Total > 10"},
	{"select", 1, 1, "expected 'from', found 'select'", "a query begins with from: from Orders where Total > 10"},
	{"frm Orders", 1, 1, "expected 'from', found 'frm'", "did you mean from?"},
	{"declare fn x() {} from A", 1, 9, "expected 'function' or 'timeseries' after 'declare', found 'fn'", ""},
	{"declare function () {} from A", 1, 18, "expected the name of the function after 'function', found '('", ""},
	{"declare function f {} from A", 1, 20, "expected '(' after 'f', found '{'", ""},
	{"declare function f(a,) {} from A", 1, 22, "expected the name of a parameter after ',', found ')'", ""},
	{"declare function f(a) return 1; from A", 1, 23, "expected '{' after ')', found 'return'", ""},
	{"declare function f() {} declare function F() {} from A", 1, 42, "the function 'F' is declared twice", ""},
	{"declare function f() { if (a { } from A", 1, 27, "this bracket is not closed; expected ')'", ""},
	{"declare function f() { `abc from A", 1, 24, "this template is not closed", ""},
	{"declare function f() { /abc", 1, 24, "this regular expression is not closed on its line", ""},
	{"declare function f() { /* abc", 1, 24, "this comment is not closed", ""},
	{"declare timeseries t() { select min() } from A", 1, 26, "expected 'from' after '{', found 'select'", ""},
	{"declare timeseries t() { from X from A", 1, 33, "expected a clause or the end of the time series after 'X', found 'from'", ""},
	{"from", 1, 5, "expected the name of a collection after 'from', found end of query", ""},
	{"from 5", 1, 6, "expected the name of a collection after 'from', found the number 5", ""},
	{"from where a = 1", 1, 6, "expected the name of a collection after 'from', found 'where'", "write it in quotes: from 'where'"},
	{"from ''", 1, 6, "the name of a collection cannot be empty", ""},
	{"from index where", 1, 17, "expected a condition after 'where', found end of query", ""},
	{"from A as", 1, 10, "expected an alias after 'as', found end of query", ""},
	{"from A as 5", 1, 11, "expected an alias after 'as', found the number 5", ""},
	{"from A ( Revisions = true", 1, 26, "expected ')' after 'true', found end of query", ""},
	{"from A b c", 1, 10, "expected a clause or the end of the query after 'b', found 'c'", ""},
	{"from A where", 1, 13, "expected a condition after 'where', found end of query", ""},
	{"from A where and", 1, 14, "expected a condition after 'where', found 'and'", ""},
	{"from A where a", 1, 15, "expected a comparison like = < > in between after 'a', found end of query", ""},
	{"from A where a =", 1, 17, "expected a value after '=', found end of query", ""},
	{"from A where a = = 1", 1, 18, "expected a value after '=', found '='", ""},
	{"from A where a = 1 and", 1, 23, "expected a condition after 'and', found end of query", ""},
	{"from A where a = 1 or or b = 2", 1, 23, "expected a condition after 'or', found 'or'", ""},
	{"from A where not", 1, 17, "expected a condition after 'not', found end of query", ""},
	{"from A where not not a = 1", 1, 18, "expected a condition after 'not', found 'not'", "put the inner not in parentheses: not (not …)"},
	{"from A where (a = 1", 1, 20, "expected ')' after '1', found end of query", ""},
	{"from A where a = 1)", 1, 19, "expected a clause or the end of the query after '1', found ')'", ""},
	{"from A where a beetween 1 and 2", 1, 16, "expected a comparison like = < > in between after 'a', found 'beetween'", "did you mean between?"},
	{"from A where a between 1", 1, 25, "expected 'and' after '1', found end of query", ""},
	{"from A where a between 1 or 2", 1, 26, "expected 'and' after '1', found 'or'", ""},
	{"from A where a in 5", 1, 19, "expected '(' after 'in', found the number 5", ""},
	{"from A where a in (1, )", 1, 23, "expected a value after ',', found ')'", ""},
	{"from A where a in (1 2)", 1, 22, "expected ')' after '1', found the number 2", ""},
	{"from A where a all (1)", 1, 20, "expected 'in' after 'all', found '('", ""},
	{"from A where a. = 1", 1, 17, "expected the name of a field after '.', found '='", ""},
	{"from A where a[0] = 1", 1, 16, "expected ']' after '[', found the number 0", "every item of an array is written []; one item cannot be addressed"},
	{"from A where a[] .[] = 1", 1, 19, "expected the name of a field after '.', found '['", ""},
	{"from A where '' = 1", 1, 14, "the name of a field cannot be empty", ""},
	{"from A where a = 'abc", 1, 18, "this text is not closed", `close it with '; inside it, write \' for the quote itself`},
	{`from A where a = "a\qb"`, 1, 20, "unknown escape in a text", `write \\ for a backslash; the escapes are \' \" \\ \/ \b \f \n \r \t \u0000`},
	{`from A where a = '\ud800'`, 1, 19, "unknown escape in a text", `write \\ for a backslash; the escapes are \' \" \\ \/ \b \f \n \r \t \u0000`},
	{"from A where a = $", 1, 18, "expected the name of a parameter after '$'", "parameters are written like $name"},
	{"from A where a = #", 1, 18, "unexpected character '#'", ""},
	{"from A where a = 1 /* open", 1, 20, "this comment is not closed", "close it with */"},
	{"from A where a = order", 1, 18, "expected a value after '=', found 'order'", "a field of this name is written in quotes: 'order'"},
	{"from A where order = 1", 1, 14, "expected a condition after 'where', found 'order'", ""},
	{"from A where staartsWith(name, 'a')", 1, 14, "unknown function 'staartsWith'", "did you mean startsWith?"},
	{"from A where startsWith(5, 'a')", 1, 25, "expected a field or id()", ""},
	{"from A where startsWith(name)", 1, 29, "expected ',' after 'name', found ')'", ""},
	{"from A where search(name, 'a', xor)", 1, 32, "expected 'and' or 'or' after ',', found 'xor'", ""},
	{"from A where exists()", 1, 21, "expected a field after '(', found ')'", ""},
	{"from A where fuzzy(a > 1, 0.5)", 1, 20, "fuzzy takes one equality", "write fuzzy(Name = 'text', 0.7)"},
	{"from A where proximity(a = 1, 2)", 1, 24, "proximity takes one search", "write proximity(search(Name, 'two words'), 3)"},
	{"from A where intersect(a = 1)", 1, 29, "expected ',' after '1', found ')'", "intersect takes two or more conditions"},
	{"from A where boost(a = 1)", 1, 25, "expected ',' after '1', found ')'", ""},
	{"from A where year(x) > 3", 1, 14, "unknown function 'year'", "a condition compares fields as they are stored; compute other values in an index"},
	{"from A where spatial.within(loc, 5)", 1, 34, "expected a shape", "write spatial.circle(radius, lat, lng), spatial.wkt('…') or spatial.point(lat, lng)"},
	{"from A where spatial.within('spatial.point(lat)', spatial.point(1, 2))", 1, 29, "this text is not a spatial field", "write spatial.point(lat, lng) or spatial.wkt(field)"},
	{"from A where spatial.inside(loc, spatial.point(1, 2))", 1, 14, "unknown function 'spatial.inside'", "a condition compares fields as they are stored; compute other values in an index"},
	{"from A where score() > 1", 1, 14, "unknown function 'score'", "this function belongs to order by"},
	{"from A group a", 1, 14, "expected 'by' after 'group', found 'a'", ""},
	{"from A group by", 1, 16, "expected a field after 'by', found end of query", ""},
	{"from A group by year(a)", 1, 17, "unknown function 'year'", "a key is a path or array(path); compute other keys in an index"},
	{"from A order a", 1, 14, "expected 'by' after 'order', found 'a'", ""},
	{"from A order by 5", 1, 17, "expected a field to order by", ""},
	{"from A order by a as integer", 1, 22, "expected an order type after 'as', found 'integer'", "the types are string, long, double and alphaNumeric"},
	{"from A order by a ascending", 1, 19, "expected a clause or the end of the query after 'a', found 'ascending'", ""},
	{"from A order by radnom()", 1, 17, "unknown function 'radnom'", "did you mean random?"},
	{"from A order by counter('x')", 1, 17, "unknown function 'counter'", "did you mean count?"},
	{"from A load a", 1, 14, "expected 'as' after 'a', found end of query", "a loaded document needs a name: load Company as c"},
	{"from A load a as", 1, 17, "expected an alias after 'as', found end of query", ""},
	{"from A load 5 as b", 1, 13, "expected a field after 'load', found the number 5", ""},
	{"from A select", 1, 14, "expected a field after 'select', found end of query", ""},
	{"from A select a as", 1, 19, "expected an alias after 'as', found end of query", ""},
	{"from A select a b", 1, 17, "expected a clause or the end of the query after 'a', found 'b'", ""},
	{"from A select getMetadata(a)", 1, 15, "unknown function 'getMetadata'", "inside a select this is JavaScript: select { … } or a declared function"},
	{"from A select { a: 1", 1, 15, "this bracket is not closed; expected '}'", ""},
	{"from A select { a: (1] }", 1, 22, "']' does not close the bracket that is open; expected ')'", ""},
	{"from A select facet(a, b)", 1, 24, "a facet is over one field, over ranges of one field, or over a set-up document", "write several facets: select facet(A), facet(B)"},
	{"from A select facet()", 1, 21, "expected a field after '(', found ')'", ""},
	{"from A select facet(a, total(b))", 1, 24, "unknown function 'total' in a facet", ""},
	{"from A select facet(a in (1), b)", 1, 23, "expected ')' after 'a', found 'in'", ""},
	{"from A select suggest(a)", 1, 24, "expected ',' after 'a', found ')'", ""},
	{"from A select a update { }", 1, 17, "'update' cannot stand together with 'select' at line 1, column 8", "a query either projects its results or updates them"},
	{"from A update { } select a", 1, 19, "'select' cannot stand together with 'update' at line 1, column 8", "a query either projects its results or updates them"},
	{"from A update this.x = 1", 1, 15, "expected '{' after 'update', found 'this'", ""},
	{"from A where a = 1 where b = 2", 1, 20, "a second 'where' clause; the first is at line 1, column 8", "each clause stands at most once"},
	{"from A limit", 1, 13, "expected a number or parameter after 'limit', found end of query", ""},
	{"from A limit -1", 1, 14, "'limit' takes a whole number from 0, found -1", ""},
	{"from A limit 1.5", 1, 14, "'limit' takes a whole number from 0, found 1.5", ""},
	{"from A limit 'x'", 1, 14, "expected a number or parameter after 'limit', found the text 'x'", ""},
	{"from A limit 1, 2 offset 3", 1, 19, "a second offset; the first is at line 1, column 14", "write limit offset, size or limit size offset offset"},
	{"from A offset 3 limit 1, 2", 1, 17, "a second offset; the first is at line 1, column 15", "write limit offset, size or limit size offset offset"},
	{"from A filter_limit x", 1, 21, "expected a number or parameter after 'filter_limit', found 'x'", ""},
	{"from A include", 1, 15, "expected a field after 'include', found end of query", ""},
	{"from A include foo(a)", 1, 16, "unknown function 'foo' in include", "paths are included without a function: include Company"},
	{"from A include counter('x')", 1, 16, "unknown function 'counter' in include", "did you mean counters?"},
	{"from A include counters('a', b)", 1, 30, "expected the name of a counter in quotes, or a parameter after ',', found 'b'", ""},
	{"from A include timeseries()", 1, 27, "expected a value after '(', found ')'", ""},
	{"from A include timeseries('a', 5, 6)", 1, 32, "expected the name of a time series or an end of its range", "write timeseries('HeartRate', null, null)"},
	{"from A include timeseries('a', 'b', 'c', 'd')", 1, 27, "expected a path to the document of the time series", "a path is written without quotes"},
	{"from A include timeseries(a, 'b', 'c', 'd', 'e')", 1, 16, "timeseries takes a path, a name and a range", "write timeseries(Patient, 'HeartRate', null, null)"},
	{"from A include timeseries(null, 'a', 'b')", 1, 27, "expected the name of a time series", ""},
	{"from A include timeseries('a', last('x'))", 1, 37, "expected a number or parameter after '(', found the text 'x'", ""},
	{"from A include highlight(a, 1)", 1, 30, "expected ',' after '1', found ')'", ""},
	{"from A include highlight(a, 1, 2, 'x')", 1, 35, "expected a parameter with options after ',', found the text 'x'", ""},
	{"from A include revisions(5)", 1, 26, "expected a path, a date in quotes, or a parameter", ""},
	{"from A include timings(5)", 1, 24, "expected ')' after '(', found the number 5", ""},
	{"from A select timeseries(HeartRate)", 1, 26, "expected 'from' after '(', found 'HeartRate'", ""},
	{"from A select timeseries(from a.b.c)", 1, 31, "a time series is named by itself or behind an alias", "write from u.HeartRate; quote names with dots"},
	{"from A select timeseries(from X last 5 ms)", 1, 38, "last and first do not count milliseconds", "the smallest unit here is the second"},
	{"from A select timeseries(from X last 0 days)", 1, 38, "a length of time begins with a whole number from 1", "write 1h, 7 days or '7 days'"},
	{"from A select timeseries(from X group by 5 parsecs)", 1, 42, "unknown unit of time 'parsecs'", "the units are ms, s, min, h, d, mo, q, y, and their names like hours"},
	{"from A select timeseries(from X group by 'soon')", 1, 42, "a length of time begins with a whole number from 1", "write 1h, 7 days or '7 days'"},
	{"from A select timeseries(from X group by h)", 1, 42, "expected a length of time after 'by', found 'h'", "write 1h, 7 days or '7 days'"},
	{"from A select timeseries(from X group by 1h with interpolation(cubic))", 1, 64, "expected an interpolation after '(', found 'cubic'", "the interpolations are linear, nearest, last and next"},
	{"from A select timeseries(from X select median())", 1, 40, "unknown aggregate 'median' of a time series", ""},
	{"from A select timeseries(from X where Values[-1] > 2)", 1, 46, "a position in Values counts from 0", ""},
	{"from A select timeseries(from X where a = 1 where b = 2)", 1, 45, "a second 'where' in a time series", "each clause stands at most once"},
	{"from A select timeseries(from X whre a = 1)", 1, 33, "expected a clause or the end of the time series after 'X', found 'whre'", "did you mean where?"},
	{"from A select timeseries(from X load Tags as t)", 1, 38, "expected 'tag' after 'load', found 'Tags'", ""},
	{"from A;;", 1, 8, "expected the end of the query after ';', found ';'", ""},
	{"form Orders", 1, 1, "expected 'from', found 'form'", "did you mean from?"},
	{"from A; from B", 1, 9, "expected the end of the query after ';', found 'from'", ""},
	{"from A ) ", 1, 8, "expected a clause or the end of the query after 'A', found ')'", ""},
	{"from A wherre a = 1", 1, 15, "expected a clause or the end of the query after 'wherre', found 'a'", "'wherre' was read as the alias; did you mean where?"},
	{"from A where a = 1 ordr by b", 1, 20, "expected a clause or the end of the query after '1', found 'ordr'", "did you mean order?"},
	{"from A where a = 1 select b lmit 5", 1, 29, "expected a clause or the end of the query after 'b', found 'lmit'", "did you mean limit?"},
	{"from A\nwhere a = 1\n  and\tb ~ 2", 3, 9, "unexpected character '~'", ""},
	{"from Ä where ü = 'é' and ö = )", 1, 30, "expected a value after '=', found ')'", ""},
	{"from A // comment\nwhere a = /* x\n */ ]", 3, 5, "expected a value after '=', found ']'", ""},
	{"from A where a = 1 or", 1, 22, "expected a condition after 'or', found end of query", ""},
	{"from A where b = 'x\ny' and c = >", 2, 12, "expected a value after '=', found '>'", ""},
}
