package flattrie_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/flattrie"
)

func put(t testing.TB, trie *flattrie.Trie, key string, value uint64) {
	t.Helper()
	if err := trie.Put([]byte(key), value); err != nil {
		t.Fatalf("Put(%.40q): %v", key, err)
	}
}

// trieOf returns a trie with the keys, numbered from 1.
func trieOf(t testing.TB, keys ...string) *flattrie.Trie {
	t.Helper()
	trie := flattrie.New(flattrie.Options{})
	for i, key := range keys {
		put(t, trie, key, uint64(i+1))
	}
	return trie
}

// wantSound fails when Check finds anything.
func wantSound(t testing.TB, v flattrie.View) {
	t.Helper()
	for err := range v.Check() {
		t.Error(err)
	}
	if t.Failed() {
		var out strings.Builder
		v.Dump(&out)
		t.Fatalf("the trie is:\n%.4000s", out.String())
	}
}

// wantSame fails unless the view holds exactly what want holds, in order.
func wantSame(t testing.TB, v flattrie.View, want map[string]uint64) {
	t.Helper()
	wantSound(t, v)
	keys := slices.Sorted(maps.Keys(want))
	i := 0
	for key, value := range v.All() {
		if i == len(keys) || string(key) != keys[i] || value != want[keys[i]] {
			t.Fatalf("entry %d is %.40q = %d; want the %d keys %.200q", i, key, value, len(keys), keys)
		}
		if got, ok := v.Get(key); !ok || got != value {
			t.Fatalf("Get(%.40q) = %d, %v; want %d", key, got, ok, value)
		}
		i++
	}
	if i != len(keys) || v.Len() != len(keys) {
		t.Fatalf("%d keys in order, Len() = %d, want %d", i, v.Len(), len(keys))
	}
}

func TestPut_SplitsAndLinks(t *testing.T) {
	f := func(keys ...string) {
		t.Helper()
		trie, want := flattrie.New(flattrie.Options{}), map[string]uint64{}
		for i, key := range keys {
			put(t, trie, key, uint64(i)<<20)
			want[key] = uint64(i) << 20
			wantSame(t, trie.View(), want)
		}
		for _, key := range keys {
			deleted := trie.Delete([]byte(key))
			if _, there := want[key]; deleted != there {
				t.Errorf("Delete(%q) = %v", key, deleted)
			}
			delete(want, key)
			wantSame(t, trie.View(), want)
		}
	}
	f("")
	f("a", "")
	f("", "a")
	f("romane", "romanus", "romulus", "rubens", "ruber", "rubicon", "rubicundus")
	f("abc", "abcdef", "ab", "a", "", "abcdefghi", "abx", "b")
	f("same", "same", "same")
	f("\x00", "\x00\x00", "\xff", "\xff\xff", "\xff\x00")
	f(strings.Repeat("x", flattrie.KeyBytesMax), strings.Repeat("x", flattrie.KeyBytesMax-1)+"y", strings.Repeat("x", 300))
	var all []string
	for i := range 256 { // every room there is
		all = append(all, "k"+string([]byte{byte(i * 37)})+"v")
	}
	f(all...)
}

func TestPut_KeepsEverySizeOfValue(t *testing.T) {
	values := []uint64{0, 1, 255, 256, 65_535, 65_536, 1<<32 - 1, 1 << 32, ^uint64(0), 7, 0}
	trie := trieOf(t, "a", "ab", "abc")
	for _, first := range values {
		for _, second := range values {
			for _, value := range []uint64{first, second} {
				put(t, trie, "ab", value)
				wantSame(t, trie.View(), map[string]uint64{"a": 1, "ab": value, "abc": 3})
			}
		}
	}
}

func TestPut_RefusesLongKeys(t *testing.T) {
	trie := trieOf(t, "a")
	err := trie.Put(make([]byte, flattrie.KeyBytesMax+1), 1)
	var sizeErr *flattrie.KeySizeError
	if !errors.As(err, &sizeErr) || sizeErr.Bytes != flattrie.KeyBytesMax+1 || fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want *KeySizeError", err)
	}
	if !strings.Contains(err.Error(), "4097 bytes") {
		t.Errorf("%v does not say how long the key is", err)
	}
	wantSame(t, trie.View(), map[string]uint64{"a": 1})
}

func TestPut_RefusesWhatPassesTheBound(t *testing.T) {
	const bound = 64 << 10
	trie, want := flattrie.New(flattrie.Options{BytesMax: bound}), map[string]uint64{}
	random := rand.New(rand.NewPCG(1, 1))
	full := func() {
		t.Helper()
		for i := 0; ; i++ {
			key := fmt.Sprintf("%x", random.Uint64()) + strings.Repeat("-", random.IntN(100))
			err := trie.Put([]byte(key), uint64(i))
			if fullErr, ok := errors.AsType[*flattrie.FullError](err); ok {
				if fault.Of(err) != fault.TooLarge || fullErr.BoundBytes != bound || !strings.Contains(err.Error(), "65536") {
					t.Errorf("got %v", err)
				}
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			want[key] = uint64(i)
		}
		wantSame(t, trie.View(), want)
		if stats := trie.View().Stats(); stats.BufferBytes > bound || stats.UsedBytes < bound/2 {
			t.Errorf("full with %+v", stats)
		}
	}
	full()
	for round := range 30 { // what is deleted makes room again, and deleting is never refused
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if random.IntN(30) <= round {
				if !trie.Delete([]byte(key)) {
					t.Fatalf("%q is not there", key)
				}
				delete(want, key)
			}
		}
		wantSame(t, trie.View(), want)
		full()
	}
	if _, err := flattrie.Copy(trie.View(), flattrie.Options{BytesMax: bound / 2}); fault.Of(err) != fault.TooLarge {
		t.Errorf("a copy with half the bound: %v, want *FullError", err)
	}
}

func TestFrom_BeginsAtTheKeyOrBehindIt(t *testing.T) {
	keys := []string{"", "a", "ab", "abc", "abd", "b", "ba", "bcd", "bce", "c\xff", "d", "xyza", "xyzb"}
	view := trieOf(t, keys...).View()
	f := func(from string) {
		t.Helper()
		want := []string{}
		for _, key := range keys {
			if key >= from {
				want = append(want, key)
			}
		}
		got := []string{}
		for key := range view.From([]byte(from)) {
			got = append(got, string(key))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from %q (- want, + got):\n%s", from, diff)
		}
	}
	for _, key := range keys {
		f(key)
		f(key + "\x00")
		f(key + "z")
		f(key + "\xff\xff")
	}
	f("bc")
	f("aa")
	f("xaaaaaa") // longer than the edge, which is greater
	f("xzaaaaa")
	f("A")
}

func TestAll_EndsWhenTheConsumerHasEnough(t *testing.T) {
	view := trieOf(t, "", "a", "ab", "b", "bc").View()
	for enough := 1; enough <= 5; enough++ {
		seen := 0
		for range view.All() {
			if seen++; seen == enough {
				break
			}
		}
		if seen != enough {
			t.Errorf("%d keys, want %d", seen, enough)
		}
	}
}

func TestSnapshot_StaysAsItWas(t *testing.T) {
	trie := trieOf(t, "a", "ab", "b")
	snapshot, before := trie.Snapshot(), map[string]uint64{"a": 1, "ab": 2, "b": 3}
	put(t, trie, "a", 77)
	trie.Delete([]byte("ab"))
	put(t, trie, "abcdefgh", 5)
	wantSame(t, snapshot, before)
	changed, err := flattrie.Copy(snapshot, flattrie.Options{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, changed, "c", 9)
	wantSame(t, snapshot, before)
	wantSame(t, changed.View(), map[string]uint64{"a": 1, "ab": 2, "b": 3, "c": 9})
	opened, err := flattrie.Open(bytes.Clone(snapshot.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, opened, before)
}

func TestDefragment_LeavesNoDeadBytes(t *testing.T) {
	trie, want := flattrie.New(flattrie.Options{}), map[string]uint64{}
	for i := range 2000 {
		key := fmt.Sprintf("users/%d", i)
		put(t, trie, key, 1<<40)
		want[key] = uint64(i)
	}
	for key, value := range want {
		put(t, trie, key, value) // values that need fewer bytes now
	}
	for i := range 500 {
		key := fmt.Sprintf("users/%d", i*3)
		trie.Delete([]byte(key))
		delete(want, key)
	}
	before := trie.View().Stats()
	trie.Defragment()
	wantSame(t, trie.View(), want)
	after := trie.View().Stats()
	if after.DeadBytes != 0 || after.BufferBytes != after.UsedBytes || after.UsedBytes >= before.UsedBytes-before.DeadBytes {
		t.Errorf("before %+v, after %+v", before, after)
	}
	trie.Defragment()
	if diff := cmp.Diff(after, trie.View().Stats()); diff != "" {
		t.Errorf("a second time changes something:\n%s", diff)
	}
}

func TestDelete_LeavesBlocksThatAreUsedAgain(t *testing.T) {
	trie := trieOf(t, "k")
	fill := func() {
		for i := range 256 {
			put(t, trie, "k"+string([]byte{byte(i)}), 1)
		}
	}
	fill()
	trie.Defragment()
	for i := range 60 {
		trie.Delete([]byte{'k', byte(i)})
	}
	used := trie.View().Stats().UsedBytes
	if dead := trie.View().Stats().DeadBytes; dead != 60*8 {
		t.Fatalf("%d dead bytes, want those of 60 leaves", dead)
	}
	fill()
	if got := trie.View().Stats(); got.UsedBytes != used || got.DeadBytes != 0 {
		t.Errorf("after the same keys again: %+v, used before: %d", got, used)
	}
}

// Keys come and go for long: the buffer does not grow with the number of changes, and they allocate nothing.
func TestTrie_AllocatesNothingInSteadyState(t *testing.T) {
	keys := make([][]byte, 4000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "orders/%d-%x", i%97, i*i)
	}
	trie := flattrie.New(flattrie.Options{})
	random := rand.New(rand.NewPCG(1, 2))
	churn := func() {
		key := keys[random.IntN(len(keys))]
		if random.IntN(2) == 0 {
			trie.Delete(key)
		} else if err := trie.Put(key, random.Uint64N(1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	for range 50_000 {
		churn()
	}
	held := trie.View().Stats().BufferBytes
	if allocs := testing.AllocsPerRun(20_000, churn); allocs != 0 {
		t.Errorf("%v allocations a change", allocs)
	}
	if got := trie.View().Stats().BufferBytes; got > 2*held {
		t.Errorf("the buffer grew from %d to %d bytes although no more keys came", held, got)
	}
	if allocs := testing.AllocsPerRun(1000, func() { trie.View().Get(keys[random.IntN(len(keys))]) }); allocs != 0 {
		t.Errorf("%v allocations a read", allocs)
	}
	wantSound(t, trie.View())
}

func TestDump_ShowsEachNode(t *testing.T) {
	var out strings.Builder
	trieOf(t, "romane", "romanus", "rom", "rubens", "").View().Dump(&out)
	want := `trie keys=5
  "" = 5 children=1/1
    'r' "" children=2/2
      'o' "m" = 3 children=1/1
        'a' "n" children=2/2
          'e' "" = 1
          'u' "s" = 2
      'u' "bens" = 4
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
