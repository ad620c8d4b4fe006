package query_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/query"
)

// Clients send the page in the request, in a limit clause, or in both: the start counts once, the smaller size counts.
func TestRun_PageOfRequestAndQuery(t *testing.T) {
	d := newDatabase(t)
	defer d.close(t)
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		d.put(t, stored{id: id, collection: "Letters"})
	}
	f := func(text, params string, start, size int, want ...string) {
		t.Helper()
		got, _ := d.run(t, text, params, query.Page{Start: start, Size: size})
		if diff := cmp.Diff(answer{IDs: want, Total: 6, Index: "collection/Letters"}, got); diff != "" {
			t.Errorf("%s, start %d, size %d\n-want +got:\n%s", text, start, size, diff)
		}
	}
	const all = math.MaxInt
	f("from Letters", "", 0, all, "a", "b", "c", "d", "e", "f")
	f("from Letters", "", 2, 3, "c", "d", "e")
	f("from Letters", "", 4, 3, "e", "f")
	f("from Letters", "", 9, 3)
	f("from Letters", "", 0, 0)
	// both describe the same page
	f("from Letters limit $p0, $p1", `{"p0":2,"p1":3}`, 2, 3, "c", "d", "e")
	f("from Letters limit $p0, $p1", `{"p0":null,"p1":3}`, 0, 3, "a", "b", "c")
	// a size of zero stands in the query only
	f("from Letters limit $p0, $p1", `{"p0":null,"p1":0}`, 0, math.MaxInt32)
	f("from Letters limit 1", "", 0, 1, "a")
	f("from Letters limit 4", "", 3, 2, "a", "b")
	f("from Letters offset 4", "", 1, all, "e", "f")
	f("from Letters limit 2 offset 1", "", 0, all, "b", "c")
}
