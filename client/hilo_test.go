package client_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// Many goroutines and two stores never get the same id.
func TestHiLo_IdsAreUnique(t *testing.T) {
	url := startNode(t)
	stores := []*client.Store{clienttest.Open(t, client.Config{URLs: []string{url}}), clienttest.Open(t, client.Config{URLs: []string{url}})}
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s := stores[i%2].Session()
			for range 50 {
				u := &user{}
				if err := s.Store(t.Context(), u, ""); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[u.ID] || !strings.HasPrefix(u.ID, "users/") {
					t.Errorf("id %q again", u.ID)
				}
				seen[u.ID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 400 {
		t.Errorf("%d ids, want 400", len(seen))
	}
}

// What was not used is given back when the store closes, so that the next one goes on without a gap.
func TestHiLo_CloseReturnsTheRest(t *testing.T) {
	url := startNode(t)
	for i := 1; i <= 3; i++ {
		store := clienttest.Open(t, client.Config{URLs: []string{url}})
		u := &user{}
		must(t, store.Session().Store(t.Context(), u, ""))
		if want := fmt.Sprintf("users/%d-A", i); u.ID != want {
			t.Errorf("id %q, want %q", u.ID, want)
		}
		must(t, store.Close(t.Context()))
	}
}

func startNode(tb testing.TB) string {
	tb.Helper()
	url, stop, err := clienttest.Start()
	must(tb, err)
	tb.Cleanup(func() { must(tb, stop()) })
	return url
}
