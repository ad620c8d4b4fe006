package zdict_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
)

func TestDictionary_KeepsEveryField(t *testing.T) {
	want := trained(t, 0x01020304)
	got, err := zdict.DecodeDictionary(zdict.AppendDictionary(nil, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("dictionary (-got +want):\n%s", diff)
	}
	if want.Samples == 0 || want.Ratio == 0 {
		t.Errorf("a field is zero: %d samples, ratio %f", want.Samples, want.Ratio)
	}
}

func TestDictionary_FindsEveryFlippedBit(t *testing.T) {
	d := trained(t, 1)
	d.Bytes = d.Bytes[:50]
	b := zdict.AppendDictionary(nil, d)
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := zdict.DecodeDictionary(b); fault.Of(err) != fault.Corrupt {
			t.Fatalf("flipped bit %d: got %v, want corrupt", bit, err)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

func TestCopies_KeepEverything(t *testing.T) {
	want := zdict.Copies{Next: 9, Dictionaries: []zdict.Dictionary{trained(t, 1), trained(t, 8)}}
	f := func(sealer zdict.Sealer) {
		t.Helper()
		file, err := zdict.AppendCopies(nil, want, sealer)
		if err != nil {
			t.Fatal(err)
		}
		got, err := zdict.DecodeCopies(file, sealer)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("copies (-got +want):\n%s", diff)
		}
	}
	f(nil)
	f(xorSealer{key: 0x5a})
}

// With encryption nothing of the samples stands in the file, and a file in clear is not believed.
func TestCopies_AreSealed(t *testing.T) {
	c := zdict.Copies{Next: 2, Dictionaries: []zdict.Dictionary{trained(t, 1)}}
	sealed, err := zdict.AppendCopies(nil, c, xorSealer{key: 0x5a})
	if err != nil {
		t.Fatal(err)
	}
	clear, err := zdict.AppendCopies(nil, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	const piece = `"companies/`
	if !contains(clear, piece) || contains(sealed, piece) {
		t.Errorf("%q is in the clear file: %v, in the sealed one: %v", piece, contains(clear, piece), contains(sealed, piece))
	}
	var refused *zdict.SealedError
	if _, err := zdict.DecodeCopies(sealed, nil); !errors.As(err, &refused) || !refused.Sealed || fault.Of(err) != fault.Forbidden {
		t.Errorf("sealed file without key: got %v", err)
	}
	if _, err := zdict.DecodeCopies(clear, xorSealer{key: 0x5a}); !errors.As(err, &refused) || refused.Sealed {
		t.Errorf("clear file where a sealed one must be: got %v", err)
	}
	if _, err := zdict.DecodeCopies(sealed, xorSealer{key: 0x5b}); fault.Of(err) != fault.Corrupt {
		t.Errorf("another key: got %v, want corrupt", err)
	}
	if _, err := zdict.AppendCopies(nil, c, brokenSealer{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the sealer's error", err)
	}
}

var errBroken = errors.New("sealer is broken")

type brokenSealer struct{ xorSealer }

func (brokenSealer) Seal(dst, _, _ []byte) ([]byte, error) { return dst, errBroken }

func contains(b []byte, piece string) bool {
	for i := range len(b) - len(piece) {
		if string(b[i:i+len(piece)]) == piece {
			return true
		}
	}
	return false
}

func TestMergeCopies_BelievesTheOneFurtherOn(t *testing.T) {
	d := func(id uint32, name string) zdict.Dictionary { return zdict.Dictionary{ID: id, Name: name} }
	older := zdict.Copies{Next: 3, Dictionaries: []zdict.Dictionary{d(1, "a"), d(2, "older")}}
	newer := zdict.Copies{Next: 4, Dictionaries: []zdict.Dictionary{d(2, "newer"), d(3, "c")}}
	want := zdict.Copies{Next: 4, Dictionaries: []zdict.Dictionary{d(1, "a"), d(2, "newer"), d(3, "c")}}
	for _, got := range []zdict.Copies{zdict.MergeCopies(older, newer), zdict.MergeCopies(newer, older)} {
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("merged (-got +want):\n%s", diff)
		}
	}
}

// FuzzDecodeCopies: no bytes make it panic, and what it accepts is encoded as it was. The checksum is put right, or
// nothing would come past it.
func FuzzDecodeCopies(f *testing.F) {
	d := trained(f, 1)
	d.Bytes = d.Bytes[:64]
	file, err := zdict.AppendCopies(nil, zdict.Copies{Next: 2, Dictionaries: []zdict.Dictionary{d, d}}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Fuzz(func(t *testing.T, b []byte) {
		zdict.MendChecksum(b)
		c, err := zdict.DecodeCopies(b, nil)
		if err != nil {
			return
		}
		again, err := zdict.AppendCopies(nil, c, nil)
		if err != nil || string(again) != string(b) {
			t.Errorf("%q became %q, %v", b, again, err)
		}
	})
}

func FuzzDecodeDictionary(f *testing.F) {
	d := trained(f, 1)
	f.Add(zdict.AppendDictionary(nil, d))
	d.Bytes = d.Bytes[:64]
	f.Add(zdict.AppendDictionary(nil, d))
	f.Fuzz(func(t *testing.T, b []byte) {
		zdict.MendRecordChecksum(b)
		d, err := zdict.DecodeDictionary(b)
		if err != nil {
			return
		}
		if again := zdict.AppendDictionary(nil, d); string(again) != string(b) {
			t.Errorf("%q became %q", b, again)
		}
		dec, err := zdict.NewDecoder(&d, zdict.DecoderOptions{})
		if err != nil {
			return
		}
		_, _ = dec.Append(nil, []byte{0xC1, byte(d.ID), 100, 0x85, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
	})
}
