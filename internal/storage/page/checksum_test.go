package page_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// sealedRun returns page or overflow run no with random contents, sealed.
func sealedRun(no page.No, pages int) []byte {
	random := rand.New(rand.NewPCG(uint64(no), uint64(pages)))
	run := make([]byte, pages*page.SizeBytes)
	for i := range run {
		run[i] = byte(random.Uint32())
	}
	clear(page.Nonce(run))
	page.Init(run, no, page.Leaf)
	if pages > 1 {
		page.Init(run, no, page.Overflow)
		page.SetOverflowBytes(run, pages*page.SizeBytes-page.HeaderBytes)
	}
	page.Seal(run)
	return run
}

func TestVerify_FindsEveryFlippedBit(t *testing.T) {
	for _, pages := range []int{1, 2, 5} {
		run := sealedRun(7, pages)
		if err := page.Verify(run, 7); err != nil {
			t.Fatalf("%d pages as sealed: %v", pages, err)
		}
		step := 1
		if testing.Short() || pages > 2 {
			step = 13 // coprime to 8: all bit positions are met
		}
		for bit := 0; bit < len(run)*8; bit += step {
			run[bit/8] ^= 1 << (bit % 8)
			if page.Verify(run, 7) == nil {
				t.Fatalf("%d pages: flipped bit %d was not found", pages, bit)
			}
			run[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func TestVerify_SaysWhatIsWrong(t *testing.T) {
	f := func(run []byte, no page.No, want page.Reason) {
		t.Helper()
		err := page.Verify(run, no)
		var checksumErr *page.ChecksumError
		if !errors.As(err, &checksumErr) {
			t.Fatalf("got %v, want *ChecksumError", err)
		}
		if diff := cmp.Diff([]any{want, no, fault.Corrupt}, []any{checksumErr.Reason, checksumErr.No, fault.Of(err)}); diff != "" {
			t.Errorf("%v:\n%s", err, diff)
		}
	}
	f(sealedRun(7, 1), 8, page.WrongNumber) // a page written to the wrong place
	f(sealedRun(7, 1)[:page.SizeBytes-1], 7, page.BadSize)
	f(sealedRun(7, 3)[:2*page.SizeBytes], 7, page.BadSize) // an overflow run cut short
	f(nil, 7, page.BadSize)
	f(make([]byte, page.SizeBytes), 0, page.BadChecksum) // never written
	huge := sealedRun(7, 2)
	page.SetOverflowBytes(huge, page.OverflowBytesMax+1)
	f(huge, 7, page.BadSize)
	changed := sealedRun(7, 1)
	changed[5000]++
	f(changed, 7, page.BadChecksum)
}

// TestSeal_CoversTheNumber: a tool that does not know where a page belongs can trust what the page says.
func TestSeal_CoversTheNumber(t *testing.T) {
	for pages := 1; pages <= 2; pages++ {
		run := sealedRun(7, pages)
		run[0]++ // the lowest byte of the number
		var wrong *page.ChecksumError
		if err := page.Verify(run, 8); !errors.As(err, &wrong) || wrong.Reason != page.BadChecksum {
			t.Errorf("%d pages: got %v, want a bad checksum", pages, err)
		}
	}
}

func TestVerify_IgnoresBytesAfterTheRun(t *testing.T) {
	run := append(sealedRun(7, 2), 1, 2, 3)
	if err := page.Verify(run, 7); err != nil {
		t.Error(err)
	}
}

func TestSealAndVerify_DoNotAllocate(t *testing.T) {
	one, many := sealedRun(7, 1), sealedRun(7, 4)
	allocs := testing.AllocsPerRun(100, func() {
		for _, run := range [][]byte{one, many} {
			page.Seal(run)
			if err := page.Verify(run, 7); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

// FuzzVerify: no bytes make Verify panic, and what Seal wrote is accepted until any one bit changes.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{}, uint64(0), uint32(0))
	f.Add(sealedRun(7, 1), uint64(7), uint32(288))
	f.Add(sealedRun(7, 2), uint64(7), uint32(70_000))
	f.Fuzz(func(t *testing.T, run []byte, no uint64, bit uint32) {
		_ = page.Verify(run, page.No(no))
		if len(run) < page.SizeBytes {
			return
		}
		run = append([]byte(nil), run[:len(run)/page.SizeBytes*page.SizeBytes]...)
		page.Init(run, page.No(no), page.Leaf)
		if len(run) > page.SizeBytes {
			page.Init(run, page.No(no), page.Overflow)
			page.SetOverflowBytes(run, len(run)-page.HeaderBytes)
		}
		page.Seal(run)
		if err := page.Verify(run, page.No(no)); err != nil {
			t.Fatalf("as sealed: %v", err)
		}
		at := int(bit) % (len(run) * 8)
		run[at/8] ^= 1 << (at % 8)
		if page.Verify(run, page.No(no)) == nil {
			t.Fatalf("flipped bit %d was not found", at)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	run := sealedRun(7, 1)
	b.SetBytes(page.SizeBytes)
	for b.Loop() {
		page.Seal(run)
	}
}

func BenchmarkVerify(b *testing.B) {
	run := sealedRun(7, 1)
	b.SetBytes(page.SizeBytes)
	for b.Loop() {
		if err := page.Verify(run, 7); err != nil {
			b.Fatal(err)
		}
	}
}
