package docstore_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// trail is a store beside all revisions that it should have.
type trail struct {
	*fixture
	etag      int64
	documents map[string]kept // by id
	revisions []kept          // oldest first
	policy    *docstore.RevisionPolicy
}

// kept is a document, or a revision of one.
type kept struct {
	id, vector, text string
	etag             int64
	at               time.Time
	flags            docstore.Flags
	list             string // of counters
}

func (s *trail) of(id string) (list []kept) {
	for _, r := range s.revisions {
		if r.id == id {
			list = append(list, r)
		}
	}
	return list
}

// changed is the document after a write of it, and its revision where there is to be one.
func (s *trail) changed(d kept) {
	s.etag++
	d.etag, d.vector, d.at = s.etag, vector(strconv.FormatInt(s.etag, 10)), s.now.Truncate(100*time.Nanosecond)
	if s.policy != nil {
		d.flags |= docstore.HasRevisions
	}
	s.documents[d.id] = d
	if s.policy != nil {
		s.keep(d, 0)
		s.purge(d.id)
	}
}

func (s *trail) keep(d kept, flags docstore.Flags) {
	s.etag++
	d.etag = s.etag
	d.flags |= docstore.HasRevisions | docstore.Revision | flags
	s.revisions = append(s.revisions, d)
}

func (s *trail) saved(d kept) bool {
	list := s.of(d.id)
	return len(list) > 0 && list[len(list)-1].vector == d.vector
}

// purge removes what the policy does not keep, in the plainest way.
func (s *trail) purge(id string) {
	p := s.policy
	if p.Keep == nil && p.KeepAge == 0 {
		return
	}
	list, removed := s.of(id), int64(0)
	for i, r := range list {
		beyond := i < len(list)-1
		if p.Keep != nil {
			beyond = int64(i) < int64(len(list))-*p.Keep
		}
		old := p.KeepAge == 0 || r.at.Before(s.now.Add(-p.KeepAge).Truncate(100*time.Nanosecond))
		if !beyond || !old || p.DeletesMax > 0 && removed == p.DeletesMax {
			break
		}
		removed++
		s.forget(func(other kept) bool { return other.etag == r.etag })
	}
}

func (s *trail) forget(gone func(kept) bool) { s.revisions = slices.DeleteFunc(s.revisions, gone) }

func (s *trail) put(t *rapid.T, tx *storage.WriteTx, id string) {
	text := `{"n":` + strconv.Itoa(rapid.IntRange(0, 99).Draw(t, "n")) + `,"pad":"` + strings.Repeat("p", rapid.SampledFrom([]int{0, 9000}).Draw(t, "pad")) +
		`","@metadata":{"@collection":"Users"}}`
	before := rapid.Bool().Draw(t, "before")
	if _, err := s.store.Put(tx, docstore.Put{ID: id, Data: mustParse(t, text), SaveBefore: before}); err != nil {
		t.Fatal(err)
	}
	d := s.documents[id]
	if d.id != "" && before && !s.saved(d) {
		s.keep(d, 0)
		d.flags |= docstore.HasRevisions
	}
	s.changed(kept{id: id, text: text, flags: d.flags, list: d.list})
}

func (s *trail) delete(t *rapid.T, tx *storage.WriteTx, id string) {
	d, exists := s.documents[id]
	if _, existed, err := s.store.Delete(tx, id, docstore.Any()); err != nil || existed != exists {
		t.Fatalf("delete %q: existed %v, %v", id, existed, err)
	}
	if !exists {
		return
	}
	s.etag++
	delete(s.documents, id)
	switch {
	case s.policy != nil && s.policy.PurgeOnDelete:
		s.forget(func(r kept) bool { return r.id == id })
	case s.policy != nil || d.flags&docstore.HasRevisions != 0:
		s.keep(kept{
			id: id, text: `{"@metadata":{"@collection":"Users"}}`, vector: vector(strconv.FormatInt(s.etag, 10)), at: s.now.Truncate(100 * time.Nanosecond),
		}, docstore.DeleteRevision)
		if s.policy != nil {
			s.purge(id)
		}
	}
}

func (s *trail) extend(t *rapid.T, tx *storage.WriteTx, id string) {
	d, exists := s.documents[id]
	if !exists {
		return
	}
	d.list = rapid.SampledFrom([]string{"", `["a"]`, `["a","b"]`}).Draw(t, "list")
	if _, err := s.store.Extend(tx, id, func(e *docstore.Extensions) {
		if e.Counters = nil; d.list != "" {
			e.Counters = []byte(d.list)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if d.flags &^= docstore.HasCounters; d.list != "" {
		d.flags |= docstore.HasCounters
	}
	s.changed(d)
}

func (s *trail) save(t *rapid.T, tx *storage.WriteTx, id string) {
	d, exists := s.documents[id]
	got, saved, err := s.store.SaveRevision(tx, id)
	switch {
	case !exists:
		if err == nil {
			t.Fatalf("saved a revision of %q, which is not there", id)
		}
		return
	case d.flags&docstore.HasRevisions == 0:
		policy := s.policy
		s.policy = &docstore.RevisionPolicy{}
		s.changed(d)
		s.policy = policy
	case s.saved(d):
		if saved || err != nil {
			t.Fatalf("saved %q twice: %v", id, err)
		}
		return
	default:
		s.keep(d, 0)
	}
	if want := s.documents[id]; !saved || err != nil || got.ChangeVector != want.vector || got.Flags != want.flags {
		t.Fatalf("save a revision of %q: got %+v, %v, %v, want %+v", id, got, saved, err, want)
	}
}

func (s *trail) setPolicy(t *rapid.T) {
	number := func(name string) int64 { return rapid.Int64Range(0, 4).Draw(t, name) }
	s.policy = nil
	if rapid.IntRange(0, 3).Draw(t, "policy") > 0 {
		s.policy = &docstore.RevisionPolicy{
			PurgeOnDelete: number("purge") == 0, KeepAge: time.Duration(number("age")) * time.Second * 3, DeletesMax: number("deletes"),
		}
		if n := number("keep"); n > 0 {
			s.policy.Keep = &n
		}
	}
	policies := &docstore.RevisionPolicies{Collections: map[string]docstore.RevisionPolicy{"users": {Disabled: true}}}
	if s.policy != nil {
		policies.Collections["users"] = *s.policy
	}
	s.store.SetRevisionPolicies(policies)
}

// wantSame compares all that can be read of revisions.
func (s *trail) wantSame(t *rapid.T, tx storage.Tx) {
	for _, id := range []string{"users/1", "users/10", "users/2"} {
		want := s.of(id)
		slices.Reverse(want)
		wantRevisions(t, "revisions of "+id, s.store.Revisions(tx, strings.ToUpper(id)), want)
		if n, err := s.store.RevisionCount(tx, id); n != int64(len(want)) || err != nil {
			t.Fatalf("%d revisions of %s are counted, %v, want %d", n, id, err, len(want))
		}
		at := s.now.Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "ago")) * time.Second)
		i := slices.IndexFunc(want, func(r kept) bool { return !r.at.After(at) })
		d, ok, err := s.store.RevisionBefore(tx, id, at)
		if err != nil || ok != (i >= 0) || ok && d.Etag != want[i].etag {
			t.Fatalf("%s before %v: got %+v, %v, %v", id, at, d, ok, err)
		}
	}
	for _, r := range s.revisions {
		if d, ok, err := s.store.RevisionAt(tx, r.vector); !ok || err != nil || d.ID != r.id {
			t.Fatalf("revision at %s: got %+v, %v, %v", r.vector, d, ok, err)
		}
	}
	since := rapid.Int64Range(0, s.etag).Draw(t, "since")
	wantRevisions(t, "revisions since", s.store.RevisionsSince(tx, since), slices.DeleteFunc(slices.Clone(s.revisions), func(r kept) bool { return r.etag <= since }))
	var bin []kept
	for _, r := range slices.Backward(s.revisions) {
		_, again := s.documents[r.id]
		if list := s.of(r.id); r.flags&docstore.DeleteRevision != 0 && !again && list[len(list)-1].etag == r.etag {
			bin = append(bin, r)
		}
	}
	wantRevisions(t, "bin", s.store.Deleted(tx, s.etag), bin)
	if n, _, err := s.store.RevisionStats(tx, "USERS"); n != int64(len(s.revisions)) || err != nil {
		t.Fatalf("the collection counts %d revisions, %v, want %d", n, err, len(s.revisions))
	}
	for _, d := range s.documents {
		if got, ok, err := s.store.Get(tx, d.id); !ok || err != nil || got.Etag != d.etag || got.Flags != d.flags {
			t.Fatalf("document %s: got %+v, %v, %v, want %+v", d.id, got, ok, err, d)
		}
	}
	for err := range s.store.Check(tx) {
		t.Fatalf("check: %v", err)
	}
}

func wantRevisions(t *rapid.T, what string, got func(yield func(docstore.Document, error) bool), want []kept) {
	t.Helper()
	i := 0
	for d, err := range got {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		have := kept{d.ID, d.ChangeVector, string(d.Data.Text()), d.Etag, d.LastModified, d.Flags, string(d.Extensions.Counters)}
		if i >= len(want) || have != want[i] {
			t.Fatalf("%s, number %d: got %+v, want %+v", what, i, have, want[min(i, len(want)):])
		}
		i++
	}
	if i != len(want) {
		t.Fatalf("%s: got %d, want %d", what, i, len(want))
	}
}

func TestRevisions_MatchModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &trail{fixture: newFixture(t), documents: map[string]kept{}}
		defer s.close(t)
		s.setPolicy(t)
		act := func(do func(*rapid.T, *storage.WriteTx, string)) func(*rapid.T) {
			return func(t *rapid.T) {
				s.update(t, func(tx *storage.WriteTx) error {
					for range rapid.IntRange(1, 3).Draw(t, "times") {
						s.now = s.now.Add(time.Second)
						do(t, tx, rapid.SampledFrom([]string{"users/1", "users/10", "users/2"}).Draw(t, "id"))
					}
					return nil
				})
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": act(s.put), "put again": act(s.put), "delete": act(s.delete), "extend": act(s.extend), "save": act(s.save),
			"policy": s.setPolicy,
			"":       func(t *rapid.T) { s.view(t, func(tx storage.Tx) { s.wantSame(t, tx) }) },
		})
	})
}
