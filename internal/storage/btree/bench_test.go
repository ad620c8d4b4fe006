package btree_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// slicePages is the fastest Pages there can be, so that benchmarks measure the tree: all pages in one slice, nothing copied.
type slicePages struct{ pages [][]byte }

func (s *slicePages) Page(no page.No) ([]byte, error) { return s.pages[no], nil }
func (s *slicePages) Copy(no page.No) ([]byte, error) { return s.pages[no], nil }
func (s *slicePages) Free(page.No) error              { return nil }

func (s *slicePages) Alloc(pages int) (page.No, []byte, error) {
	run := make([]byte, pages*page.SizeBytes)
	for i := range pages {
		s.pages = append(s.pages, run[i*page.SizeBytes:])
	}
	no := page.No(len(s.pages) - pages)
	s.pages[no] = run
	return no, run, nil
}

const benchKeys = 1_000_000

func randomKeys(count int) [][16]byte {
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([][16]byte, count)
	for i := range keys {
		binary.BigEndian.PutUint64(keys[i][:], random.Uint64())
		binary.BigEndian.PutUint64(keys[i][8:], random.Uint64())
	}
	return keys
}

func benchTree(b *testing.B) (*btree.Tree, [][16]byte) {
	b.Helper()
	tree := btree.New(&slicePages{pages: make([][]byte, 3)}, btree.State{})
	keys := randomKeys(benchKeys)
	for i := range keys {
		if err := tree.Put(keys[i][:], keys[i][:8]); err != nil {
			b.Fatal(err)
		}
	}
	return tree, keys
}

func BenchmarkGet_RandomKeysOfAMillion(b *testing.B) {
	tree, keys := benchTree(b)
	view := tree.View()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, ok, err := view.Get(keys[i*7919%benchKeys][:]); !ok || err != nil {
			b.Fatal(ok, err)
		}
		i++
	}
}

// The keys begin alike for longer than the bytes that are compared first, as ids of one collection do.
func BenchmarkGet_IDsOfAMillion(b *testing.B) {
	tree := btree.New(&slicePages{pages: make([][]byte, 3)}, btree.State{})
	id := func(i int) []byte { return fmt.Appendf(nil, "customer-orders/%07d-a", i*7919%benchKeys) }
	for i := range benchKeys {
		if err := tree.Put(id(i), []byte("12345678")); err != nil {
			b.Fatal(err)
		}
	}
	ids := make([][]byte, 1<<16)
	for i := range ids {
		ids[i] = id(i * 13)
	}
	view := tree.View()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, ok, err := view.Get(ids[i%len(ids)]); !ok || err != nil {
			b.Fatal(ok, err)
		}
		i++
	}
}

func BenchmarkPut_RandomKeysIntoAMillion(b *testing.B) {
	tree, _ := benchTree(b)
	random := rand.New(rand.NewPCG(3, 4))
	var key [16]byte
	b.ReportAllocs()
	for b.Loop() {
		binary.BigEndian.PutUint64(key[:], random.Uint64())
		if err := tree.Put(key[:], key[:8]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut_AscendingKeys(b *testing.B) {
	tree := btree.New(&slicePages{pages: make([][]byte, 3)}, btree.State{})
	var key [16]byte
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		i++
		binary.BigEndian.PutUint64(key[:], i)
		if err := tree.Put(key[:], key[:8]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut_SameLengthOverAMillion(b *testing.B) {
	tree, keys := benchTree(b)
	value := make([]byte, 8)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		binary.BigEndian.PutUint64(value, uint64(i))
		if err := tree.Put(keys[i*7919%benchKeys][:], value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeleteAndPut_RandomKeysOfAMillion(b *testing.B) {
	tree, keys := benchTree(b)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		key := keys[i*7919%benchKeys][:]
		if ok, err := tree.Delete(key); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := tree.Put(key, key[:8]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan counts one entry per operation.
func BenchmarkScan_AMillion(b *testing.B) {
	tree, _ := benchTree(b)
	c := tree.View().Cursor()
	b.ReportAllocs()
	for b.Loop() {
		if !c.Next() && !c.First() {
			b.Fatal(c.Err())
		}
		_ = c.Value()
	}
}

func BenchmarkFixedPut_AscendingKeys(b *testing.B) {
	tree := btree.NewFixed(&slicePages{pages: make([][]byte, 3)}, btree.FixedState{ValueBytes: 8})
	value := make([]byte, 8)
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		i++
		if err := tree.Put(i, value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFixedGet_RandomKeysOfAMillion(b *testing.B) {
	tree := btree.NewFixed(&slicePages{pages: make([][]byte, 3)}, btree.FixedState{ValueBytes: 8})
	for i := range uint64(benchKeys) {
		if err := tree.Put(i, make([]byte, 8)); err != nil {
			b.Fatal(err)
		}
	}
	view := tree.View()
	b.ReportAllocs()
	i := uint64(0)
	for b.Loop() {
		i++
		if _, ok, err := view.Get(i * 7919 % benchKeys); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
