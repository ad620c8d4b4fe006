package docstore_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// Readers on their own snapshots see whole commits while the writer goes on. The race detector watches.
func TestStore_ReadsBesideTheWriter(t *testing.T) {
	const commits, perCommit = 40, 5
	f := newFixture(t)
	defer f.end()
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := f.View(func(tx *storage.ReadTx) error {
					n := 0
					for d, err := range f.store.Newest(tx) {
						if err != nil {
							return err
						}
						n++
						if got, ok, err := f.store.Get(tx, d.ID); err != nil || !ok || got.Etag != d.Etag {
							return fmt.Errorf("get %q: %+v, %v, %w", d.ID, got, ok, err)
						}
					}
					stats, err := f.store.Stats(tx)
					if err == nil && (n%perCommit != 0 || stats.Documents != int64(n)) {
						err = fmt.Errorf("saw %d documents, %+v", n, stats)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range commits {
		f.update(t, func(tx *storage.WriteTx) error {
			for k := range perCommit {
				text := fmt.Sprintf(`{"@metadata":{"@collection":"C%d"}}`, i)
				if _, err := f.store.Put(tx, docstore.Put{ID: fmt.Sprint(i, "/", k), Data: mustParse(t, text)}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	close(done)
	readers.Wait()
}
