package rql_test

import (
	"reflect"
	"testing"

	"github.com/rookerydb/rookery/internal/rql"
)

// Every node of the tree stands where its text begins.
func TestParse_Positions(t *testing.T) {
	text := "from Örders as o // ü\nwhere (o.Total > $p or exists(Ö)) and\n\tid() in ('a', 5)\norder by Due desc limit 1, 2"
	q, err := rql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	f := func(n interface{ Position() rql.Pos }, line, col int, begins string) {
		t.Helper()
		p := n.Position()
		if p.Line != line || p.Col != col || len(text) < p.Off+len(begins) || text[p.Off:p.Off+len(begins)] != begins {
			t.Errorf("got %+v, want line %d, column %d at %q", p, line, col, begins)
		}
		wantSamePlace(t, text, p)
	}
	and := q.Where.(*rql.And)
	or := and.Terms[0].(*rql.Or)
	compare := or.Terms[0].(*rql.Compare)
	in := and.Terms[1].(*rql.In)
	f(q.From, 1, 1, "from")
	f(q.From.NameAt, 1, 6, "Örders")
	f(and, 2, 7, "(o.Total")
	f(or, 2, 8, "o.Total")
	f(compare.Left, 2, 8, "o.Total")
	f(compare.Right, 2, 18, "$p")
	f(or.Terms[1], 2, 24, "exists")
	f(or.Terms[1].(*rql.Exists).Field, 2, 31, "Ö")
	f(in.Operand, 3, 2, "id()")
	f(in.List[0], 3, 11, "'a'")
	f(in.List[1], 3, 16, "5")
	f(q.OrderBy[0], 4, 10, "Due")
	f(q.Limit, 4, 19, "limit")
	f(q.Limit.Offset, 4, 25, "1")
}

// Whatever stands in the corpus: line, column and offset agree, and no node begins before the one around it.
func TestParse_PositionsOfCorpus(t *testing.T) {
	for _, c := range readCorpus(t) {
		q, err := rql.Parse(c.input)
		if err != nil {
			continue
		}
		walkPositions(reflect.ValueOf(q), rql.Pos{}, func(parent, p rql.Pos) {
			if p.Line == 0 { // the position of something that is not there
				return
			}
			wantSamePlace(t, c.input, p)
			if p.Off < parent.Off {
				t.Errorf("%s\na node at %s lies before its parent at %s", c.input, p.Place(), parent.Place())
			}
		})
	}
}

// walkPositions visits every position in the tree together with that of the node around it.
func walkPositions(v reflect.Value, parent rql.Pos, visit func(parent, p rql.Pos)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walkPositions(v.Elem(), parent, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkPositions(v.Index(i), parent, visit)
		}
	case reflect.Struct:
		inner := parent
		if own := v.FieldByName("Pos"); own.IsValid() {
			inner = own.Interface().(rql.Pos)
			visit(parent, inner)
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Pos" {
				continue
			}
			if p, ok := reflect.TypeAssert[rql.Pos](v.Field(i)); ok {
				visit(inner, p)
				continue
			}
			walkPositions(v.Field(i), inner, visit)
		}
	}
}
