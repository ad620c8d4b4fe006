package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// order is a document of about 1 KB in the usual shape.
func order(i int) string {
	var lines strings.Builder
	for l := range 5 {
		if l > 0 {
			lines.WriteByte(',')
		}
		fmt.Fprintf(&lines, `{"Product":"products/%d-A","ProductName":"Some product with a name %d","PricePerUnit":%d.50,"Quantity":%d,"Discount":0.05}`, l*7, l, l+3, l+1)
	}
	return fmt.Sprintf(`{"Company":"companies/%d-A","Employee":"employees/5-A","OrderedAt":"1997-03-04T00:00:00.0000000","Freight":45.03,`+
		`"ShipTo":{"Line1":"12 Harbour Road","City":"Bristol","PostalCode":"BS1 4ZZ","Country":"UK"},"Lines":[%s],"@metadata":{"@collection":"Orders"}}`, i%91, lines.String())
}

// sink is an http.ResponseWriter that keeps nothing, so that only the handler is measured.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

func BenchmarkGetDocument(b *testing.B) {
	n := startNode(b)
	for i := range 1000 {
		n.want(http.StatusCreated, "PUT", fmt.Sprintf("%s?id=orders/%d", docs, i), order(i))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &sink{header: http.Header{}}
		for i := 0; pb.Next(); i++ {
			r := httptest.NewRequestWithContext(b.Context(), "GET", fmt.Sprintf("%s?id=orders/%d", docs, i%1000), nil)
			clear(w.header)
			n.handler.ServeHTTP(w, r)
		}
	})
}

func BenchmarkPutDocument(b *testing.B) {
	n := startNode(b)
	text := order(1)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		w := &sink{header: http.Header{}}
		for i := 0; pb.Next(); i++ {
			r := httptest.NewRequestWithContext(b.Context(), "PUT", fmt.Sprintf("%s?id=orders/%d", docs, i), io.NopCloser(strings.NewReader(text)))
			r.ContentLength = int64(len(text))
			clear(w.header)
			n.handler.ServeHTTP(w, r)
		}
	})
}
