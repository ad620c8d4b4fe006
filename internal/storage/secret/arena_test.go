package secret_test

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"pgregory.net/rapid"
)

const frame = secret.FrameBytes

func newArena(t *testing.T) *secret.Arena {
	t.Helper()
	a := secret.NewArena(secret.Options{})
	t.Cleanup(a.Close)
	return a
}

func take(t *testing.T, a *secret.Arena, n int) []byte {
	t.Helper()
	b, err := a.Take(n)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != n || cap(b) != n {
		t.Fatalf("took %d bytes with room for %d, want %d", len(b), cap(b), n)
	}
	return b
}

func TestArena_WipesWhatIsGiven(t *testing.T) {
	a := newArena(t)
	kept := take(t, a, frame) // keeps the chunk, so that what was given can be looked at
	b := take(t, a, 3*frame)
	for i := range b {
		b[i] = 'x'
	}
	a.Give(b)
	if bytes.IndexByte(b, 'x') >= 0 {
		t.Error("bytes are still there after Give")
	}
	a.Give(kept)
}

func TestArena_CountsWhatItHas(t *testing.T) {
	a := newArena(t)
	want := func(bytes, used int64) {
		t.Helper()
		got := a.Stats()
		got.LockFailures = 0 // this machine may let us lock, or not
		if got.LockedBytes != 0 {
			got.LockedBytes = got.Bytes
		}
		locked := got.LockedBytes
		if diff := cmp.Diff(secret.Stats{Bytes: bytes, UsedBytes: used, LockedBytes: locked}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	want(0, 0)
	one, three := take(t, a, frame), take(t, a, 3*frame)
	want(secret.ChunkBytes, 4*frame)
	long := take(t, a, secret.ChunkBytes+frame) // gets a chunk of its own, which goes back at once
	want(2*secret.ChunkBytes+frame, secret.ChunkBytes+5*frame)
	a.Give(long)
	want(secret.ChunkBytes, 4*frame)
	a.Give(one)
	a.Give(three)
	want(secret.ChunkBytes, 0)
}

func TestArena_ReusesMemoryBeforeItTakesMore(t *testing.T) {
	a := newArena(t)
	var lent [][]byte
	for range secret.ChunkBytes / frame {
		lent = append(lent, take(t, a, frame))
	}
	for _, i := range []int{3, 4, 5, 9} {
		a.Give(lent[i])
	}
	run := take(t, a, 3*frame)
	single := take(t, a, frame)
	if got := a.Stats().Bytes; got != secret.ChunkBytes {
		t.Errorf("%d bytes for what fits in %d", got, secret.ChunkBytes)
	}
	another := take(t, a, frame)
	if got := a.Stats().Bytes; got != 2*secret.ChunkBytes {
		t.Errorf("%d bytes for more than fits in a chunk", got)
	}
	for i, b := range lent {
		if i < 3 || i > 5 && i != 9 {
			a.Give(b)
		}
	}
	for _, b := range [][]byte{run, single, another} {
		a.Give(b)
	}
}

func TestShrink_ReturnsWhatWasEmptyForAWhile(t *testing.T) {
	a := newArena(t)
	want := func(chunks int64) {
		t.Helper()
		if got := a.Stats().Bytes; got != chunks*secret.ChunkBytes {
			t.Errorf("%d bytes, want %d chunks", got, chunks)
		}
	}
	first, second := take(t, a, secret.ChunkBytes), take(t, a, frame)
	a.Give(first)
	a.Shrink()
	want(2) // empty, but since when?
	a.Give(take(t, a, secret.ChunkBytes))
	a.Shrink()
	want(2) // used in between
	a.Shrink()
	want(1)
	a.Shrink()
	want(1) // in use
	a.Give(second)
	a.Shrink()
	a.Shrink()
	want(0)
}

func TestArena_FindsMistakes(t *testing.T) {
	a := newArena(t)
	one, three := take(t, a, frame), take(t, a, 3*frame)
	wantPanic(t, "a part of a run", func() { a.Give(three[frame:]) })
	wantPanic(t, "less than was lent", func() { a.Give(three[:frame]) })
	wantPanic(t, "not the start of a frame", func() { a.Give(three[1:]) })
	wantPanic(t, "memory of somebody else", func() { a.Give(make([]byte, frame)) })
	wantPanic(t, "no whole frame", func() { _, _ = a.Take(frame + 1) })
	wantPanic(t, "nothing", func() { _, _ = a.Take(0) })
	wantPanic(t, "an arena that is in use", a.Close)
	a.Give(one)
	wantPanic(t, "the same twice", func() { a.Give(one) })
	a.Give(three)
	wantPanic(t, "the same run twice", func() { a.Give(three) })
}

// TestArena_PoisonsUnderInvariants: who keeps a slice too long does not read zeros that look like a new page.
func TestArena_PoisonsUnderInvariants(t *testing.T) {
	if !invariant.Enabled {
		t.Skip("built without invariants")
	}
	a := newArena(t)
	kept, b := take(t, a, frame), take(t, a, frame)
	a.Give(b)
	if b[0] != 0xDB || b[frame-1] != 0xDB {
		t.Errorf("%x", b[0])
	}
	a.Give(kept)
}

// TestArena_LendsNothingTwice runs histories against a model: what is lent keeps what its borrower wrote.
func TestArena_LendsNothingTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := secret.NewArena(secret.Options{})
		defer a.Close()
		type loan struct {
			bytes []byte
			mark  byte
		}
		var lent []loan
		var used int64
		give := func(i int) {
			b := lent[i].bytes
			for off := 0; off < len(b); off += frame {
				if b[off] != lent[i].mark || b[off+frame-1] != lent[i].mark {
					t.Fatalf("loan %d of %d bytes was overwritten at %d", lent[i].mark, len(b), off)
				}
			}
			used -= int64(len(b))
			a.Give(b)
			lent = append(lent[:i], lent[i+1:]...)
		}
		defer func() {
			for len(lent) > 0 {
				give(0)
			}
		}()
		mark := byte(0)
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				frames := rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, 140)).Draw(t, "frames")
				b, err := a.Take(frames * frame)
				if err != nil {
					t.Fatal(err)
				}
				mark++
				for off := 0; off < len(b); off += frame {
					b[off], b[off+frame-1] = mark, mark
				}
				lent, used = append(lent, loan{b, mark}), used+int64(len(b))
			},
			"give": func(t *rapid.T) {
				if len(lent) == 0 {
					t.Skip("nothing is lent")
				}
				give(rapid.IntRange(0, len(lent)-1).Draw(t, "loan"))
			},
			"shrink": func(*rapid.T) { a.Shrink() },
			"": func(t *rapid.T) {
				if got := a.Stats(); got.UsedBytes != used || got.Bytes < used {
					t.Fatalf("%+v, want %d bytes used", got, used)
				}
			},
		})
	})
}

func TestArena_ServesManyAtOnce(t *testing.T) {
	a := newArena(t)
	var users sync.WaitGroup
	for id := range byte(8) {
		users.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(id)))
			for range 500 {
				b, err := a.Take((1 + random.IntN(40)) * frame)
				if err != nil {
					t.Error(err)
					return
				}
				b[0], b[len(b)-1] = id, id
				if random.IntN(50) == 0 {
					a.Shrink()
				}
				if b[0] != id || b[len(b)-1] != id {
					t.Errorf("user %d: memory of somebody else", id)
				}
				a.Give(b)
			}
		})
	}
	users.Wait()
	if got := a.Stats().UsedBytes; got != 0 {
		t.Errorf("%d bytes are still lent", got)
	}
}

func BenchmarkTakeGive(b *testing.B) {
	a := secret.NewArena(secret.Options{})
	b.ReportAllocs()
	for b.Loop() {
		p, err := a.Take(frame)
		if err != nil {
			b.Fatal(err)
		}
		a.Give(p)
	}
}

func BenchmarkOpenClose(b *testing.B) {
	s, err := secret.Seal(newKey(), padding(), secret.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Open()
		s.Close()
	}
}
