package docstore_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// fixture is a store in an environment, with a clock that the test moves.
type fixture struct {
	*env
	t     rapid.TB
	store *docstore.Store
	now   time.Time
}

// newFixture opens an empty store. The test calls end.
func newFixture(t rapid.TB) *fixture {
	t.Helper()
	f := &fixture{env: openEnv(t), t: t, now: time.Date(2030, 1, 2, 3, 4, 5, 123456789, time.UTC)}
	f.newStore(1)
	return f
}

func (f *fixture) newStore(seed uint64) {
	f.store = docstore.New(docstore.Options{
		NodeTag: "A", DatabaseID: databaseID, Now: func() time.Time { return f.now }, Rand: rand.New(rand.NewPCG(seed, 2)),
	})
}

// end checks everything and closes.
func (f *fixture) end() {
	f.t.Helper()
	f.view(f.t, func(tx storage.Tx) { f.check(tx) })
	f.close(f.t)
}

func (f *fixture) check(tx storage.Tx) {
	f.t.Helper()
	for err := range f.store.Check(tx) {
		f.t.Errorf("check: %v", err)
	}
}

func mustParse(t rapid.TB, text string) jsondoc.Doc {
	t.Helper()
	doc, err := jsondoc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

// contents is all that the store holds as text, to see whether anything was written.
func (f *fixture) contents(tx storage.Tx) string {
	f.t.Helper()
	var b strings.Builder
	for d, err := range f.store.Newest(tx) {
		fmt.Fprintln(&b, d, err)
	}
	for ts, err := range f.store.Tombstones(tx, 0) {
		fmt.Fprintln(&b, ts, err)
	}
	collections, err := f.store.Collections(tx)
	fmt.Fprintln(&b, collections, err)
	stats, err := f.store.Stats(tx)
	fmt.Fprintln(&b, stats, err)
	return b.String()
}

// put stores text in a transaction of its own and returns the outcome; a refused put must have changed nothing.
func (f *fixture) put(id, text string, e docstore.Expected) (d docstore.Document, err error) {
	f.t.Helper()
	data := mustParse(f.t, text)
	f.update(f.t, func(tx *storage.WriteTx) error {
		before := f.contents(tx)
		if d, err = f.store.Put(tx, docstore.Put{ID: id, Data: data, Expected: e}); err != nil && f.contents(tx) != before {
			f.t.Errorf("put %q was refused after it had written: %v", id, err)
		}
		return nil
	})
	return d, err
}

func (f *fixture) mustPut(id, text string) docstore.Document {
	f.t.Helper()
	d, err := f.put(id, text, docstore.Any())
	if err != nil {
		f.t.Fatalf("put %q: %v", id, err)
	}
	return d
}

func (f *fixture) delete(id string, e docstore.Expected) (ts docstore.Tombstone, existed bool, err error) {
	f.t.Helper()
	f.update(f.t, func(tx *storage.WriteTx) error {
		before := f.contents(tx)
		if ts, existed, err = f.store.Delete(tx, id, e); !existed && f.contents(tx) != before {
			f.t.Errorf("delete %q wrote although there was nothing to delete: %v", id, err)
		}
		return nil
	})
	return ts, existed, err
}

func (f *fixture) mustDelete(id string) docstore.Tombstone {
	f.t.Helper()
	ts, existed, err := f.delete(id, docstore.Any())
	if err != nil || !existed {
		f.t.Fatalf("delete %q: existed %v, %v", id, existed, err)
	}
	return ts
}

// text returns the document called id as clients read it, "" when there is none.
func (f *fixture) text(id string) (text string) {
	f.t.Helper()
	f.view(f.t, func(tx storage.Tx) {
		d, ok, err := f.store.Get(tx, id)
		if err != nil {
			f.t.Fatalf("get %q: %v", id, err)
		}
		if ok {
			text = string(d.AppendJSON(nil))
		}
	})
	return text
}

// ids returns the ids that a sequence yields.
func (f *fixture) ids(of func(tx storage.Tx) iter.Seq2[docstore.Document, error]) []string {
	f.t.Helper()
	list := []string{}
	f.view(f.t, func(tx storage.Tx) {
		for d, err := range of(tx) {
			if err != nil {
				f.t.Fatal(err)
			}
			list = append(list, d.ID)
		}
	})
	return list
}

func (f *fixture) collections() (list []docstore.CollectionStats) {
	f.t.Helper()
	f.view(f.t, func(tx storage.Tx) {
		var err error
		if list, err = f.store.Collections(tx); err != nil {
			f.t.Fatal(err)
		}
	})
	return list
}

func (f *fixture) stats() (s docstore.Stats) {
	f.t.Helper()
	f.view(f.t, func(tx storage.Tx) {
		var err error
		if s, err = f.store.Stats(tx); err != nil {
			f.t.Fatal(err)
		}
	})
	return s
}

func vector(etag string) string { return "A:" + etag + "-" + databaseID }

const user = `{"name":"Ann","@metadata":{"@collection":"Users"}}`

func TestPut_CompletesIDs(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	g := func(id, want string) {
		t.Helper()
		if d := f.mustPut(id, user); !regexp.MustCompile("^(?:" + want + ")$").MatchString(d.ID) {
			t.Errorf("%q: got id %q, want %q", id, d.ID, want)
		}
	}
	g("users/", "users/0000000000000000001-A") // the etag of the first write
	g("users/", "users/0000000000000000002-A")
	g("Users/ann", "Users/ann")
	g("/", "/0000000000000000004-A")
	g("", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
	g("users:", "users:") // another separator than the one in use
	g(strings.Repeat("i", docstore.IDBytesMax), "i+")

	put := docstore.Put{ID: "users:", Separator: ':', Data: mustParse(t, user)}
	f.update(t, func(tx *storage.WriteTx) error {
		if d, err := f.store.Put(tx, put); err != nil || d.ID != "users:0000000000000000008-A" {
			t.Errorf("with the separator ':': got %q, %v", d.ID, err)
		}
		return nil
	})
}

func TestPut_RefusesIDs(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	g := func(id string, want fault.Kind) {
		t.Helper()
		_, err := f.put(id, user, docstore.Any())
		var invalid *docstore.InvalidIDError
		if !errors.As(err, &invalid) || fault.Of(err) != want {
			t.Errorf("%q: got error %v, want an *InvalidIDError of kind %v", id, err, want)
		}
	}
	g(strings.Repeat("i", docstore.IDBytesMax+1), fault.TooLarge)
	g(strings.Repeat("i", docstore.IDBytesMax-1)+"/", fault.TooLarge) // once completed
	g(strings.Repeat("é", docstore.IDBytesMax), fault.TooLarge)
	g("users\\1", fault.Invalid)
	g("users/\x00", fault.Invalid)
	g("users/\n1", fault.Invalid)
	g("users/\x7f", fault.Invalid)
	g("users/\xff", fault.Invalid)
	if _, err := f.put("users|", user, docstore.Any()); !errors.As(err, new(*docstore.IdentityIDError)) {
		t.Errorf("got error %v, want an *IdentityIDError", err)
	}
	if got := f.stats(); got != (docstore.Stats{}) {
		t.Errorf("refused puts left %+v", got)
	}
}

// A random source seeded as before must not make a new document take the place of an old one.
func TestPut_NeverRepeatsGUIDs(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	for range 3 {
		f.newStore(7)
		f.mustPut("", user)
		f.mustPut("", user)
	}
	if got := f.stats().Documents; got != 6 {
		t.Errorf("got %d documents, want 6", got)
	}
}

func TestGet_IgnoresCasing(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Users/ÉCOLE", user)
	for _, id := range []string{"Users/ÉCOLE", "users/école", "USERS/École"} {
		if got := f.text(id); !strings.Contains(got, `"@id":"Users/ÉCOLE"`) {
			t.Errorf("%q: got %s", id, got)
		}
	}
	for _, id := range []string{"", "users/ecole", "users/écol", strings.Repeat("x", 5000)} {
		if got := f.text(id); got != "" {
			t.Errorf("%q: got %s, want nothing", id, got)
		}
	}
}

// A document keeps the casing it was created with; once deleted, the next one is another document.
func TestPut_KeepsTheFirstCasingOfAnID(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Users/Ann", user)
	if d := f.mustPut("USERS/ANN", user); d.ID != "Users/Ann" || d.Etag != 2 {
		t.Errorf("got %q at %d, want Users/Ann at 2", d.ID, d.Etag)
	}
	f.mustDelete("users/ann")
	if d := f.mustPut("USERS/ANN", user); d.ID != "USERS/ANN" {
		t.Errorf("got %q, want USERS/ANN", d.ID)
	}
}

func TestPut_StampsDocuments(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("users/1", user)
	f.now = f.now.Add(time.Hour)
	got := f.mustPut("users/1", user)
	want := docstore.Document{
		ID: "users/1", Etag: 2, ChangeVector: vector("2"), Collection: "Users",
		LastModified: time.Date(2030, 1, 2, 4, 4, 5, 123456700, time.UTC), Data: mustParse(t, user),
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("put returned (-got +want):\n%s", diff)
	}
	f.view(t, func(tx storage.Tx) {
		stored, ok, err := f.store.Get(tx, "users/1")
		if diff := cmp.Diff(stored, want); diff != "" || !ok || err != nil {
			t.Errorf("get: %v, %v (-got +want):\n%s", ok, err, diff)
		}
	})
	if got, want := f.stats(), (docstore.Stats{Documents: 1, LastEtag: 2, LastDocumentEtag: 2, ChangeVector: vector("2")}); got != want {
		t.Errorf("stats: got %+v, want %+v", got, want)
	}
}

func TestPut_ChecksWhatIsExpected(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	ok := func(e docstore.Expected) {
		t.Helper()
		if _, err := f.put("users/1", user, e); err != nil {
			t.Error(err)
		}
	}
	conflict := func(id string, e docstore.Expected, want string) {
		t.Helper()
		_, err := f.put(id, user, e)
		if err == nil || err.Error() != want || fault.Of(err) != fault.Conflict {
			t.Errorf("got error:\n%v\nwant:\n%s", err, want)
		}
	}
	const aborted = " Optimistic concurrency violation, transaction will be aborted."
	conflict("users/1", docstore.At(vector("7")), "Document users/1 does not exist, but Put was called with change vector "+vector("7")+"."+aborted)
	ok(docstore.Missing())
	conflict("USERS/1", docstore.Missing(), "Document users/1 has change vector "+vector("1")+", but Put was called expecting that it does not exist."+aborted)
	conflict("users/1", docstore.At(""), "Document users/1 has change vector "+vector("1")+", but Put was called expecting that it does not exist."+aborted)
	conflict("users/1", docstore.At(vector("5")), "Document users/1 has change vector "+vector("1")+", but Put was called with change vector "+vector("5")+"."+aborted)
	conflict("users/1", docstore.At("invalidCV"), "Document users/1 has change vector "+vector("1")+", but Put was called with change vector invalidCV."+aborted)
	ok(docstore.At(vector("1")))
	ok(docstore.At(" " + vector("02"))) // another spelling of the same vector
	ok(docstore.Any())
	f.mustDelete("users/1")
	conflict("users/1", docstore.At(vector("4")), "Document users/1 does not exist, but Put was called with change vector "+vector("4")+"."+aborted)
	ok(docstore.Missing())
}

func TestDelete_ChecksWhatIsExpected(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	conflict := func(e docstore.Expected, want string) {
		t.Helper()
		_, _, err := f.delete("users/1", e)
		if err == nil || !strings.HasPrefix(err.Error(), want) || fault.Of(err) != fault.Conflict {
			t.Errorf("got error:\n%v\nwant:\n%s", err, want)
		}
	}
	conflict(docstore.At(vector("7")), "Document users/1 does not exist, but Delete was called with change vector A:7-")
	if _, existed, err := f.delete("users/1", docstore.Missing()); existed || err != nil {
		t.Errorf("got %v, %v", existed, err)
	}
	f.mustPut("users/1", user)
	conflict(docstore.Missing(), "Document users/1 has change vector A:1-")
	conflict(docstore.At("x"), "Document users/1 has change vector A:1-")
	ts, existed, err := f.delete("USERS/1", docstore.At(vector("1")))
	want := docstore.Tombstone{
		ID: "users/1", Etag: 2, ChangeVector: vector("2"), Collection: "Users", DeletedAt: f.now.Truncate(100 * time.Nanosecond),
	}
	if diff := cmp.Diff(ts, want); diff != "" || !existed || err != nil {
		t.Errorf("delete: %v, %v (-got +want):\n%s", existed, err, diff)
	}
	if _, existed, err := f.delete("users/1", docstore.Any()); existed || err != nil {
		t.Errorf("the second delete: got %v, %v", existed, err)
	}
	if got, want := f.stats(), (docstore.Stats{Tombstones: 1, LastEtag: 2, ChangeVector: vector("2")}); got != want {
		t.Errorf("stats: got %+v, want %+v", got, want)
	}
}

func TestPut_KeepsDocumentsInTheirCollection(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("users/1", user)
	for _, text := range []string{`{"@metadata":{"@collection":"People"}}`, `{}`, `{"@metadata":{"@collection":null}}`} {
		_, err := f.put("users/1", text, docstore.Any())
		var mismatch *docstore.CollectionMismatchError
		if !errors.As(err, &mismatch) || mismatch.Existing != "Users" || fault.Of(err) != fault.Invalid {
			t.Errorf("%s: got error %v, want a *CollectionMismatchError", text, err)
		}
	}
	// deleting it first, in the same transaction, makes it possible
	f.update(t, func(tx *storage.WriteTx) error {
		if _, _, err := f.store.Delete(tx, "users/1", docstore.Any()); err != nil {
			return err
		}
		_, err := f.store.Put(tx, docstore.Put{ID: "users/1", Data: mustParse(t, `{"@metadata":{"@collection":"People"}}`)})
		return err
	})
	if got := f.collections(); len(got) != 1 || got[0].Name != "People" || got[0].Documents != 1 || got[0].Tombstones != 0 {
		t.Errorf("got %+v, want one document in People", got)
	}
}

func TestCollections_KeepTheFirstCasing(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("users/1", `{"@metadata":{"@collection":"Users"}}`)
	f.mustPut("users/2", `{"@metadata":{"Raven-Node-Type":null,"@collection":"USERS","x":1}}`)
	f.mustPut("users/1", `{"@metadata":{"@collection":"users"}}`)
	f.mustPut("x", `{"@metadata":{"@collection":"@Empty"}}`)
	if got := f.text("users/2"); !strings.Contains(got, `{"Raven-Node-Type":null,"@collection":"Users","x":1,`) {
		t.Errorf("got %s", got)
	}
	if got := f.text("x"); !strings.HasPrefix(got, `{"@metadata":{"@collection":"@empty","@change-vector":`) {
		t.Errorf("got %s", got)
	}
	ids := f.ids(func(tx storage.Tx) iter.Seq2[docstore.Document, error] { return f.store.InCollection(tx, "uSERS", 0) })
	if diff := cmp.Diff(ids, []string{"users/2", "users/1"}); diff != "" {
		t.Errorf("in collection (-got +want):\n%s", diff)
	}
	names := []string{}
	for _, c := range f.collections() {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff(names, []string{"@empty", "Users"}); diff != "" {
		t.Errorf("collections (-got +want):\n%s", diff)
	}
}

func TestPut_RefusesDocuments(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	g := func(text string, want fault.Kind) {
		t.Helper()
		_, err := f.put("users/1", text, docstore.Any())
		var invalid *docstore.InvalidDocumentError
		if !errors.As(err, &invalid) || fault.Of(err) != want {
			t.Errorf("%.60s: got error %v, want an *InvalidDocumentError of kind %v", text, err, want)
		}
	}
	g(`[]`, fault.Invalid)
	g(`"text"`, fault.Invalid)
	g(`null`, fault.Invalid)
	g(`{"@metadata":null}`, fault.Invalid)
	g(`{"@metadata":[1]}`, fault.Invalid)
	g(`{"@metadata":{"@collection":7}}`, fault.Invalid)
	g(`{"@metadata":{"@collection":{}}}`, fault.Invalid)
	g(`{"@metadata":{"@collection":"a\u0000b"}}`, fault.Invalid)
	g(`{"@metadata":{"@collection":"a\ud800b"}}`, fault.Invalid)
	g(`{"@metadata":{"@collection":"`+strings.Repeat("c", docstore.CollectionBytesMax+1)+`"}}`, fault.TooLarge)
}
