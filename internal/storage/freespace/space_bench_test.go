package freespace_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// flatPages is a Pages in memory without transactions, so that hardly anything but the free space is measured.
type flatPages struct {
	bitmaps map[page.No][]byte
	created int
	inside  func() // called by each verb that gives a page for writing, when set
}

func (m *flatPages) Page(no page.No) ([]byte, error) { return m.bitmaps[no], nil }

func (m *flatPages) Copy(no page.No) ([]byte, error) {
	if m.inside != nil {
		m.inside()
	}
	return m.bitmaps[no], nil
}

func (m *flatPages) Create(no page.No) ([]byte, error) {
	if m.inside != nil {
		m.inside()
	}
	m.bitmaps[no] = make([]byte, page.SizeBytes)
	m.created++
	return m.bitmaps[no], nil
}

// fragmented returns the space of a file of four spans in which every gap-th page is free, and nothing else.
func fragmented(b *testing.B, gap int) *freespace.Space {
	b.Helper()
	s, err := freespace.Create(&flatPages{bitmaps: map[page.No][]byte{}})
	if err != nil {
		b.Fatal(err)
	}
	var first []page.No
	for range 4 {
		first = append(first, alloc(b, s, freespace.RunPagesMax, 0))
	}
	for _, no := range first {
		for cell := gap; cell < freespace.RunPagesMax; cell += gap {
			free(b, s, no+page.No(cell), 1)
		}
	}
	return s
}

// BenchmarkAlloc_Fragmented takes a page near a random place of a fragmented file and gives it back.
func BenchmarkAlloc_Fragmented(b *testing.B) {
	for _, gap := range []int{2, 64, 4096} {
		b.Run(fmt.Sprintf("gap=%d", gap), func(b *testing.B) {
			s := fragmented(b, gap)
			random := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				no := alloc(b, s, 1, page.No(random.Uint64N(uint64(s.NextPage()))))
				free(b, s, no, 1)
			}
		})
	}
}

// BenchmarkAlloc_Miss wants two neighbouring pages where there are only single ones; a page that is given back each time
// makes the free space look again.
func BenchmarkAlloc_Miss(b *testing.B) {
	for _, gap := range []int{2, 64} {
		b.Run(fmt.Sprintf("gap=%d", gap), func(b *testing.B) {
			s := fragmented(b, gap)
			for b.Loop() {
				no := alloc(b, s, 1, 0)
				run := alloc(b, s, 2, 0)
				free(b, s, run, 2)
				free(b, s, no, 1)
			}
		})
	}
}

// BenchmarkAlloc_LastRun wants a run that only the end of a span of single pages holds.
func BenchmarkAlloc_LastRun(b *testing.B) {
	cells := make(freespace.Cells, freespace.SpanPages/8)
	for i := range cells {
		cells[i] = 0x55
	}
	cells[len(cells)-1] = 0
	for _, near := range []int{0, freespace.SpanPages - 1} {
		b.Run(fmt.Sprintf("near=%d", near), func(b *testing.B) {
			for b.Loop() {
				if _, ok := freespace.Fit(cells, freespace.SpanPages, 8, near); !ok {
					b.Fatal("no run")
				}
			}
		})
	}
}
