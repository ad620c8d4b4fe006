package crypt_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
)

func TestOpenPage_GivesWhatWasSealed(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		for _, pages := range []int{1, 2, 5, 200} { // 200 pages are more than the scratch memory that is kept
			plain, sealed := plainRun(7, pages), sealedRun(k, 7, pages)
			if bytes.Contains(sealed, plain[64:96]) {
				t.Errorf("%d pages: sealed bytes hold plain ones", pages)
			}
			dst := bytes.Repeat([]byte{0xEE}, len(sealed)+3)
			if err := k.OpenPage(dst, append(slices.Clone(sealed), 1, 2, 3), 7); err != nil {
				t.Fatalf("%d pages: %v", pages, err)
			}
			if !bytes.Equal(dst, append(slices.Clone(plain), 0xEE, 0xEE, 0xEE)) {
				t.Errorf("%d pages: opened bytes differ", pages)
			}
			if err := k.OpenPage(sealed, sealed, 7); err != nil || !bytes.Equal(sealed, plain) {
				t.Errorf("%d pages in place: %v, or other bytes", pages, err)
			}
		}
	})
}

func TestOpenPage_FindsEveryFlippedBit(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		for _, pages := range []int{1, 3} {
			run, dst := sealedRun(k, 7, pages), make([]byte, pages*page.SizeBytes)
			step := 1
			if pages > 1 || testing.Short() {
				step = 13 // coprime to 8: all bit positions are met
			}
			for bit := 0; bit < len(run)*8; bit += step {
				run[bit/8] ^= 1 << (bit % 8)
				var tampered *crypt.TamperError
				if err := k.OpenPage(dst, run, 7); !errors.As(err, &tampered) {
					t.Fatalf("%d pages: flipped bit %d: %v", pages, bit, err)
				}
				run[bit/8] ^= 1 << (bit % 8)
			}
			if err := k.OpenPage(dst, run, 7); err != nil {
				t.Fatalf("%d pages as sealed: %v", pages, err)
			}
		}
	})
}

func TestOpenPage_SaysWhatIsWrong(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		f := func(run []byte, no page.No, want crypt.TamperError, wantText string) {
			t.Helper()
			dst := bytes.Repeat([]byte{0xEE}, max(len(run), page.SizeBytes))
			err := k.OpenPage(dst, run, no)
			var got *crypt.TamperError
			if !errors.As(err, &got) || fault.Of(err) != fault.Corrupt {
				t.Fatalf("got %v, want *TamperError", err)
			}
			want.Part, want.Number = crypt.PagePart, uint64(no)
			if diff := cmp.Diff([]any{want, wantText}, []any{*got, err.Error()}); diff != "" {
				t.Error(diff)
			}
		}
		// another page in this place, and the same with its number changed to look right
		f(sealedRun(k, 7, 1), 8, crypt.TamperError{Found: 7, Reason: crypt.WrongNumber}, "encrypted page 8: found page 7 in its place")
		moved := sealedRun(k, 7, 1)
		moved[0] = 8
		f(moved, 8, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 8: the tag does not agree")
		// a version that says it is a later one, and a page that says it belongs to another structure
		newer := sealedRun(k, 7, 1)
		page.SetTx(newer, page.Tx(newer)+1)
		f(newer, 7, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 7: the tag does not agree")
		// a run cut short, by the file and by its own header
		f(sealedRun(k, 7, 3)[:2*page.SizeBytes], 7, crypt.TamperError{Reason: crypt.BadSize}, "encrypted page 7: bad size")
		cut := sealedRun(k, 7, 3)
		page.SetOverflowBytes(cut, 2*page.SizeBytes-page.HeaderBytes)
		f(cut, 7, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 7: the tag does not agree")
		huge := sealedRun(k, 7, 2)
		page.SetOverflowBytes(huge, page.OverflowBytesMax+1)
		f(huge, 7, crypt.TamperError{Reason: crypt.BadSize}, "encrypted page 7: bad size")
		f(nil, 7, crypt.TamperError{Reason: crypt.BadSize}, "encrypted page 7: bad size")
		// never sealed, or as a plain file has it
		f(make([]byte, page.SizeBytes), 0, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 0: the tag does not agree")
		plain := plainRun(7, 1)
		page.Seal(plain)
		f(plain, 7, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 7: the tag does not agree")
		// sealed in another environment of the same database, or with the other algorithm
		f(sealedRun(crypt.NewKeys(k.Algorithm(), numbered(32, 0), numbered(16, 101)), 7, 1), 7,
			crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 7: the tag does not agree")
		f(sealedRun(newKeys(3-k.Algorithm()), 7, 1), 7, crypt.TamperError{Reason: crypt.BadTag}, "encrypted page 7: the tag does not agree")
	})
}

// TestOpenPage_LeavesNothingOfATamperedPage: whoever overlooks the error still reads nothing.
func TestOpenPage_LeavesNothingOfATamperedPage(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		run, dst := sealedRun(k, 7, 1), make([]byte, page.SizeBytes)
		run[page.SizeBytes-1] ^= 1
		if err := k.OpenPage(dst, run, 7); err == nil {
			t.Fatal("opened")
		}
		if !bytes.Equal(dst, make([]byte, page.SizeBytes)) {
			t.Error("bytes of a page whose tag does not agree were handed out")
		}
	})
}

func TestOpenRecord_FindsEveryFlippedBit(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		plain := numbered(333, 1)
		sealed, associated, tag, nonce := slices.Clone(plain), numbered(256, 7), [16]byte{}, nonce(1)
		k.SealRecord(sealed, &tag, nonce, 55, associated)
		open := func(tx uint64) error {
			payload := slices.Clone(sealed)
			err := k.OpenRecord(payload, tag, nonce, tx, associated)
			if want := plain; err == nil && !bytes.Equal(payload, want) || err != nil && !bytes.Equal(payload, make([]byte, len(plain))) {
				t.Fatalf("%v, and payload %x", err, payload)
			}
			return err
		}
		for name, part := range map[string][]byte{"payload": sealed, "tag": tag[:], "nonce": nonce[:], "header": associated} {
			for bit := range len(part) * 8 {
				part[bit/8] ^= 1 << (bit % 8)
				var tampered *crypt.TamperError
				if err := open(55); !errors.As(err, &tampered) {
					t.Fatalf("flipped bit %d of the %s: %v", bit, name, err)
				}
				part[bit/8] ^= 1 << (bit % 8)
			}
		}
		if err := open(55); err != nil {
			t.Errorf("as sealed: %v", err)
		}
		if err := open(56); err == nil || err.Error() != "encrypted record of transaction 56: the tag does not agree" {
			t.Errorf("as that of another transaction: %v", err)
		}
	})
}

func TestSealPage_EqualPagesDiffer(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		seen := map[string]string{}
		add := func(name string, k *crypt.Keys, no page.No, nonce [12]byte) {
			run := make([]byte, page.SizeBytes)
			page.Init(run, no, page.Leaf)
			k.SealPage(run, nonce)
			if other, twice := seen[string(run[64:])]; twice {
				t.Errorf("%s has the same bytes as %s", name, other)
			}
			seen[string(run[64:])] = name
		}
		add("a page", k, 7, nonce(1))
		add("its next version", k, 7, nonce(2))
		add("another page", k, 8, nonce(1))
		add("the page in another environment", crypt.NewKeys(k.Algorithm(), numbered(32, 0), numbered(16, 1)), 7, nonce(1))
		add("the page in another database", crypt.NewKeys(k.Algorithm(), numbered(32, 1), numbered(16, 100)), 7, nonce(1))
	})
}

// TestSealPage_BytesAreFlat: pages of zeros, sealed, look like chance. Chi-square over 256 values has a mean of 255 and a
// deviation of 22.6; the bound lies five of these above and below, and the keys are always the same.
func TestSealPage_BytesAreFlat(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		var count [256]float64
		const pages = 256
		for no := range page.No(pages) {
			run := make([]byte, page.SizeBytes)
			page.Init(run, no, page.Leaf)
			k.SealPage(run, nonce(1))
			for _, b := range run[page.HeaderBytes:] {
				count[b]++
			}
		}
		const want = float64(pages) * page.PayloadBytes / 256
		var chi float64
		for _, n := range count {
			chi += (n - want) * (n - want) / want
		}
		if chi < 142 || chi > 368 {
			t.Errorf("chi-square is %.1f, want 142 to 368", chi)
		}
	})
}
