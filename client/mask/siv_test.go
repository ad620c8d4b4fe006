package mask

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// The examples of RFC 5297, appendix A.
func TestSIV_VectorsOfRFC5297(t *testing.T) {
	f := func(key, plaintext, want string, associated ...string) {
		t.Helper()
		s, err := newSIV(unhex(t, key))
		if err != nil {
			t.Fatal(err)
		}
		var parts [][]byte
		for _, a := range associated {
			parts = append(parts, unhex(t, a))
		}
		sealed := s.seal(unhex(t, plaintext), parts...)
		if got := hex.EncodeToString(sealed); got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("sealed\n%s, want\n%s", got, want)
		}
		opened, ok := s.open(sealed, parts...)
		if !ok || !bytes.Equal(opened, unhex(t, plaintext)) {
			t.Errorf("opened %x, %v", opened, ok)
		}
	}
	// A.1: deterministic
	f("fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff",
		"11223344 55667788 99aabbcc ddee",
		"85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c",
		"10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627")
	// A.2: with a nonce, which is one more part
	f("7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f",
		"74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553",
		"7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829 ea64ad54 4a272e9c 485b62a3 fd5c0d",
		"00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100",
		"10203040 50607080 90a0", "09f91102 9d74e35b d84156c5 635688c0")
}

// Each bit counts, also the two of the IV that counter mode does not see.
func TestSIV_RefusesEveryFlippedBit(t *testing.T) {
	s, err := newSIV(make([]byte, SecretBytes))
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal(make([]byte, 20), []byte("beside"))
	for i := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[i/8] ^= 1 << (i % 8)
		if _, ok := s.open(flipped, []byte("beside")); ok {
			t.Errorf("bit %d of byte %d does not count", i%8, i/8)
		}
	}
	if _, ok := s.open(sealed, []byte("besides")); ok {
		t.Error("what is beside does not count")
	}
}

// The examples of RFC 4493, section 4.
func TestCMAC_VectorsOfRFC4493(t *testing.T) {
	s, err := newSIV(append(unhex(t, "2b7e151628aed2a6abf7158809cf4f3c"), make([]byte, 16)...))
	if err != nil {
		t.Fatal(err)
	}
	const message = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
	for n, want := range map[int]string{
		0: "bb1d6929e95937287fa37d129b756746", 16: "070a16b46b4d4144f79bdd9dd04a287c",
		40: "dfa66747de9ae63030ca32611497c827", 64: "51f0bebf7e3b9d92fc49741779363cfe",
	} {
		sum := s.mac.sum(unhex(t, message)[:n])
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

func TestBase58_WidthsTellLengths(t *testing.T) {
	seen := map[int]bool{}
	for n := range maskedBytesMax + 1 {
		if seen[width(n)] {
			t.Fatalf("%d bytes take %d characters, as fewer bytes do", n, width(n))
		}
		seen[width(n)] = true
		if n > 64 && n%idOff > 0 {
			continue // no masked id has this length, and the work grows with its square
		}
		data := bytes.Repeat([]byte{0xff}, n)
		text := encodeBase58(data)
		if back, ok := decodeBase58(text); !ok || !bytes.Equal(back, data) {
			t.Fatalf("%d bytes of 0xff came back as %x, %v", n, back, ok)
		}
		if back, ok := decodeBase58(encodeBase58(make([]byte, n))); !ok || !bytes.Equal(back, make([]byte, n)) {
			t.Fatalf("%d zeros came back as %x, %v", n, back, ok)
		}
	}
	if _, ok := decodeBase58(strings.Repeat("z", width(32))); ok {
		t.Error("a number that 32 bytes do not hold was taken")
	}
}
