package flattrie_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/rookerydb/rookery/internal/flattrie"
)

// keySet is keys of one kind, as they come up in a database.
type keySet struct {
	name string
	make func(i int) string
}

// keySets are what a dictionary may have to hold: a few names, many terms, ids that share starts, and keys that share nothing.
var keySets = []struct {
	keySet
	count int
}{
	{keySet{"collections", func(i int) string { return fmt.Sprintf("%s%d", syllables(uint64(i)), i%3) }}, 30},
	{keySet{"terms", func(i int) string { return syllables(uint64(i)) }}, 100_000},
	{keySet{"ids", func(i int) string { return fmt.Sprintf("orders/%d-A", i) }}, 100_000},
	{keySet{"random", func(i int) string { return fmt.Sprintf("%016x", uint64(i)*0x9E3779B97F4A7C15) }}, 100_000},
}

// syllables makes words of two to five syllables, the same for the same number.
func syllables(n uint64) string {
	random := rand.New(rand.NewPCG(n, 1))
	word := ""
	for range 2 + random.IntN(4) {
		word += string("bcdfghklmnprstvwz"[random.IntN(17)]) + string("aeiouy"[random.IntN(6)])
	}
	return word
}

func (s keySet) keys(count int) [][]byte {
	seen := map[string]bool{}
	var keys [][]byte
	for i := 0; len(keys) < count; i++ {
		if key := s.make(i); !seen[key] {
			seen[key] = true
			keys = append(keys, []byte(key))
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(count, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

// dictionary is one way of mapping keys to numbers.
type dictionary struct {
	name string
	make func(keys [][]byte) (get func(key []byte) (uint64, bool), keep any)
}

// sorted is a slice searched in halves.
type sorted []struct {
	key   string
	value uint64
}

func (s sorted) get(key []byte) (uint64, bool) {
	low, high := 0, len(s)
	for low < high {
		if mid := (low + high) / 2; s[mid].key < string(key) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == len(s) || s[low].key != string(key) {
		return 0, false
	}
	return s[low].value, true
}

var dictionaries = []dictionary{
	{"trie", func(keys [][]byte) (func([]byte) (uint64, bool), any) {
		trie := flattrie.New(flattrie.Options{})
		for i, key := range keys {
			if err := trie.Put(key, uint64(i)); err != nil {
				panic(err)
			}
		}
		trie.Defragment()
		view := trie.View()
		return view.Get, trie
	}},
	{"map", func(keys [][]byte) (func([]byte) (uint64, bool), any) {
		m := map[string]uint64{}
		for i, key := range keys {
			m[string(key)] = uint64(i)
		}
		return func(key []byte) (uint64, bool) { v, ok := m[string(key)]; return v, ok }, m
	}},
	{"slice", func(keys [][]byte) (func([]byte) (uint64, bool), any) {
		s := make(sorted, len(keys))
		for i, key := range keys {
			s[i].key, s[i].value = string(key), uint64(i)
		}
		slices.SortFunc(s, func(a, b struct {
			key   string
			value uint64
		},
		) int {
			if a.key < b.key {
				return -1
			}
			return 1
		})
		return s.get, s
	}},
}

// BenchmarkGet looks a random key up; half of the keys are not there in the runs called absent.
func BenchmarkGet(b *testing.B) {
	for _, set := range keySets {
		keys := set.keys(set.count)
		for _, d := range dictionaries {
			get, _ := d.make(keys)
			b.Run(fmt.Sprintf("keys=%s/in=%s", set.name, d.name), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, ok := get(keys[i%len(keys)]); !ok {
						b.Fatal("not found")
					}
				}
			})
		}
	}
}

// BenchmarkPut fills a dictionary; an operation is one key.
func BenchmarkPut(b *testing.B) {
	for _, set := range keySets {
		keys := set.keys(set.count)
		b.Run(fmt.Sprintf("keys=%s/in=trie", set.name), func(b *testing.B) {
			b.ReportAllocs()
			trie := flattrie.New(flattrie.Options{})
			for i := 0; b.Loop(); i++ {
				if i%len(keys) == 0 {
					trie = flattrie.New(flattrie.Options{})
				}
				if err := trie.Put(keys[i%len(keys)], uint64(i)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("keys=%s/in=map", set.name), func(b *testing.B) {
			b.ReportAllocs()
			m := map[string]uint64{}
			for i := 0; b.Loop(); i++ {
				if i%len(keys) == 0 {
					m = map[string]uint64{}
				}
				m[string(keys[i%len(keys)])] = uint64(i)
			}
		})
	}
}

// BenchmarkMemory reports the bytes that a key takes, from what the heap holds more than before.
func BenchmarkMemory(b *testing.B) {
	for _, set := range keySets {
		keys := set.keys(set.count)
		raw := 0
		for _, key := range keys {
			raw += len(key)
		}
		for _, d := range dictionaries {
			b.Run(fmt.Sprintf("keys=%s/in=%s", set.name, d.name), func(b *testing.B) {
				for b.Loop() {
					before := heapBytes()
					_, keep := d.make(keys)
					b.ReportMetric(float64(heapBytes()-before)/float64(len(keys)), "B/key")
					runtime.KeepAlive(keep)
				}
				b.ReportMetric(float64(raw)/float64(len(keys)), "B/key-itself")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func heapBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
