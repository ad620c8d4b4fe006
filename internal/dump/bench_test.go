package dump_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/rookerydb/rookery/internal/dump"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// order is a document of about 1 KB.
func order(dst []byte, i int) []byte {
	dst = fmt.Appendf(dst, `{"Customer":"customers/%d-A","Freight":%d.25,"OrderedAt":"2031-0%d-1%dT00:00:00.0000000","Lines":[`, i%97, i%113, i%9+1, i%9)
	for j := range 8 {
		if j > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `{"Product":"products/%d-A","ProductName":"Thing number %d","Quantity":%d,"Discount":0.0,"PricePerUnit":%d.5}`, (i+j)%77, i*j%1001, j+1, i%50)
	}
	return fmt.Appendf(dst, `],"ShipTo":{"City":"Town %d","Country":"Nowhere"},"@metadata":{"@id":"orders/%d-A","@collection":"Orders"}}`, i%31, i)
}

const orders = 20_000

func writeOrders(b *testing.B, to io.Writer, c dump.Compression) int64 {
	b.Helper()
	w := dump.NewWriter(to, dump.WriteOptions{Compression: c})
	for i := range orders {
		if err := w.Add(dump.Documents, func(dst []byte) []byte { return order(dst, i) }); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return w.TextBytes()
}

func readAll(b *testing.B, file []byte, opts dump.ReadOptions) int64 {
	b.Helper()
	r, err := dump.Open(bytes.NewReader(file), opts)
	if err != nil {
		b.Fatal(err)
	}
	for {
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			b.Fatal(err)
		}
	}
	r.Close()
	return r.Progress().TextBytes
}

// Bytes are those of the uncompressed text.
func BenchmarkRead(b *testing.B) {
	for _, c := range []dump.Compression{dump.Plain, dump.Gzip, dump.Zstd} {
		var file bytes.Buffer
		writeOrders(b, &file, c)
		for name, kinds := range map[string]dump.Kinds{"all": 0, "skipped": dump.KindsOf(dump.Indexes)} {
			b.Run("compression="+c.String()+"/items="+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.SetBytes(readAll(b, file.Bytes(), dump.ReadOptions{Kinds: kinds}))
				}
			})
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	texts := make([][]byte, 1000)
	for i := range texts {
		texts[i] = order(nil, i)
	}
	for _, c := range []dump.Compression{dump.Plain, dump.Gzip, dump.Zstd} {
		b.Run("compression="+c.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := dump.NewWriter(io.Discard, dump.WriteOptions{Compression: c})
				for i := range orders {
					_ = w.AddText(dump.Documents, texts[i%len(texts)])
				}
				_ = w.Close()
				b.SetBytes(w.TextBytes())
			}
		})
	}
}

func BenchmarkCSV(b *testing.B) {
	var columns dump.Columns
	docs := make([]jsondoc.Doc, 1000)
	for i := range docs {
		docs[i], _ = jsondoc.Parse(order(nil, i))
		_ = columns.Note(docs[i])
	}
	write := func(to io.Writer) {
		w, err := dump.NewCSVWriter(to, dump.CSVOptions{Columns: &columns})
		if err != nil {
			b.Fatal(err)
		}
		for i := range orders {
			_ = w.Add(docs[i%len(docs)])
		}
		_ = w.Close()
	}
	var file bytes.Buffer
	write(&file)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			write(io.Discard)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			readAll(b, file.Bytes(), dump.ReadOptions{})
		}
	})
}
