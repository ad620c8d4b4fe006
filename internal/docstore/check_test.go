package docstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// documents and tombstones are the store's tables as docs/format/document.md describes them.
func documents() *table.Table  { return rowsOf("documents", 1, 9) }
func tombstones() *table.Table { return rowsOf("tombstones", 2, 8) }

func rowsOf(name string, kind uint8, fields int) *table.Table {
	return table.New(table.Schema{
		Name: name, Kind: kind, Fields: fields, Primary: table.Index{Name: "id", Fields: []int{0}},
		Indexes: []table.Index{
			{Name: "etag", Fields: []int{2}, Uint64: true}, {Name: "collection", Fields: []int{6, 2}, Unique: true},
		},
	})
}

// fieldsOf are the fields of users/1 as the store of a fixture writes it first, for damage to be done to.
func fieldsOf(t testing.TB, f *fixture) [][]byte {
	t.Helper()
	return [][]byte{
		[]byte("users/1"), []byte("Users/1"), binary.BigEndian.AppendUint64(nil, 1), []byte(vector("1")),
		binary.BigEndian.AppendUint64(nil, uint64(docstore.TicksOf(f.now))), make([]byte, 4), []byte("users\x00"), []byte("Users"),
		mustParse(t, user),
	}
}

// What the page on the format says is what is written: a table made after it finds the row, field by field.
func TestFormat_IsAsItsPageSays(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Users/1", user)
	f.view(t, func(tx storage.Tx) {
		row, ok, err := documents().Get(tx, []byte("users/1"))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		for i, want := range fieldsOf(t, f) {
			if !bytes.Equal(row.Field(i), want) {
				t.Errorf("field %d: got %q, want %q", i, row.Field(i), want)
			}
		}
		wantValue(t, tx, "collections", "users", "\x01"+"\x00\x00\x00\x00\x00\x00\x00\x01"+"\x00\x00\x00\x00\x00\x00\x00\x00"+
			string(binary.BigEndian.AppendUint64(nil, uint64(row.FieldBytes())))+"\x00\x00\x00\x00\x00\x00\x00\x00"+"Users")
		wantValue(t, tx, "docstore", "state", "\x01"+"\x00\x00\x00\x00\x00\x00\x00\x01"+vector("1"))
	})
	f.mustDelete("users/1")
	f.view(t, func(tx storage.Tx) {
		row, ok, err := tombstones().Get(tx, []byte("users/1"))
		if err != nil || !ok || row.Fields() != 8 || string(row.Field(3)) != vector("2") {
			t.Fatal(ok, err)
		}
		wantValue(t, tx, "collections", "users", "\x01"+"\x00\x00\x00\x00\x00\x00\x00\x00"+"\x00\x00\x00\x00\x00\x00\x00\x01"+
			"\x00\x00\x00\x00\x00\x00\x00\x00"+string(binary.BigEndian.AppendUint64(nil, uint64(row.FieldBytes())))+"Users")
	})
}

func wantValue(t testing.TB, tx storage.Tx, name, key, want string) {
	t.Helper()
	tree, ok := tx.Tree(name)
	if !ok {
		t.Fatalf("no tree %q", name)
	}
	if got, _, err := tree.Get([]byte(key)); err != nil || string(got) != want {
		t.Errorf("tree %q, key %q: got %q, %v, want %q", name, key, got, err, want)
	}
}

func TestCheck_FindsPlantedDamage(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Users/1", user)
	f.mustPut("users/2", user)
	f.mustDelete("users/2")
	f.mustPut("orders/1", `{}`)

	g := func(what, want string, plant func(tx *storage.WriteTx) error) {
		t.Helper()
		f.drop(t, func(tx *storage.WriteTx) {
			if err := plant(tx); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			var all []string
			for err := range f.store.Check(tx) {
				if fault.Of(err) != fault.Corrupt && !errors.As(err, new(*docstore.CorruptDocumentError)) {
					t.Errorf("%s: got %v, want it to be of kind corrupt", what, err)
				}
				all = append(all, err.Error())
			}
			if !strings.Contains(strings.Join(all, "\n"), want) {
				t.Errorf("%s: got %q, want a problem with %q", what, all, want)
			}
		})
	}
	// a field of users/1 becomes another
	field := func(i int, value []byte) func(tx *storage.WriteTx) error {
		return func(tx *storage.WriteTx) error {
			fields := fieldsOf(t, f)
			fields[i] = value
			return documents().Put(tx, fields)
		}
	}
	g("an id of another key", "not its id in lower case", field(1, []byte("Users/2")))
	g("an id that is none", "no document can have its id", func(tx *storage.WriteTx) error {
		fields := fieldsOf(t, f)
		fields[0], fields[1], fields[2] = []byte("a\\b"), []byte("a\\b"), binary.BigEndian.AppendUint64(nil, 3)
		return documents().Put(tx, fields)
	})
	g("an etag from the future", "etag 99 was never given", field(2, binary.BigEndian.AppendUint64(nil, 99)))
	g("no etag", "etag 0 was never given", field(2, make([]byte, 8)))
	g("a change vector that is none", "its change vector is none", field(3, []byte("x")))
	g("a short time", "have 8 and 7 bytes", field(4, make([]byte, 7)))
	g("short flags", "flags and lists of 3 bytes", field(5, make([]byte, 3)))
	g("flags that tell of a list that is not there", "flags and lists of 4 bytes", field(5, []byte{0, 0, 0, byte(docstore.HasCounters)}))
	g("a list that the flags do not tell of", "flags and lists of 7 bytes", field(5, []byte("\x00\x00\x00\x00\x02[]")))
	g("a collection of another key", "the key of its collection", field(7, []byte("People")))
	g("a body that is none", `document "Users/1"`, field(8, []byte("{}")))
	g("a larger body", "record says", field(8, mustParse(t, `{"long":"long long long long long long long long long"}`)))
	g("a tombstone of a living document", "there is a document of the same id", func(tx *storage.WriteTx) error {
		fields := fieldsOf(t, f)[:8]
		return tombstones().Put(tx, fields)
	})
	g("a document that nobody counted", "no record", func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("collections")
		if err == nil {
			_, err = tree.Delete([]byte("users"))
		}
		return err
	})
	g("a damaged record of a collection", "unknown version or too short", treePut("collections", "users", "\x01short"))
	g("a count below zero", "below zero", treePut("collections", "users", "\x01"+strings.Repeat("\xff", 32)+"Users"))
	g("a damaged state", "unknown version or too short", treePut("docstore", "state", "\x02"+strings.Repeat("\x00", 20)))
	g("an index that lacks a row", "the row's entry is missing", func(tx *storage.WriteTx) error {
		tree, err := tx.WriteFixedTree("documents.etag", 8)
		if err == nil {
			_, err = tree.Delete(1)
		}
		return err
	})
}

func treePut(name, key, value string) func(tx *storage.WriteTx) error {
	return func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree(name)
		if err != nil {
			return err
		}
		return tree.Put([]byte(key), []byte(value))
	}
}

// What is damaged is told of by an error that says so, whatever is asked for.
func TestStore_ReportsDamage(t *testing.T) {
	f := newFixture(t)
	defer f.end()
	f.mustPut("Users/1", user)
	g := func(what string, plant func(tx *storage.WriteTx) error, ask func(tx *storage.WriteTx) error) {
		t.Helper()
		f.drop(t, func(tx *storage.WriteTx) {
			if err := plant(tx); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if err := ask(tx); err == nil || fault.Of(err) != fault.Corrupt {
				t.Errorf("%s: got error %v, want one of kind corrupt", what, err)
			}
		})
	}
	shortTime := func(tx *storage.WriteTx) error {
		fields := fieldsOf(t, f)
		fields[4] = nil
		return documents().Put(tx, fields)
	}
	get := func(tx *storage.WriteTx) error { _, _, err := f.store.Get(tx, "users/1"); return err }
	put := func(tx *storage.WriteTx) error {
		_, err := f.store.Put(tx, docstore.Put{ID: "users/1", Data: mustParse(t, user)})
		return err
	}
	list := func(tx *storage.WriteTx) error {
		for _, err := range f.store.Newest(tx) {
			return err
		}
		return nil
	}
	deletePrefix := func(tx *storage.WriteTx) error { _, err := f.store.DeletePrefix(tx, "u"); return err }
	stats := func(tx *storage.WriteTx) error { _, err := f.store.Stats(tx); return err }
	collections := func(tx *storage.WriteTx) error { _, err := f.store.Collections(tx); return err }
	hiLo := func(tx *storage.WriteTx) error {
		_, err := f.store.NextHiLo(tx, docstore.HiLoRequest{Tag: "x"})
		return err
	}

	g("get of a short row", shortTime, get)
	g("put over a short row", shortTime, put)
	g("list with a short row", shortTime, list)
	g("delete by prefix of a short row", shortTime, deletePrefix)
	state := treePut("docstore", "state", "")
	g("stats with a damaged state", state, stats)
	g("put with a damaged state", state, put)
	g("hilo with a damaged state", state, hiLo)
	collection := treePut("collections", "users", "x")
	g("collections with a damaged record", collection, collections)
	g("put with a damaged record", collection, put)
	g("put of a new document with a damaged record", collection, func(tx *storage.WriteTx) error {
		_, err := f.store.Put(tx, docstore.Put{ID: "new", Data: mustParse(t, user)})
		return err
	})
	g("get without rows", func(tx *storage.WriteTx) error { return tx.Drop("documents") }, get)
	g("list without rows", func(tx *storage.WriteTx) error { return tx.Drop("documents") }, list)
}
