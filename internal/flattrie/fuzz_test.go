package flattrie_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/rookerydb/rookery/internal/flattrie"
)

// FuzzTrie_MatchesMap reads its input as a list of changes: a byte that says which, a length, a key.
func FuzzTrie_MatchesMap(f *testing.F) {
	f.Add([]byte("\x00\x03abc\x00\x04abcd\x01\x03abc"))
	f.Add([]byte("\x00\x00\x00\x01a\x02\x00\x01\x00\x04\x04\x01\x01a"))
	f.Fuzz(func(t *testing.T, input []byte) {
		trie, model := flattrie.New(flattrie.Options{}), map[string]uint64{}
		for len(input) >= 2 {
			act, size := input[0], min(int(input[1]), len(input)-2)
			key := input[2:][:size]
			input = input[2+size:]
			switch act % 4 {
			case 0, 1:
				value := uint64(act) << (uint(act) % 57)
				put(t, trie, string(key), value)
				model[string(key)] = value
			case 2:
				_, there := model[string(key)]
				if got := trie.Delete(key); got != there {
					t.Fatalf("Delete(%q) = %v", key, got)
				}
				delete(model, string(key))
			case 3:
				trie.Defragment()
			}
		}
		wantSame(t, trie.View(), model)
	})
}

// FuzzOpen: what Open takes can be read and changed without a panic; the rest it refuses.
func FuzzOpen(f *testing.F) {
	f.Add(flattrie.New(flattrie.Options{}).View().Bytes())
	f.Add(trieOf(f, "romane", "romanus", "rom", "rubens", "", "x").View().Bytes())
	f.Add([]byte("RFT1"))
	f.Fuzz(func(t *testing.T, input []byte) {
		before := bytes.Clone(input)
		view, err := flattrie.Open(input)
		if err != nil {
			return
		}
		keys := 0
		for key, value := range view.All() {
			keys++
			if got, ok := view.Get(key); !ok || got != value {
				t.Fatalf("Get(%q) = %d, %v; want %d", key, got, ok, value)
			}
		}
		if keys != view.Len() {
			t.Fatalf("%d keys, Len() = %d", keys, view.Len())
		}
		view.Dump(io.Discard)
		trie, err := flattrie.Copy(view, flattrie.Options{})
		if err != nil {
			t.Fatal(err)
		}
		put(t, trie, "rob", 7)
		trie.Delete([]byte("rom"))
		trie.Delete([]byte("rob"))
		wantSound(t, trie.View())
		if !bytes.Equal(before, input) {
			t.Fatal("reading changed the buffer")
		}
	})
}
