package docstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// A database that got another id (restored beside the old one, say) goes on from the vectors it finds.
func TestPut_GoesOnFromForeignVectors(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("users/1", user)
	f.mustPut("users/2", user)
	f.store = docstore.New(docstore.Options{
		NodeTag: "B", DatabaseID: otherID, Now: func() time.Time { return f.now }, Rand: rand.New(rand.NewPCG(1, 2)),
	})
	if got, want := f.mustPut("users/1", user).ChangeVector, vector("1")+", B:3-"+otherID; got != want {
		t.Errorf("put: got %q, want %q", got, want)
	}
	if _, err := f.put("users/1", user, docstore.At("B:3-"+otherID+", "+vector("1"))); err != nil { // in another order
		t.Error(err)
	}
	if got, want := f.mustDelete("users/2").ChangeVector, vector("2")+", B:5-"+otherID; got != want {
		t.Errorf("delete: got %q, want %q", got, want)
	}
	if got, want := f.mustPut("users/2", user).ChangeVector, vector("2")+", B:6-"+otherID; got != want {
		t.Errorf("put over the tombstone: got %q, want %q", got, want)
	}
	if got, want := f.stats().ChangeVector, vector("2")+", B:6-"+otherID; got != want {
		t.Errorf("database: got %q, want %q", got, want)
	}
}

func TestStore_ListsNothingAfterTheLastEtag(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("users/1", user)
	f.mustPut("users/2", user)
	f.mustDelete("users/1")
	g := func(what string, of func(tx storage.Tx) iter.Seq2[docstore.Document, error]) {
		t.Helper()
		if got := f.ids(of); len(got) > 0 {
			t.Errorf("%s: got %v, want nothing", what, got)
		}
	}
	g("since", func(tx storage.Tx) iter.Seq2[docstore.Document, error] { return f.store.Since(tx, math.MaxInt64, 0) })
	g("collection", func(tx storage.Tx) iter.Seq2[docstore.Document, error] {
		return f.store.InCollection(tx, "Users", math.MaxInt64)
	})
	f.view(t, func(tx storage.Tx) {
		for ts, err := range f.store.Tombstones(tx, math.MaxInt64) {
			t.Errorf("tombstones: got %v, %v, want nothing", ts, err)
		}
		for ts, err := range f.store.TombstonesInCollection(tx, "Users", math.MaxInt64) {
			t.Errorf("tombstones of a collection: got %v, %v, want nothing", ts, err)
		}
	})
}

// More collections than names are kept in memory.
func TestCollections_Many(t *testing.T) {
	const n = 1100
	f := newFixture(t)
	defer f.end()
	f.update(t, func(tx *storage.WriteTx) error {
		for i := range n {
			text := fmt.Sprintf(`{"@metadata":{"@collection":"C%04d"}}`, i)
			if _, err := f.store.Put(tx, docstore.Put{ID: fmt.Sprint(i), Data: mustParse(t, text)}); err != nil {
				return err
			}
		}
		return nil
	})
	for i, c := range f.collections() {
		if want := fmt.Sprintf("C%04d", i); c.Name != want || c.Documents != 1 {
			t.Fatalf("got %+v, want one document in %s", c, want)
		}
	}
}

// Large documents go through the same steps, whether keys have to be taken out of them or not.
func TestPut_LargeDocuments(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	for _, n := range []int{5000, 9000, 3 << 20, 20} {
		body := strings.Repeat("b", n)
		f.mustPut("x", `{"body":"`+body+`","@metadata":{"@id":"y"}}`)
		if got := f.text("x"); !strings.HasPrefix(got, `{"body":"`+body+`","@metadata":{"@collection":"@empty","@change-vector":"A:`) {
			t.Errorf("%d bytes came back as %.60s…", n, got)
		}
	}
}

// Errors speak of what the caller did, and of what to do about it.
func TestErrors_Speak(t *testing.T) {
	g := func(err interface {
		error
		Kind() fault.Kind
	}, kind fault.Kind, parts ...string,
	) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%T says %q, want it to have %q", err, err, part)
			}
		}
		if err.Kind() != kind {
			t.Errorf("%T: got kind %v, want %v", err, err.Kind(), kind)
		}
	}
	g(&docstore.IdentityIDError{ID: "users|"}, fault.Invalid, `"users|"`, "before the write")
	g(&docstore.InvalidIDError{ID: "a", Why: "it is bad"}, fault.Invalid, `"a"`, "it is bad")
	g(&docstore.InvalidIDError{ID: "a", TooLong: true}, fault.TooLarge)
	g(&docstore.CollectionMismatchError{ID: "a", Existing: "B", Given: "C"}, fault.Invalid, "a", `"B"`, `"C"`)
	g(&docstore.InvalidDocumentError{ID: "a", Why: "it is bad"}, fault.Invalid, `"a"`, "it is bad")
	g(&docstore.HiLoError{ID: "a", Why: "it is bad"}, fault.Invalid, "a", "it is bad")
}

// A disk that is full, or anything else that storage refuses, comes through with its type.
func TestStore_PassesErrorsOn(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("x", `{}`)
	f.drop(t, func(tx *storage.WriteTx) {
		tree, err := tx.WriteTree("documents.collection") // an entry that the next etag needs
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Put([]byte("@empty\x00\x00\x00\x00\x00\x00\x00\x00\x02"), make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
		_, err = f.store.Put(tx, docstore.Put{ID: "y", Data: mustParse(t, `{}`)})
		var duplicate *table.DuplicateKeyError
		if !errors.As(err, &duplicate) || !strings.Contains(err.Error(), `table "documents"`) {
			t.Errorf("got error %v, want a *table.DuplicateKeyError", err)
		}
	})
}

// What a document has besides its body outlives a put; where it came from does not. Tombstones have no flags.
func TestPut_KeepsFlagsOfTheDocument(t *testing.T) {
	f := newFixture(t)
	f.mustPut("Users/1", user)
	f.update(t, func(tx *storage.WriteTx) error {
		_, err := f.store.Extend(tx, "users/1", func(e *docstore.Extensions) { e.Counters = []byte(`["likes"]`) })
		return err
	})
	f.update(t, func(tx *storage.WriteTx) error {
		row, _, err := documents().Get(tx, []byte("users/1"))
		if err != nil {
			return err
		}
		fields := make([][]byte, row.Fields())
		for i := range fields {
			fields[i] = bytes.Clone(row.Field(i))
		}
		flags, extensions, _ := docrow.DecodeFlags(fields[5])
		fields[5] = docrow.AppendFlags(nil, flags|docstore.FromReplication, extensions)
		return documents().Put(tx, fields)
	})
	if got := f.mustPut("users/1", user).Flags; got != docstore.HasCounters {
		t.Errorf("got flags %v, want HasCounters", got)
	}
	if got := f.text("users/1"); !strings.Contains(got, `"@counters":["likes"],`) || !strings.Contains(got, `"@flags":"HasCounters",`) {
		t.Errorf("got %s", got)
	}
	f.mustDelete("users/1")
	f.view(t, func(tx storage.Tx) {
		if row, ok, err := tombstones().Get(tx, []byte("users/1")); err != nil || !ok || string(row.Field(5)) != "\x00\x00\x00\x00" {
			t.Errorf("got %v, %v, want a tombstone without flags", ok, err)
		}
	})
	f.end()
}
