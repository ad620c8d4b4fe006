package rql_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rookerydb/rookery/internal/rql"
)

// diffTrees compares trees and leaves out where things stood.
func diffTrees(a, b *rql.Query) string { return cmp.Diff(a, b, cmpopts.IgnoreTypes(rql.Pos{})) }

// FuzzParse: any text ends in a tree or in a typed error with a place inside the text; a tree prints as RQL that means the same.
func FuzzParse(f *testing.F) {
	for _, c := range readCorpus(f) {
		f.Add(c.input)
	}
	for _, c := range errorCases {
		f.Add(c.query)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := rql.Parse(text)
		if err != nil {
			wantPlace(t, text, err)
			return
		}
		wantRoundTrip(t, q)
	})
}

func wantRoundTrip(t testing.TB, q *rql.Query) {
	t.Helper()
	printed := q.String()
	again, err := rql.Parse(printed)
	if err != nil {
		t.Fatalf("the printed query does not parse: %v\nprinted: %s", err, printed)
	}
	if diff := diffTrees(q, again); diff != "" {
		t.Fatalf("parsing the printed query gives another tree (-first +again):\n%s\nprinted: %s", diff, printed)
	}
	if second := again.String(); second != printed {
		t.Fatalf("printing is not stable:\n%s\n%s", printed, second)
	}
}

// wantPlace checks that the error is of this package and points into the text.
func wantPlace(t testing.TB, text string, err error) {
	t.Helper()
	var at rql.Pos
	var syntax *rql.SyntaxError
	var limit *rql.LimitError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Pos
		if syntax.Msg == "" || syntax.Query != text {
			t.Fatalf("error without message or text: %+v", syntax)
		}
	case errors.As(err, &limit):
		at = limit.Pos
	default:
		t.Fatalf("error of type %T: %v", err, err)
	}
	if at.Off < 0 || at.Off > len(text) || at.Line < 1 || at.Col < 1 {
		t.Fatalf("place %+v is not in the text of %d bytes", at, len(text))
	}
	if err.Error() == "" {
		t.Fatal("empty error text")
	}
}
