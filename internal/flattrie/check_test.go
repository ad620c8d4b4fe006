package flattrie_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/flattrie"
)

func TestOpen_TellsWhatIsWrong(t *testing.T) {
	// The root is made first, at 20; it has one child, a leaf, and was remade for it.
	sound := trieOf(t, "ab").View().Bytes()
	root := int(binary.LittleEndian.Uint32(sound[16:]))
	leaf := int(binary.LittleEndian.Uint32(sound[root+4+1:]))
	f := func(name, want string, damage func(buf []byte) []byte) {
		t.Helper()
		_, err := flattrie.Open(damage(bytes.Clone(sound)))
		var corruptErr *flattrie.CorruptError
		if !errors.As(err, &corruptErr) || fault.Of(err) != fault.Corrupt || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want *CorruptError with %q", name, err, want)
		}
	}
	set := func(off int, b ...byte) func([]byte) []byte {
		return func(buf []byte) []byte { copy(buf[off:], b); return buf }
	}
	if _, err := flattrie.Open(sound); err != nil {
		t.Fatal(err)
	}
	f("nothing", "no trie", func([]byte) []byte { return nil })
	f("magic", "no trie", set(0, 'X'))
	f("cut off", "outside the buffer", func(buf []byte) []byte { return buf[:len(buf)-1] })
	f("used too small", "outside the buffer", set(4, 4, 0, 0, 0))
	f("used not a multiple", "outside the buffer", set(4, 21, 0, 0, 0))
	f("link into the header", "link leads outside", set(16, 0, 0, 0, 0))
	f("link not a multiple", "link leads outside", set(16, byte(root+1), 0, 0, 0))
	f("link far away", "link leads outside", set(16, 0xFC, 0xFF, 0xFF, 0xFF))
	f("link behind the end", "link leads outside", set(16, byte(len(sound)-4), 0, 0, 0))
	f("shape of the value", "shape", set(root, 7))
	f("shape of the room", "shape", set(root, 17<<3))
	f("children without room", "more children", set(leaf+1, 1))
	f("more children than room", "more children", set(root+1, 1))
	f("long edge", "does not end", set(leaf+2, 0xFF, 0x0F))
	f("too long a key", "key is too long", set(leaf+2, 0xFF, 0x1F))
	f("root with an edge", "root has an edge", set(root+2, 1))
	f("leaf without a value", "neither", set(leaf, 0))
	f("circle", "", set(root+5, byte(root)))
	f("dead bytes", "dead bytes", set(8, 99))
	f("keys", "count of keys", set(12, 2))
}

func TestOpen_TellsLabelsOutOfOrderAndSharedNodes(t *testing.T) {
	sound := trieOf(t, "a", "b").View().Bytes()
	root := int(binary.LittleEndian.Uint32(sound[16:]))
	labels, links := root+4, root+4+2
	f := func(name, want string, damage func(buf []byte)) {
		t.Helper()
		buf := bytes.Clone(sound)
		damage(buf)
		if _, err := flattrie.Open(buf); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	f("order", "not in order", func(buf []byte) { buf[labels], buf[labels+1] = 'b', 'a' })
	f("twice", "not in order", func(buf []byte) { buf[labels+1] = 'a' })
	f("shared", "overlap", func(buf []byte) { copy(buf[links+4:], buf[links:links+4]) })
}

// A web of nodes in which each is reached from all before it has more ways through it than any walk can go.
func TestOpen_EndsOnAWebOfNodes(t *testing.T) {
	const depth = 64
	var nodes []byte
	for i := range depth {
		next := uint32(20 + 16*(i+1))
		n := append([]byte{2 << 3, 1, 0, 0}, 'a', 'b')
		n = binary.LittleEndian.AppendUint32(n, next)
		n = binary.LittleEndian.AppendUint32(n, next)
		nodes = append(nodes, append(n, 0, 0)...)
	}
	nodes = append(nodes, 1, 0, 0, 0, 7, 0, 0, 0)
	buf := binary.LittleEndian.AppendUint32([]byte("RFT1"), uint32(20+len(nodes)))
	buf = append(buf, 0, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0)
	_, err := flattrie.Open(append(buf, nodes...))
	if err == nil || !strings.Contains(err.Error(), "more nodes than fit") {
		t.Errorf("got %v", err)
	}
}

func TestCheck_GoesOnBehindAProblem(t *testing.T) {
	buf := bytes.Clone(trieOf(t, "a", "b", "c").View().Bytes())
	root := int(binary.LittleEndian.Uint32(buf[16:]))
	for _, i := range []int{0, 2} { // two of the leaves lose their values
		leaf := int(binary.LittleEndian.Uint32(buf[root+4+3+4*i:]))
		buf[leaf] = 0
	}
	problems := 0
	for err := range flattrie.Unchecked(buf).Check() {
		t.Log(err)
		problems++
	}
	if problems != 2 {
		t.Errorf("%d problems, want 2", problems)
	}
}

// Readers beside each other share the buffer, and a writer that goes on does not disturb their snapshot. For the race detector.
func TestView_IsSharedByReaders(t *testing.T) {
	trie := trieOf(t, "romane", "romanus", "romulus", "rubens", "ruber", "rubicon")
	snapshot := trie.Snapshot()
	opened, err := flattrie.Open(snapshot.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for _, view := range []flattrie.View{snapshot, opened, snapshot, opened} {
		readers.Go(func() {
			for range 200 {
				keys := 0
				for key, want := range view.All() {
					if got, ok := view.Get(key); !ok || got != want {
						t.Errorf("Get(%q) = %d, %v", key, got, ok)
					}
					view.Find(append(key, 'x'))
					keys++
				}
				if keys != 6 {
					t.Errorf("%d keys", keys)
				}
				for err := range view.Check() {
					t.Error(err)
				}
			}
		})
	}
	for i := range 2000 {
		key := []byte{'r', byte(i), byte(i >> 8)}
		if err := trie.Put(key, uint64(i)); err != nil {
			t.Error(err)
		}
		trie.Delete([]byte("romane"))
	}
	trie.Defragment()
	readers.Wait()
}
