package docstore_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
)

func (f *fixture) nextHiLo(r docstore.HiLoRequest) (got docstore.HiLoRange, err error) {
	f.t.Helper()
	f.update(f.t, func(tx *storage.WriteTx) error {
		got, err = f.store.NextHiLo(tx, r)
		return nil
	})
	return got, err
}

func (f *fixture) wantRange(r docstore.HiLoRequest, low, high int64) docstore.HiLoRange {
	f.t.Helper()
	got, err := f.nextHiLo(r)
	if err != nil || got.Low != low || got.High != high || got.Size != high-low+1 || !got.At.Equal(f.now.Truncate(100*time.Nanosecond)) {
		f.t.Errorf("%+v: got %+v, %v, want %d to %d", r, got, err, low, high)
	}
	return got
}

func (f *fixture) returnHiLo(tag string, last, end int64) {
	f.t.Helper()
	f.update(f.t, func(tx *storage.WriteTx) error { return f.store.ReturnHiLo(tx, tag, last, end) })
}

func TestNextHiLo_KeepsItsDocument(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.wantRange(docstore.HiLoRequest{Tag: "users"}, 1, 32)
	if got := f.text("raven/hilo/USERS"); !strings.HasPrefix(got, `{"Max":32,"@metadata":{"@collection":"@hilo",`) {
		t.Errorf("got %s", got)
	}
	// other content, metadata and even the collection stay
	f.mustPut("Raven/Hilo/orders", `{"note":"mine","Max":64,"@metadata":{"Raven-Node-Type":null,"k":1}}`)
	f.wantRange(docstore.HiLoRequest{Tag: "orders"}, 65, 96)
	if got := f.text("Raven/Hilo/orders"); !strings.HasPrefix(got, `{"note":"mine","Max":96,"@metadata":{"Raven-Node-Type":null,"k":1,"@collection":"@empty",`) {
		t.Errorf("got %s", got)
	}
}

func TestNextHiLo_GrowsWhenUsedUpQuickly(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Raven/Hilo/users", `{"Max":64,"@metadata":{"@collection":"@hilo"}}`)
	r := f.wantRange(docstore.HiLoRequest{Tag: "users", LastRangeAt: time.Date(1, 2, 1, 0, 0, 0, 0, time.UTC)}, 65, 96)
	f.now = f.now.Add(time.Second)
	r = f.wantRange(docstore.HiLoRequest{Tag: "users", LastSize: r.Size, LastRangeAt: r.At, LastMax: r.High}, 97, 160)
	f.now = f.now.Add(time.Minute) // neither quick nor slow
	r = f.wantRange(docstore.HiLoRequest{Tag: "users", LastSize: r.Size, LastRangeAt: r.At, LastMax: r.High}, 161, 224)
	f.now = f.now.Add(time.Hour)
	f.wantRange(docstore.HiLoRequest{Tag: "users", LastSize: r.Size, LastRangeAt: r.At, LastMax: r.High}, 225, 256)
}

func TestNextHiLo_NeverGoesBack(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.wantRange(docstore.HiLoRequest{Tag: "users"}, 1, 32)
	f.mustPut("Raven/Hilo/users", `{"Max":10,"@metadata":{"@collection":"@hilo"}}`) // somebody edited it
	f.wantRange(docstore.HiLoRequest{Tag: "users", LastMax: 32}, 33, 64)
	f.mustPut("Raven/Hilo/users", `{"Max":-5,"@metadata":{"@collection":"@hilo"}}`)
	f.wantRange(docstore.HiLoRequest{Tag: "users", LastMax: -9}, 1, 32)
}

func TestNextHiLo_RefusesWhatCouldRepeatNumbers(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	g := func(text string) {
		t.Helper()
		f.mustPut("Raven/Hilo/users", text)
		_, err := f.nextHiLo(docstore.HiLoRequest{Tag: "users"})
		if !errors.As(err, new(*docstore.HiLoError)) || fault.Of(err) != fault.Invalid {
			t.Errorf("%s: got error %v, want a *HiLoError", text, err)
		}
	}
	g(`{}`)
	g(`{"Max":"32"}`)
	g(`{"Max":1.5}`)
	g(`{"Max":9223372036854775807}`)
	g(`{"Max":9223372036854775776}`)
	f.mustPut("Raven/Hilo/users", `{"Max":9223372036854775775}`) // the last range there is
	f.wantRange(docstore.HiLoRequest{Tag: "users"}, math.MaxInt64-31, math.MaxInt64)
	for _, tag := range []string{"", "a\\b", strings.Repeat("t", 600)} {
		if _, err := f.nextHiLo(docstore.HiLoRequest{Tag: tag}); !errors.As(err, new(*docstore.InvalidIDError)) {
			t.Errorf("tag %.10q: got error %v, want an *InvalidIDError", tag, err)
		}
	}
}

func TestNextHiLo_TakesTagsWithSeparators(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.wantRange(docstore.HiLoRequest{Tag: "users/"}, 1, 32)
	f.wantRange(docstore.HiLoRequest{Tag: "users/"}, 33, 64)
}

func TestReturnHiLo(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Raven/Hilo/users", `{"Max":32,"note":1,"@metadata":{"@collection":"@hilo"}}`)
	f.wantRange(docstore.HiLoRequest{Tag: "users"}, 33, 64)
	g := func(last, end int64, want string) {
		t.Helper()
		before := f.stats().LastEtag
		f.returnHiLo("users", last, end)
		if wrote := f.stats().LastEtag > before; wrote != (want == "34") {
			t.Errorf("return %d of %d: got a write %v", last, end, wrote)
		}
		if got := f.text("Raven/Hilo/users"); !strings.HasPrefix(got, `{"Max":`+want+`,"note":1,`) {
			t.Errorf("return %d of %d: got %s, want Max %s", last, end, got, want)
		}
	}
	g(34, 96, "64") // somebody has taken another range
	g(34, 32, "64")
	g(20, 32, "64")
	g(64, 64, "64") // nothing to give back
	g(99, 64, "64") // nonsense
	g(-1, 64, "64")
	g(34, 64, "34")
	f.wantRange(docstore.HiLoRequest{Tag: "users"}, 35, 66)
	f.returnHiLo("nobody", 1, 32) // has no document
	if got := f.text("Raven/Hilo/nobody"); got != "" {
		t.Errorf("got %s, want no document", got)
	}
}
