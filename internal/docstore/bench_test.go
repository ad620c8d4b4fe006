package docstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// document1KiB is a document of about 1 KiB; meta is put into its metadata.
func document1KiB(b *testing.B, meta string) jsondoc.Doc {
	b.Helper()
	var text strings.Builder
	text.WriteString(`{"name":"Ann Example","email":"ann@example.org","active":true,"lines":[`)
	for i := range 14 {
		fmt.Fprintf(&text, `{"product":"products/%d-A","quantity":%d,"price":%d.25,"discount":0},`, i, i%7, 10*i)
	}
	text.WriteString(`{}],"@metadata":{"@collection":"Users"` + meta + `}}`)
	return mustParse(b, text.String())
}

// putMany stores n documents called users/<number>, 1,000 in a transaction.
func putMany(b *testing.B, f *fixture, data jsondoc.Doc, n int) {
	b.Helper()
	for i := 0; i < n; i += 1000 {
		f.update(b, func(tx *storage.WriteTx) error {
			for k := i; k < min(n, i+1000); k++ {
				if _, err := f.store.Put(tx, docstore.Put{ID: fmt.Sprintf("users/%d-A", k), Data: data}); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

const (
	benchDocuments = 20000
	benchBatch     = 64
)

// benchPut measures puts, 64 in a transaction. The commits are not in the time: they are storage's to measure.
func benchPut(b *testing.B, f *fixture, put func(i int) docstore.Put) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(1024)
	b.ResetTimer()
	for i := 0; i < b.N; {
		b.StopTimer()
		tx, err := f.Write()
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for range benchBatch {
			if _, err := f.store.Put(tx, put(i)); err != nil {
				b.Fatal(err)
			}
			i++
		}
		b.StopTimer()
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
		if i%(64*benchBatch) == 0 {
			if err := f.Flush(); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
}

func BenchmarkPut(b *testing.B) {
	const sentBack = `,"@id":"users/1","@change-vector":"A:1-2ZYfAzcv8Ee+U/12oFmTJQ","@last-modified":"2030-01-02T03:04:05.1234567Z"`
	ids := make([]string, benchDocuments)
	for i := range ids {
		ids[i] = fmt.Sprintf("users/%d-A", i*7919%benchDocuments)
	}
	b.Run("doc=1KiB/new/ids=ascending", func(b *testing.B) {
		f := newFixture(b)
		defer f.close(b)
		data := document1KiB(b, "")
		benchPut(b, f, func(int) docstore.Put { return docstore.Put{ID: "users/", Data: data} })
	})
	b.Run("doc=1KiB/replace", func(b *testing.B) {
		f := newFixture(b)
		defer f.close(b)
		data := document1KiB(b, "")
		putMany(b, f, data, benchDocuments)
		benchPut(b, f, func(i int) docstore.Put { return docstore.Put{ID: ids[i%len(ids)], Data: data} })
	})
	b.Run("doc=1KiB/replace/metadata=sent back", func(b *testing.B) {
		f := newFixture(b)
		defer f.close(b)
		data := document1KiB(b, sentBack)
		putMany(b, f, data, benchDocuments)
		benchPut(b, f, func(i int) docstore.Put { return docstore.Put{ID: ids[i%len(ids)], Data: data} })
	})
}

func BenchmarkGet(b *testing.B) {
	f := newFixture(b)
	defer f.close(b)
	putMany(b, f, document1KiB(b, ""), benchDocuments)
	ids := make([]string, benchDocuments)
	for i := range ids {
		ids[i] = fmt.Sprintf("users/%d-A", i*7919%benchDocuments)
	}
	f.view(b, func(tx storage.Tx) {
		b.Run("doc=1KiB", func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok, err := f.store.Get(tx, ids[i%len(ids)]); !ok || err != nil {
					b.Fatal(ok, err)
				}
				i++
			}
		})
		b.Run("missing", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok, err := f.store.Get(tx, "users/none"); ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	f := newFixture(b)
	defer f.close(b)
	putMany(b, f, document1KiB(b, ""), 1)
	f.view(b, func(tx storage.Tx) {
		d, _, err := f.store.Get(tx, "users/0-A")
		if err != nil {
			b.Fatal(err)
		}
		dst := d.AppendJSON(nil)
		b.Run("doc=1KiB", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				dst = d.AppendJSON(dst[:0])
			}
		})
		b.Run("metadata only", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst = d.AppendMetadataOnly(dst[:0])
			}
		})
	})
}

func BenchmarkList(b *testing.B) {
	f := newFixture(b)
	defer f.close(b)
	putMany(b, f, document1KiB(b, ""), benchDocuments)
	f.view(b, func(tx storage.Tx) {
		b.Run("newest/documents=100", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range f.store.Newest(tx) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == 100 {
						break
					}
				}
			}
		})
		b.Run("prefix/documents=100", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range f.store.ByPrefix(tx, docstore.PrefixQuery{Prefix: "users/1", Limit: 100}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	})
}
