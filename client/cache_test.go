package client_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// watcher is a transport that counts the answers that had nothing new.
type watcher struct {
	mu          sync.Mutex
	notModified int
}

func (w *watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusNotModified {
		w.mu.Lock()
		w.notModified++
		w.mu.Unlock()
	}
	return resp, err
}

// What did not change is not sent again; what did is never taken from the cache.
func TestCache_AsksAndIsNeverStale(t *testing.T) {
	for bytes, want := range map[int64]int{0: 5, -1: 0} {
		w := &watcher{}
		store := clienttest.Open(t, client.Config{URLs: []string{startNode(t)}, CacheBytes: bytes, HTTPClient: &http.Client{Transport: w}})
		put(t, store, map[string]any{"users/1": &user{Name: "Ada"}, "users/2": &user{Name: "Grace"}})
		check := func(name string) {
			t.Helper()
			if u := load[user](t, store.Session(), "users/1"); u.Name != name {
				t.Errorf("loaded %q, want %q", u.Name, name)
			}
			rows, err := client.All(client.Query[user](t.Context(), store.Session(), "from Users where id() = 'users/1'"))
			if err != nil || len(rows) != 1 || rows[0].Name != name {
				t.Errorf("queried %v, %v", rows, err)
			}
		}
		check("Ada")
		check("Ada") // 2 answers without a body
		if u := load[user](t, store.Session(), "users/1"); u.Name != "Ada" {
			t.Error(u) // 1
		}
		put(t, store, map[string]any{"users/1": &user{Name: "Ada Lovelace"}})
		check("Ada Lovelace")
		check("Ada Lovelace") // 2
		if w.notModified != want {
			t.Errorf("cache of %d: %d answers without a body, want %d", bytes, w.notModified, want)
		}
	}
}
