package btree_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage/btree"
)

// Keys of every shape that the search tells apart: with equal and with different heads, shorter than a head, one the beginning
// of the other, with zero bytes at the end; few and many on a page.
func TestGet_FindsKeysOfEveryShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alike := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 'a'}), 0, 20).Draw(t, "beginning")
		draw := rapid.Custom(func(t *rapid.T) string {
			n := rapid.IntRange(0, len(alike)).Draw(t, "common")
			if rapid.IntRange(0, 3).Draw(t, "whole") > 0 {
				n = len(alike)
			}
			end := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 'b', 'z', 255}), 1, 12).Draw(t, "end")
			return string(append(bytes.Clone(alike[:n]), end...))
		})
		keys := rapid.SliceOfNDistinct(draw, 1, 400, func(s string) string { return s }).Draw(t, "keys")
		tree := btree.New(newMemPages(), btree.State{})
		for _, key := range keys {
			if err := tree.Put([]byte(key), []byte(key)); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(keys)
		view := tree.View()
		for _, key := range append(slices.Clone(keys), draw.Draw(t, "another")) {
			at, want := slices.BinarySearch(keys, key)
			value, ok, err := view.Get([]byte(key))
			if err != nil || ok != want || ok && string(value) != key {
				t.Fatalf("get %q: got %q, %v, %v, want %v", key, value, ok, err, want)
			}
			c := view.Cursor()
			if found := c.Seek([]byte(key)); found != (at < len(keys)) || found && string(c.Key()) != keys[at] {
				t.Fatalf("seek %q: got %v, want position %d of %q", key, found, at, keys)
			}
		}
	})
}

// A walk by groups meets what a walk entry by entry meets, in both directions, whatever the size of the groups.
func TestCursorGroup_WalksLikeNextAndPrev(t *testing.T) {
	tree := btree.New(newMemPages(), btree.State{})
	var want []string
	for i := range 3000 {
		key := fmt.Sprintf("key-%05d", i)
		value := key
		if i%500 == 7 {
			value = string(bytes.Repeat([]byte{'v'}, 9000)) // in a run of its own
		}
		mustPut(t, tree, key, value)
		if len(value) > 100 {
			value = ""
		}
		want = append(want, key+"="+value)
	}
	for _, size := range []int{1, 2, 63, 64} {
		for _, by := range []int{1, -1} {
			group, c := make([]btree.Pair, size), tree.View().Cursor()
			var got []string
			begin, step := c.First, c.Next
			if by < 0 {
				begin, step = c.Last, c.Prev
			}
			for more := begin(); more; more = step() {
				for _, p := range group[:c.Group(group, by)] {
					got = append(got, string(p.Key)+"="+string(p.Value))
				}
			}
			if by < 0 {
				slices.Reverse(got)
			}
			if err := c.Err(); err != nil || !slices.Equal(got, want) {
				t.Fatalf("groups of %d by %d: got %d entries, %v, want %d", size, by, len(got), err, len(want))
			}
		}
	}
}
