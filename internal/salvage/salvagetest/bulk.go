package salvagetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Bulk makes a database in dir whose data file has at least megabytes MB, full of orders of about 1 KB, and returns how many
// documents it has.
func Bulk(t testing.TB, fs vfs.FS, dir string, megabytes int) (documents int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	now := func() time.Time { return time.Unix(1_900_000_000, 0) }
	env, err := storage.Open(storage.Options{FS: fs, Dir: dir, Now: now, Rand: random, ManualFlush: true})
	must(t, err)
	store := docstore.New(docstore.Options{NodeTag: "A", DatabaseID: "2ZYfAzcv8Ee+U/12oFmTJQ", Now: now, Rand: random})
	for written := 0; written < megabytes<<20; {
		must(t, env.Update(func(tx *storage.WriteTx) error {
			for range 5000 {
				text := order(random, documents)
				doc, err := jsondoc.Parse(text)
				if err != nil {
					return err
				}
				if _, err := store.Put(tx, docstore.Put{ID: fmt.Sprintf("orders/%d-A", documents), Data: doc}); err != nil {
					return err
				}
				documents++
				written += len(doc) + 200 // with its row, index entries and what pages leave free
			}
			return nil
		}))
		must(t, env.Flush())
		must(t, env.Sync())
	}
	must(t, env.Close())
	return documents
}

// order is a document of about 1 KB.
func order(random *rand.Rand, n int) []byte {
	b := fmt.Appendf(nil, `{"Company":"companies/%d-A","Employee":"employees/%d-A","OrderedAt":"2031-02-03T04:05:06.0000000","Lines":[`,
		random.IntN(1000), random.IntN(100))
	for i := range 7 {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"Product":"products/%d-A","ProductName":"Product number %d","PricePerUnit":%d.%02d,"Quantity":%d,"Discount":0.05}`,
			random.IntN(80), random.IntN(80), random.IntN(300), random.IntN(100), random.IntN(50))
	}
	return fmt.Appendf(b, `],"ShipTo":{"City":"Hamburg","Street":"Fischmarkt %d","PostalCode":"%05d"},"Number":%d,"@metadata":{"@collection":"Orders"}}`,
		random.IntN(200), random.IntN(99999), n)
}
