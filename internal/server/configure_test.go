package server_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// The configuration of revisions is in force when the answer comes, after a restart, and after the database was closed and opened.
func TestServer_DatabasesFollowTheirConfiguration(t *testing.T) {
	disk := memfs.New()
	s, err := server.Open(options(disk))
	if err != nil {
		t.Fatal(err)
	}
	create(t, s, "db")
	want := func(db *database.DB, count int64) {
		t.Helper()
		data, err := jsondoc.Parse([]byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Do(t.Context(), &database.Put{In: docstore.Put{ID: "a", Data: data}}); err != nil {
			t.Fatal(err)
		}
		if err := db.View(func(tx *storage.ReadTx) error {
			if n, err := db.Store().RevisionCount(tx, "a"); n != count || err != nil {
				t.Errorf("%d revisions, %v, want %d", n, err, count)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(s *server.Server, value string) {
		t.Helper()
		_, err := s.PutRecordFields(t.Context(), "", cluster.PutRecordFields{Name: "db", Fields: fmt.Appendf(nil, `{"Revisions":%s}`, value)})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(mustFind(t, s, "db"), 0)
	put(s, `{"Default":{}}`)
	want(mustFind(t, s, "db"), 1)
	put(s, `{"Default":{"Disabled":true}}`)
	want(mustFind(t, s, "db"), 1)
	put(s, `{"Default":{}}`)
	for _, disabled := range []bool{true, false} {
		if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"db"}, Disabled: disabled}); err != nil {
			t.Fatal(err)
		}
	}
	want(mustFind(t, s, "db"), 2)
	mustClose(t, s)
	s = open(t, options(disk))
	want(mustFind(t, s, "db"), 3)
	put(s, `null`)
	want(mustFind(t, s, "db"), 3)
}
