package changevector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	cv "github.com/rookerydb/rookery/internal/changevector"
)

// id returns a database id for tests: one for each name.
func id(name string) string {
	return (name + strings.Repeat("x", cv.DatabaseIDBytes))[:cv.DatabaseIDBytes]
}

// short makes a vector of "A:8 B:10", where each tag has one database.
func short(t testing.TB, text string) cv.Vector {
	t.Helper()
	var long []string
	for entry := range strings.FieldsSeq(text) {
		tag, _, _ := strings.Cut(entry, ":")
		long = append(long, entry+"-"+id(tag))
	}
	v, err := cv.Parse(strings.Join(long, ", "))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCompare(t *testing.T) {
	f := func(a, b string, want cv.Order) {
		t.Helper()
		if got := cv.Compare(short(t, a), short(t, b)); got != want {
			t.Errorf("%s to %s: got %v, want %v", a, b, got, want)
		}
	}
	f("", "", cv.Equal)
	f("A:1", "A:1", cv.Equal)
	f("B:2 A:1", "A:1 B:2", cv.Equal)
	f("", "A:1", cv.Before)
	f("A:1", "", cv.After)
	f("A:8 B:10 C:34", "A:23 B:12 C:65", cv.Before)
	f("A:18 B:12 C:51", "A:23 B:12 C:65", cv.Before)
	f("A:18 B:12 C:65", "A:58 B:12 C:51", cv.Conflict)
	f("A:1022 B:391 C:1060", "A:1040 B:819 C:1007", cv.Conflict)
	f("A:1040 B:819 C:1060", "A:1022 B:391 C:1060", cv.After)
	f("A:1040 B:819 C:1060", "A:1040 B:819 C:1007", cv.After)
	f("A:1", "B:2", cv.Conflict)
	f("A:3 B:1", "A:1", cv.After)
	f("A:3 B:1", "B:2", cv.Conflict)
	f("A:3 B:3 C:5", "A:3 B:1", cv.After)
	f("A:3 B:3 C:5", "B:2", cv.After)
	f("A:8 B:5", "A:7 B:6", cv.Conflict)
	// a missing entry is etag 0
	f("A:1 B:0", "A:1", cv.Equal)
	f("A:1", "A:1 B:0", cv.Equal)
}

func TestCompare_TellsDatabasesApart(t *testing.T) {
	a := cv.Vector{}.With("A", 5, id("one"))
	b := cv.Vector{}.With("A", 5, id("two"))
	if got := cv.Compare(a, b); got != cv.Conflict {
		t.Errorf("one tag, two databases: got %v, want conflict", got)
	}
	c := cv.Vector{}.With("RAFT", 5, id("one"))
	if got := cv.Compare(a, c); got != cv.Conflict {
		t.Errorf("two tags, one database: got %v, want conflict", got)
	}
}

func TestWith(t *testing.T) {
	f := func(v, tag string, etag int64, want string) {
		t.Helper()
		before := short(t, v)
		if diff := cmp.Diff(short(t, want), before.With(tag, etag, id(tag))); diff != "" {
			t.Errorf("%s with %s:%d: (-want +got)\n%s", v, tag, etag, diff)
		}
		if diff := cmp.Diff(short(t, v), before); diff != "" {
			t.Errorf("%s with %s:%d changes its receiver: %s", v, tag, etag, diff)
		}
		if got := before.With(tag, etag, id(tag)).Etag(tag, id(tag)); got != etag {
			t.Errorf("%s with %s:%d: Etag = %d", v, tag, etag, got)
		}
	}
	f("", "A", 1, "A:1")
	f("A:1", "A", 2, "A:2")
	f("A:3", "A", 2, "A:2")
	f("B:1", "A", 2, "A:2 B:1")
	f("A:1 C:3", "B", 2, "A:1 B:2 C:3")
	f("A:1 B:9 C:3", "B", 2, "A:1 B:2 C:3")
	if got := short(t, "A:1").Etag("B", id("B")); got != 0 {
		t.Errorf("a missing entry has etag %d, want 0", got)
	}
}

func TestOrder_PrintsItself(t *testing.T) {
	got := fmt.Sprint(cv.Equal, cv.Before, cv.After, cv.Conflict)
	if want := "equal before after conflict"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// model is a vector in the obvious form: etag by owner, without zeros.
type model map[string]int64

func modelOf(v cv.Vector) model {
	m := model{}
	for _, e := range v {
		if e.Etag > 0 {
			m[e.Tag+e.DatabaseID] = e.Etag
		}
	}
	return m
}

// within reports whether all of m is part of other.
func (m model) within(other model) bool {
	for owner, etag := range m {
		if etag > other[owner] {
			return false
		}
	}
	return true
}

func drawVector(t *rapid.T, label string) cv.Vector {
	var v cv.Vector
	for range rapid.IntRange(0, 6).Draw(t, label) {
		tag := rapid.SampledFrom([]string{"A", "B", "C", "RAFT"}).Draw(t, "tag")
		database := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "database")
		v = v.With(tag, rapid.Int64Range(0, 3).Draw(t, "etag"), id(database))
	}
	return v
}

func TestCompare_MatchesModel(t *testing.T) {
	opposite := map[cv.Order]cv.Order{cv.Equal: cv.Equal, cv.Before: cv.After, cv.After: cv.Before, cv.Conflict: cv.Conflict}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawVector(t, "a"), drawVector(t, "b")
		want := cv.Conflict
		switch ab, ba := modelOf(a).within(modelOf(b)), modelOf(b).within(modelOf(a)); {
		case ab && ba:
			want = cv.Equal
		case ab:
			want = cv.Before
		case ba:
			want = cv.After
		}
		if got := cv.Compare(a, b); got != want {
			t.Fatalf("%s to %s: got %v, want %v", a, b, got, want)
		}
		if got := cv.Compare(b, a); got != opposite[want] {
			t.Fatalf("%s to %s: got %v, want the opposite of %v", b, a, got, want)
		}
	})
}

func TestMerge_KeepsItsLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawVector(t, "a"), drawVector(t, "b"), drawVector(t, "c")
		same := func(law string, x, y cv.Vector) {
			t.Helper()
			if x.String() != y.String() {
				t.Fatalf("%s: %s and %s", law, x, y)
			}
		}
		ab := cv.Merge(a, b)
		same("commutes", ab, cv.Merge(b, a))
		same("associates", cv.Merge(ab, c), cv.Merge(a, cv.Merge(b, c)))
		same("idempotent", cv.Merge(a, a), a)
		same("absorbs", cv.Merge(ab, a), ab)
		for _, part := range []cv.Vector{a, b} {
			if o := cv.Compare(part, ab); o != cv.Before && o != cv.Equal {
				t.Fatalf("%s is %v to the merge %s", part, o, ab)
			}
		}
		want := modelOf(a)
		for owner, etag := range modelOf(b) {
			want[owner] = max(want[owner], etag)
		}
		if diff := cmp.Diff(want, modelOf(ab)); diff != "" {
			t.Fatalf("merge of %s and %s: (-want +got)\n%s", a, b, diff)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	x, y := short(b, "A:1040 B:819 C:1060"), short(b, "A:1040 B:820 C:1060")
	b.ReportAllocs()
	for b.Loop() {
		if cv.Compare(x, y) != cv.Before {
			b.Fatal("wrong order")
		}
	}
}
