package journal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/journal"
)

func TestDiff_TurnsBeforeIntoAfter(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		before, after := randomPage(random), make([]byte, journal.PageBytes)
		copy(after, before)
		for range random.IntN(20) {
			from := random.IntN(len(after))
			for i := from; i < min(len(after), from+1+random.IntN(300)); i++ {
				after[i] = byte(random.Uint32N(3))
			}
		}
		wantSame(t, journal.AppendDiff(nil, before, after), before, after)
		wantSame(t, journal.AppendNew(nil, after), make([]byte, len(after)), after)
	}
}

// wantSame applies ranges to a copy of before, twice, as recovery may.
func wantSame(t *testing.T, ranges, before, after []byte) {
	t.Helper()
	got := bytes.Clone(before)
	for range 2 {
		rest, err := journal.Apply(got, append(bytes.Clone(ranges), 'x'))
		if err != nil {
			t.Fatal(err)
		}
		if string(rest) != "x" {
			t.Fatalf("Apply left %d bytes, want 1", len(rest))
		}
		if !bytes.Equal(got, after) {
			t.Fatal("the page is not what it became")
		}
	}
}

func randomPage(random *rand.Rand) []byte {
	p := make([]byte, journal.PageBytes)
	for i := range p[:random.IntN(len(p)+1)] {
		p[i] = byte(random.Uint32N(4))
	}
	return p
}

func TestDiff_IsSmallForSmallChanges(t *testing.T) {
	f := func(want int, change func(p []byte)) {
		t.Helper()
		before, after := make([]byte, journal.PageBytes), make([]byte, journal.PageBytes)
		change(after)
		if got := len(journal.AppendDiff(nil, before, after)); got != want {
			t.Errorf("%d bytes, want %d", got, want)
		}
	}
	f(1, func([]byte) {})                             // nothing but the end
	f(1+2+1, func(p []byte) { p[0] = 1 })             // length, distance, byte
	f(1+3+1, func(p []byte) { p[8191] = 1 })          // a distance of two bytes
	f(1+2+9, func(p []byte) { p[3], p[11] = 1, 1 })   // a small gap is written
	f(1+2*2+2, func(p []byte) { p[0], p[64] = 1, 1 }) // a large one is not
	f(1+3+300, func(p []byte) { copy(p, bytes.Repeat([]byte{1}, 300)) })
}

func TestAppendNew_WritesARunUpToItsLastByte(t *testing.T) {
	run := make([]byte, 3*journal.PageBytes)
	run[5], run[9000] = 1, 2
	ranges := journal.AppendNew(nil, run)
	if got, want := len(ranges), 1+2+1+9001; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	wantSame(t, ranges, make([]byte, len(run)), run)
}

func TestApply_RefusesRangesOutsideOfThePage(t *testing.T) {
	f := func(src []byte) {
		t.Helper()
		_, err := journal.Apply(make([]byte, 16), src)
		var bad *journal.DecodeError
		if !errors.As(err, &bad) || fault.Of(err) != fault.Corrupt {
			t.Errorf("got %v, want *DecodeError", err)
		}
	}
	f(nil)
	f([]byte{1})
	f([]byte{1, 0})
	f([]byte{1, 16, 'x', 0})
	f([]byte{2, 15, 'x', 'x', 0})
	f([]byte{1, 0, 'x'}) // no end
	f([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1})
	f([]byte{1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 'x'})
}

// FuzzApplyDiff: no bytes make Apply write outside of the page, and a diff of any two pages leads from one to the other.
func FuzzApplyDiff(f *testing.F) {
	f.Add([]byte{1, 0, 'x', 0}, []byte("before.."), []byte("after..."))
	f.Fuzz(func(t *testing.T, ranges, before, after []byte) {
		_, _ = journal.Apply(make([]byte, 100), ranges)
		n := min(len(before), len(after)) &^ 7
		before, after = before[:n], after[:n]
		wantSame(t, journal.AppendDiff(nil, before, after), before, after)
	})
}

func BenchmarkAppendDiff(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	before := randomPage(random)
	small := bytes.Clone(before)
	small[30]++
	copy(small[4000:4400], make([]byte, 400))
	other := make([]byte, journal.PageBytes)
	for i := range other {
		other[i] = before[i] + 1
	}
	for name, after := range map[string][]byte{"same": before, "insert": small, "all": other} {
		b.Run("change="+name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = journal.AppendDiff(dst[:0], before, after)
			}
		})
	}
}
