package salvage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// settleSlowly says what becomes of each version, by the rules one by one.
func settleSlowly(versions []salvage.Version) []string {
	became := make([]string, len(versions))
	better := func(i, best int) bool { return best < 0 || versions[i].Etag > versions[best].Etag }
	for _, id := range []string{"a", "b", "c", "d"} {
		live, remains, tombstone := -1, -1, int64(-1)
		for i, v := range versions {
			switch {
			case v.ID != id:
			case v.Tombstone:
				tombstone = max(tombstone, v.Etag)
			case v.Unused:
				if better(i, remains) {
					remains = i
				}
			case better(i, live):
				live = i
			}
		}
		switch {
		case remains >= 0 && (live < 0 || versions[remains].Etag > versions[live].Etag):
			became[remains] = "deleted"
			if live >= 0 && tombstone < versions[live].Etag {
				became[live] = "document"
			}
		case live >= 0 && tombstone > versions[live].Etag:
			became[live] = "deleted"
		case live >= 0:
			became[live] = "document"
		}
	}
	return became
}

func TestLedger_AgreesWithTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) salvage.Version {
			v := salvage.Version{
				ID: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id"), Etag: rapid.Int64Range(1, 12).Draw(t, "etag") * 2,
				Tombstone: rapid.Bool().Draw(t, "tombstone"), Unused: rapid.Bool().Draw(t, "unused"),
			}
			if v.Tombstone {
				v.Etag++ // no document has the etag of a tombstone
			}
			return v
		}), 0, 30).Draw(t, "versions")
		rowsMax := rapid.SampledFrom([]int{1, 2, 3, 7, 1000}).Draw(t, "rows in memory")
		got, err := salvage.Settle(versions, rowsMax, salvage.TempFile{FS: memfs.New(), Name: "rows.tmp"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, settleSlowly(versions)); diff != "" {
			t.Fatalf("(-got +by the rules):\n%s", diff)
		}
	})
}
