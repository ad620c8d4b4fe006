package section_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// slicePages is the cheapest store of pages there is, so that benchmarks show the cost of sections alone.
type slicePages struct{ pages [][]byte }

func (s *slicePages) Page(no page.No) ([]byte, error) { return s.pages[no], nil }
func (s *slicePages) Copy(no page.No) ([]byte, error) { return s.pages[no], nil }
func (s *slicePages) Free(page.No) error              { return nil }
func (s *slicePages) FreeRun(page.No, int) error      { return nil }

func (s *slicePages) AllocRun(pages int) (page.No, error) {
	no := page.No(len(s.pages))
	s.pages = append(s.pages, make([][]byte, pages)...)
	return no, nil
}

func (s *slicePages) Create(no page.No) ([]byte, error) {
	s.pages[no] = make([]byte, page.SizeBytes)
	return s.pages[no], nil
}

func (s *slicePages) Alloc(pages int) (page.No, []byte, error) {
	no, _ := s.AllocRun(pages)
	s.pages[no] = make([]byte, pages*page.SizeBytes)
	return no, s.pages[no], nil
}

func BenchmarkInsert(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		b.Run(fmt.Sprintf("row=%dB", n), func(b *testing.B) {
			data := row(1, n)
			b.ReportAllocs()
			b.SetBytes(int64(n))
			s := section.New(&slicePages{pages: make([][]byte, 3)}, section.State{})
			for b.Loop() {
				if s.State().Rows == 100_000 { // keep memory bounded
					s = section.New(&slicePages{pages: make([][]byte, 3)}, section.State{})
				}
				insert(b, s, data)
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := section.New(&slicePages{pages: make([][]byte, 3)}, section.State{})
	var ids []section.RowID
	for range 1000 {
		ids = append(ids, insert(b, s, row(1, 400)))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.Get(ids[i%1000]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkDeleteInsert replaces rows at random places by new ones: the steady state of a set that does not grow.
func BenchmarkDeleteInsert(b *testing.B) {
	s := section.New(&slicePages{pages: make([][]byte, 3)}, section.State{})
	const rows = 20_000
	ids := make([]section.RowID, rows)
	for i := range ids {
		ids[i] = insert(b, s, row(i, 100+i*37%900))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		at := i * 7919 % rows
		must(b, s.Delete(ids[at]))
		ids[at] = insert(b, s, make([]byte, 100+i*53%900))
		i++
	}
	b.ReportMetric(float64(s.State().Bytes)/float64(s.State().Pages*page.SizeBytes)*100, "%full")
}
