package docstore_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/changevector"
	"github.com/rookerydb/rookery/internal/docstore"
)

const (
	databaseID = "2ZYfAzcv8Ee+U/12oFmTJQ"
	otherID    = "AAAAAzcv8Ee+U/12oFmTJQ"
)

func newStore(now func() time.Time) *docstore.Store {
	return docstore.New(docstore.Options{NodeTag: "A", DatabaseID: databaseID, Now: now, Rand: rand.New(rand.NewPCG(1, 2))})
}

func TestFold(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := docstore.Fold(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("Users/1-A", "users/1-a")
	f("@[`{Z", "@[`{z") // the neighbours of the letters stay
	f("ÉCOLE/Ω", "école/ω")
	f("Straße", "straße") // simple mapping: one character stays one
	f("İ", "i")           // without its dot, which only the full mapping keeps
	f("ΟΔΟΣ", "οδοσ")     // no final sigma: that would need to know the word
	f("Ⱥ", "ⱥ")           // grows from two bytes to three
}

func TestFold_IsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := docstore.Fold(s)
		if twice := docstore.Fold(once); twice != once {
			t.Fatalf("%q became %q, then %q", s, once, twice)
		}
		if 2*len(once) > 3*len(s) {
			t.Fatalf("%q grew from %d to %d bytes", s, len(s), len(once))
		}
	})
}

func TestVector_AgreesWithWith(t *testing.T) {
	store := newStore(time.Now)
	rapid.Check(t, func(t *rapid.T) {
		var v changevector.Vector
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			tag := rapid.SampledFrom([]string{"A", "B", "AB", "RAFT"}).Draw(t, "tag")
			id := rapid.SampledFrom([]string{databaseID, otherID}).Draw(t, "id")
			v = v.With(tag, rapid.Int64Range(0, 1<<40).Draw(t, "etag"), id)
		}
		etag := rapid.Int64Range(1, 1<<40).Draw(t, "new etag")
		got, err := store.AppendVector(v.String(), etag)
		if want := v.With("A", etag, databaseID).String(); err != nil || got != want {
			t.Fatalf("%s at %d: got %q, %v, want %q", v, etag, got, err, want)
		}
	})
}

func TestVector_RefusesDamage(t *testing.T) {
	if got, err := newStore(time.Now).AppendVector("A:7-short", 8); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}

func TestTime_AgreesWithFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const year1, year9999 = -62135596800, 253402300799
		at := time.Unix(rapid.Int64Range(year1, year9999).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "ns"))
		stored := docstore.TimeOf(docstore.TicksOf(at))
		if want := at.UTC().Truncate(100 * time.Nanosecond); !stored.Equal(want) {
			t.Fatalf("%v was stored as %v", at, stored)
		}
		if got, want := string(docstore.AppendTime(nil, at)), at.UTC().Format("2006-01-02T15:04:05.0000000Z"); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestFlags_Print(t *testing.T) {
	f := func(in docstore.Flags, want string) {
		t.Helper()
		if got := in.String(); got != want {
			t.Errorf("%b: got %q, want %q", in, got, want)
		}
	}
	f(0, "")
	f(docstore.HasAttachments, "HasAttachments")
	f(docstore.HasRevisions|docstore.Revision, "HasRevisions, Revision")
	f(docstore.Reverted|docstore.FromClusterTransaction, "FromClusterTransaction, Reverted")
}

func TestHiLoSize(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	f := func(lastSize int64, ago time.Duration, want int64) {
		t.Helper()
		got := docstore.NextHiLoSize(docstore.HiLoRequest{LastSize: lastSize, LastRangeAt: now.Add(-ago)}, now)
		if got != want {
			t.Errorf("after %d, %v ago: got %d, want %d", lastSize, ago, got, want)
		}
	}
	const never = 50000 * time.Hour
	f(0, never, 32) // the first range
	f(0, 0, 32)
	f(32, time.Second, 64) // used up at once
	f(64, docstore.HiLoQuick-1, 128)
	f(64, docstore.HiLoQuick, 64) // neither quick nor slow
	f(64, docstore.HiLoSlow, 64)
	f(64, docstore.HiLoSlow+1, 32)
	f(32, never, 32)       // never below the first
	f(5, time.Second, 64)  // nor from below it
	f(-7, time.Second, 32) // nonsense is as none
	f(1<<20, 0, 1<<20)     // never above the bound
	f(1<<62, 0, 1<<20)     // nor from above it
	f(1<<62, never, 1<<19) // which comes first
	f(64, -time.Hour, 128) // a clock that was set back
}
