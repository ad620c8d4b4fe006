package crypt_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"golang.org/x/crypto/chacha20"
	"pgregory.net/rapid"
)

// fromHex reads hexadecimal text with spaces in it.
func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAEAD_PublishedVectors: the ciphers that we are given are those that we think they are.
func TestAEAD_PublishedVectors(t *testing.T) {
	f := func(a crypt.Algorithm, key, nonce, associated, plain, sealed string) {
		t.Helper()
		aead := crypt.NewAEAD(a, [32]byte(fromHex(t, key)))
		got := aead.Seal(nil, fromHex(t, nonce), fromHex(t, plain), fromHex(t, associated))
		if want := fromHex(t, sealed); !bytes.Equal(got, want) {
			t.Errorf("%v: got %x, want %x", a, got, want)
		}
	}
	// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16
	f(crypt.AESGCM, "feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		`d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72
		 1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39`,
		`522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa
		 8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`)
	// RFC 8439, section 2.8.2
	f(crypt.ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f 909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
		"50515253c0c1c2c3c4c5c6c7",
		hex.EncodeToString([]byte("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "+
			"sunscreen would be it.")),
		`d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b
		 1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
		 3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`)
}

func TestDerive_PublishedVectors(t *testing.T) {
	// RFC 8452, appendix C.2: the record encryption key for this key and nonce 03 00 …, which is the number 3
	got := crypt.Derive(crypt.AESGCM, [32]byte{1}, 3)
	want := fromHex(t, "b914f4742be9e1d7a2f84addbf96dec3 456e3c6c05ecc157cdbf0700fedad222")
	if !bytes.Equal(got[:], want) {
		t.Errorf("AES: got %x, want %x", got, want)
	}
	// draft-irtf-cfrg-xchacha, section 2.2.1
	key, err := chacha20.HChaCha20(numbered(32, 0), fromHex(t, "000000090000004a0000000031415927"))
	want = fromHex(t, "82413b4227b27bfed30e42508a877d73 a0f9e4d58a74a853c12ec41326d3ecdc")
	if err != nil || !bytes.Equal(key, want) {
		t.Errorf("HChaCha20: got %x, %v, want %x", key, err, want)
	}
	// and ours is that of the number, little-endian, then zeros
	got = crypt.Derive(crypt.ChaCha20Poly1305, [32]byte(numbered(32, 0)), 0x0807060504030201)
	want, _ = chacha20.HChaCha20(numbered(32, 0), fromHex(t, "0102030405060708 0000000000000000"))
	if !bytes.Equal(got[:], want) {
		t.Errorf("ChaCha20: got %x, want %x", got, want)
	}
}

func TestDerive_DiffersByEveryBitOfTheNumber(t *testing.T) {
	for _, a := range algorithms {
		seen := map[[32]byte]bool{crypt.Derive(a, [32]byte{1}, 0): true}
		for bit := range 64 {
			seen[crypt.Derive(a, [32]byte{1}, 1<<bit)] = true
		}
		if len(seen) != 65 {
			t.Errorf("%v: %d keys for 65 numbers", a, len(seen))
		}
	}
}

func TestHKDF_PublishedVectors(t *testing.T) {
	f := func(secret, salt, info, want string) {
		t.Helper()
		got := crypt.HKDF(fromHex(t, secret), fromHex(t, salt), string(fromHex(t, info)))
		if !bytes.Equal(got[:], fromHex(t, want)) {
			t.Errorf("got %x, want %s", got, want)
		}
	}
	// RFC 5869, appendix A, cases 1 and 3: the first 32 bytes
	f(strings.Repeat("0b", 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
		"3cb25f25faacd57a90434f64d0362f2a 2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
	f(strings.Repeat("0b", 22), "", "", "8da4e775a563c18f715f802a063c5a31 b8a11f5c5ee1879ec3454e5f3c738d2d")
}

func TestHKDF_IsThatOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "secret")
		salt := rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "salt")
		info := rapid.String().Draw(t, "info")
		want, err := hkdf.Key(sha256.New, secret, salt, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := crypt.HKDF(secret, salt, info); !bytes.Equal(got[:], want) {
			t.Fatalf("got %x, want %x", got, want)
		}
	})
}
