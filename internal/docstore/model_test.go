package docstore_test

import (
	"cmp"
	"errors"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// model is what a store should hold, in the simplest form.
type model struct {
	etag       int64
	documents  map[string]docstore.Document // by lower-case id
	tombstones map[string]docstore.Tombstone
	names      map[string]string // of collections, by lower case
}

func (m model) clone() model {
	m.documents, m.tombstones, m.names = maps.Clone(m.documents), maps.Clone(m.tombstones), maps.Clone(m.names)
	return m
}

// machine is a store beside its model.
type machine struct {
	*fixture
	model
}

// ids and collections are so few that casings meet.
var (
	drawID         = rapid.SampledFrom([]string{"users/1", "Users/1", "users/2", "USERS/3", "orders/1", "orders/É", "orders/é", "u"})
	drawCollection = rapid.SampledFrom([]string{"Users", "users", "Orders", "", "@empty"})
)

// nextVector is what a write makes of nothing, or of a vector of this node alone.
func (m *model) nextVector() string { return vector(strconv.FormatInt(m.etag, 10)) }

func (s *machine) put(t *rapid.T, tx *storage.WriteTx) {
	id, collection := drawID.Draw(t, "id"), drawCollection.Draw(t, "collection")
	text := `{"n":` + strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "n")) + `,"pad":"` +
		strings.Repeat("p", rapid.SampledFrom([]int{0, 100, 5000, 9000}).Draw(t, "pad")) + `"}`
	if collection != "" {
		text = `{"@metadata":{"@collection":"` + collection + `"},` + text[1:]
	}
	key := strings.ToLower(id)
	old, exists := s.documents[key]
	e, holds := s.drawExpected(t, old, exists)
	got, err := s.store.Put(tx, docstore.Put{ID: id, Data: mustParse(t, text), Expected: e})

	if !holds {
		var conflict *docstore.ConflictError
		if !errors.As(err, &conflict) || conflict.Actual != old.ChangeVector {
			t.Fatalf("put %q: got error %v, want a conflict with %q", id, err, old.ChangeVector)
		}
		return
	}
	name := s.nameOf(collection)
	if exists && old.Collection != name {
		if !errors.As(err, new(*docstore.CollectionMismatchError)) {
			t.Fatalf("put %q into %q: got error %v, want a *CollectionMismatchError", id, collection, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("put %q: %v", id, err)
	}
	s.etag++
	want := docstore.Document{
		Flags: old.Flags, Extensions: old.Extensions,
		ID: cmp.Or(old.ID, id), Etag: s.etag, ChangeVector: s.nextVector(), LastModified: s.now.Truncate(100 * time.Nanosecond), Collection: name,
		Data: mustParse(t, strings.Replace(text, `"@collection":"`+collection+`"`, `"@collection":"`+name+`"`, 1)),
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("put %q (-got +want):\n%s", id, gocmp.Diff(got, want))
	}
	s.documents[key] = want
	delete(s.tombstones, key)
	s.names[strings.ToLower(name)] = name
	s.forgetNames()
}

// extend sets one of the lists, or takes it away.
func (s *machine) extend(t *rapid.T, tx *storage.WriteTx) {
	id := drawID.Draw(t, "id")
	list := rapid.SampledFrom([][]byte{nil, []byte(`[]`), []byte(`["a","b"]`)}).Draw(t, "list")
	which := rapid.IntRange(0, 2).Draw(t, "which")
	set := func(e *docstore.Extensions) { *[]*[]byte{&e.Attachments, &e.Counters, &e.TimeSeries}[which] = list }
	got, err := s.store.Extend(tx, id, set)
	want, exists := s.documents[strings.ToLower(id)]
	if !exists {
		if !errors.As(err, new(*docstore.MissingDocumentError)) {
			t.Fatalf("extend %q: got error %v, want a *MissingDocumentError", id, err)
		}
		return
	}
	s.etag++
	set(&want.Extensions)
	want.Flags = want.Extensions.Flags()
	want.Etag, want.ChangeVector, want.LastModified = s.etag, s.nextVector(), s.now.Truncate(100*time.Nanosecond)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("extend %q: %v (-got +want):\n%s", id, err, gocmp.Diff(got, want))
	}
	s.documents[strings.ToLower(id)] = want
}

// takeEtag takes one for a row of somebody else.
func (s *machine) takeEtag(t *rapid.T, tx *storage.WriteTx) {
	s.etag++
	if etag, vector, err := s.store.TakeEtag(tx); etag != s.etag || string(vector) != s.nextVector() || err != nil {
		t.Fatalf("take an etag: got %d, %q, %v, want %d", etag, vector, err, s.etag)
	}
}

// nameOf returns the name under which a collection is kept.
func (m *model) nameOf(given string) string {
	if given == "" {
		given = docstore.EmptyCollection
	}
	return cmp.Or(m.names[strings.ToLower(given)], given)
}

// forgetNames drops the collections that nothing is in any more.
func (m *model) forgetNames() {
	used := map[string]string{}
	for _, d := range m.documents {
		used[strings.ToLower(d.Collection)] = d.Collection
	}
	for _, d := range m.tombstones {
		used[strings.ToLower(d.Collection)] = d.Collection
	}
	m.names = used
}

func (s *machine) drawExpected(t *rapid.T, old docstore.Document, exists bool) (e docstore.Expected, holds bool) {
	switch rapid.SampledFrom([]string{"any", "any", "missing", "right", "wrong"}).Draw(t, "expected") {
	case "missing":
		return docstore.Missing(), !exists
	case "right":
		return docstore.At(old.ChangeVector), true // "" is Missing, which is right
	case "wrong":
		return docstore.At(vector("0")), false
	}
	return docstore.Any(), true
}

func (s *machine) delete(t *rapid.T, tx *storage.WriteTx) {
	id := drawID.Draw(t, "id")
	key := strings.ToLower(id)
	old, exists := s.documents[key]
	e, holds := s.drawExpected(t, old, exists)
	got, existed, err := s.store.Delete(tx, id, e)
	switch {
	case !holds:
		if !errors.As(err, new(*docstore.ConflictError)) {
			t.Fatalf("delete %q: got error %v, want a conflict", id, err)
		}
	case err != nil || existed != exists:
		t.Fatalf("delete %q: got %v, %v, want %v", id, existed, err, exists)
	case exists:
		s.bury(key)
		if diff := gocmp.Diff(got, s.tombstones[key]); diff != "" {
			t.Fatalf("delete %q (-got +want):\n%s", id, diff)
		}
	}
}

// bury deletes a document of the model.
func (s *machine) bury(key string) {
	old := s.documents[key]
	s.etag++
	delete(s.documents, key)
	s.tombstones[key] = docstore.Tombstone{
		ID: old.ID, Etag: s.etag, ChangeVector: s.nextVector(), Collection: old.Collection, DeletedAt: s.now.Truncate(100 * time.Nanosecond),
	}
}

func (s *machine) deletePrefix(t *rapid.T, tx *storage.WriteTx) {
	prefix := rapid.SampledFrom([]string{"users/", "O", "u", "none"}).Draw(t, "prefix")
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(s.documents)), func(key string) bool { return !strings.HasPrefix(key, strings.ToLower(prefix)) })
	if n, err := s.store.DeletePrefix(tx, prefix); n != len(keys) || err != nil {
		t.Fatalf("delete prefix %q: got %d, %v, want %d", prefix, n, err, len(keys))
	}
	for _, key := range keys {
		s.bury(key)
	}
}

// sorted returns the model's documents that pass keep, ordered by less.
func (m *model) sorted(keep func(docstore.Document) bool, order func(a, b docstore.Document) int) []docstore.Document {
	var list []docstore.Document
	for _, d := range m.documents {
		if keep(d) {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, order)
	return list
}

func byEtag(a, b docstore.Document) int { return cmp.Compare(a.Etag, b.Etag) }
func newest(a, b docstore.Document) int { return cmp.Compare(b.Etag, a.Etag) }
func byID(a, b docstore.Document) int {
	return cmp.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID))
}
func everything(docstore.Document) bool { return true }
func head[T any](list []T, n int) []T   { return list[:min(n, len(list))] }
func has(c string) func(docstore.Document) bool {
	return func(d docstore.Document) bool { return strings.EqualFold(d.Collection, c) }
}

func wantSeq[T any](t *rapid.T, what string, seq iter.Seq2[T, error], want []T) {
	t.Helper()
	var got []T
	for v, err := range seq {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got = append(got, v)
	}
	if len(got) == 0 && len(want) == 0 || reflect.DeepEqual(got, want) { // cmp.Diff is slow on bytes
		return
	}
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Fatalf("%s (-got +want):\n%s", what, diff)
	}
}

// wantSame compares all that can be read.
func (s *machine) wantSame(t *rapid.T, tx storage.Tx) {
	after := rapid.Int64Range(-1, s.etag+1).Draw(t, "after")
	since := func(d docstore.Document) bool { return d.Etag > after }
	wantSeq(t, "newest", s.store.Newest(tx), s.sorted(everything, newest))
	wantSeq(t, "since", s.store.Since(tx, after, 0), s.sorted(since, byEtag))
	wantSeq(t, "since, 2 at most", s.store.Since(tx, after, 2), head(s.sorted(since, byEtag), 2))
	wantSeq(t, "all by id", s.store.ByPrefix(tx, docstore.PrefixQuery{}), s.sorted(everything, byID))
	users := func(d docstore.Document) bool { return strings.HasPrefix(strings.ToLower(d.ID), "users/") }
	wantSeq(t, "users by id", s.store.ByPrefix(tx, docstore.PrefixQuery{Prefix: "Users/"}), s.sorted(users, byID))
	for _, c := range []string{"USERS", "orders", "@empty", "none"} {
		wantSeq(t, "newest of "+c, s.store.InCollectionNewest(tx, c), s.sorted(has(c), newest))
		in := func(d docstore.Document) bool { return since(d) && has(c)(d) }
		wantSeq(t, "collection "+c, s.store.InCollection(tx, c, after), s.sorted(in, byEtag))
		wantSeq(t, "tombstones of "+c, s.store.TombstonesInCollection(tx, c, after), s.sortedTombstones(c, after))
	}
	wantSeq(t, "tombstones", s.store.Tombstones(tx, after), s.sortedTombstones("", after))
	for key, want := range s.documents {
		if got, ok, err := s.store.Get(tx, strings.ToUpper(key)); !ok || err != nil || got.Etag != want.Etag || got.ID != want.ID {
			t.Fatalf("get %q: got %+v, %v, %v", key, got, ok, err)
		}
	}
	s.wantCounts(t, tx)
	for err := range s.store.Check(tx) {
		t.Fatalf("check: %v", err)
	}
}

// sortedTombstones returns the model's tombstones of a collection ("": of all) after an etag, oldest first.
func (m *model) sortedTombstones(collection string, after int64) []docstore.Tombstone {
	var list []docstore.Tombstone
	for _, ts := range m.tombstones {
		if ts.Etag > after && (collection == "" || strings.EqualFold(ts.Collection, collection)) {
			list = append(list, ts)
		}
	}
	slices.SortFunc(list, func(a, b docstore.Tombstone) int { return cmp.Compare(a.Etag, b.Etag) })
	return list
}

func (s *machine) wantCounts(t *rapid.T, tx storage.Tx) {
	stats, err := s.store.Stats(tx)
	if err != nil {
		t.Fatal(err)
	}
	want := docstore.Stats{Documents: int64(len(s.documents)), Tombstones: int64(len(s.tombstones)), LastEtag: s.etag}
	if s.etag > 0 {
		want.ChangeVector = s.nextVector()
	}
	for _, d := range s.documents {
		want.LastDocumentEtag = max(want.LastDocumentEtag, d.Etag)
	}
	if stats != want {
		t.Fatalf("stats: got %+v, want %+v", stats, want)
	}
	collections, err := s.store.Collections(tx)
	if err != nil || len(collections) != len(s.names) {
		t.Fatalf("got collections %+v, %v, want %v", collections, err, s.names)
	}
	for _, c := range collections {
		documents, tombstones := len(s.sorted(has(c.Name), byID)), len(s.sortedTombstones(c.Name, 0))
		if c.Documents != int64(documents) || c.Tombstones != int64(tombstones) || s.names[strings.ToLower(c.Name)] != c.Name {
			t.Fatalf("collection %+v: want %d and %d, called %q", c, documents, tombstones, s.names[strings.ToLower(c.Name)])
		}
	}
}

func (s *machine) change(t *rapid.T, tx *storage.WriteTx) {
	switch rapid.SampledFrom([]string{"put", "put", "put", "delete", "delete", "prefix", "extend", "extend", "etag"}).Draw(t, "change") {
	case "put":
		s.put(t, tx)
	case "delete":
		s.delete(t, tx)
	case "extend":
		s.extend(t, tx)
	case "etag":
		s.takeEtag(t, tx)
	default:
		s.deletePrefix(t, tx)
	}
}

func TestStore_MatchesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &machine{fixture: newFixture(t), model: model{
			documents: map[string]docstore.Document{}, tombstones: map[string]docstore.Tombstone{}, names: map[string]string{},
		}}
		defer s.close(t)
		changes := func(t *rapid.T, tx *storage.WriteTx) {
			for range rapid.IntRange(2, 5).Draw(t, "changes") {
				s.change(t, tx)
				s.now = s.now.Add(time.Second)
			}
			s.wantSame(t, tx)
		}
		t.Repeat(map[string]func(*rapid.T){
			"one":     func(t *rapid.T) { s.update(t, func(tx *storage.WriteTx) error { s.change(t, tx); return nil }) },
			"several": func(t *rapid.T) { s.update(t, func(tx *storage.WriteTx) error { changes(t, tx); return nil }) },
			"dropped": func(t *rapid.T) {
				before := s.clone()
				s.drop(t, func(tx *storage.WriteTx) { changes(t, tx) })
				s.model = before
			},
			"reopen": func(t *rapid.T) { s.reopen(t); s.newStore(2) },
			"":       func(t *rapid.T) { s.view(t, func(tx storage.Tx) { s.wantSame(t, tx) }) },
		})
	})
}
