package rql_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/rql"
)

func TestNumberLit(t *testing.T) {
	f := func(text string, wantInt int64, wantWhole bool, wantFloat float64, wantInRange bool) {
		t.Helper()
		n := &rql.NumberLit{Text: text}
		if i, ok := n.Int64(); ok != wantWhole || ok && i != wantInt {
			t.Errorf("%s: Int64 gives %d, %v", text, i, ok)
		}
		if x, ok := n.Float64(); ok != wantInRange || ok && x != wantFloat {
			t.Errorf("%s: Float64 gives %g, %v", text, x, ok)
		}
	}
	f("500_000", 500000, true, 500000, true)
	f("-7", -7, true, -7, true)
	f("1.50", 0, false, 1.5, true)
	f("2e3", 0, false, 2000, true)
	f("9223372036854775807", 9223372036854775807, true, 9223372036854775807, true)
	f("9223372036854775808", 0, false, 9223372036854775808, true)
	f("1e999", 0, false, 0, false)
}
