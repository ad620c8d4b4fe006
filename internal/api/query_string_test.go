package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/api"
)

func TestParseParams(t *testing.T) {
	f := func(raw string, want ...string) {
		t.Helper()
		var pairs [][2]string
		for i := 0; i < len(want); i += 2 {
			pairs = append(pairs, [2]string{want[i], want[i+1]})
		}
		if diff := cmp.Diff(api.ParseParams(raw), pairs); diff != "" {
			t.Errorf("%q (-got +want):\n%s", raw, diff)
		}
	}
	f("")
	f("&")
	f("&&&id=a&&", "id", "a")
	f("&first-topology-update", "first-topology-update", "")
	f("id=", "id", "")
	f("=a", "", "a")
	f("id=b&include=x&id=a", "id", "b", "include", "x", "id", "a") // the order is kept
	f("id=a=b==", "id", "a=b==")
	f("id=a;b&x;y=1", "id", "a;b", "x;y", "1") // a semicolon is no separator
	f("id=users%2F2+x%2By", "id", "users/2 x+y")
	f("id=a b", "id", "a b")
	f("id=%zz+1", "id", "%zz 1") // what is no escape stays
	f("id=%4", "id", "%4")
	f("id=%", "id", "%")
	f("id=%C3%A9&id=é", "id", "é", "id", "é")
	f("a%3Db=c%26d", "a=b", "c&d")
	f("include=lines[].product&x=?", "include", "lines[].product", "x", "?")
}

// FuzzParseParams checks that parameters come out in their order, that escaping them brings them back, and that nothing panics.
func FuzzParseParams(f *testing.F) {
	for _, seed := range []string{"", "?&id=", "&id=a;b&x", "id=%zz&id=%2", "a=b=c&=&&", "id=users%2F1+x", "%00=%ff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := api.ParseParams(raw)
		if n := strings.Count(raw, "&") + 1; len(got) > n {
			t.Fatalf("%d parameters in %d parts", len(got), n)
		}
		var again strings.Builder
		for _, p := range got {
			again.WriteString("&" + escape(p[0]) + "=" + escape(p[1]))
		}
		if twice := api.ParseParams(again.String()); !slices.Equal(twice, got) {
			t.Fatalf("escaped again: got %q, want %q", twice, got)
		}
	})
}

// escape writes every byte as an escape.
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		out.WriteString("%" + string(digits[s[i]>>4]) + string(digits[s[i]&15]))
	}
	return out.String()
}
