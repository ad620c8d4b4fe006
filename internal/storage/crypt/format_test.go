package crypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// obviousKey is the key of one page or record, written down a second time straight from the document.
func obviousKey(t *testing.T, a crypt.Algorithm, purpose string, number uint64) []byte {
	t.Helper()
	secret, err := hkdf.Key(sha256.New, numbered(32, 0), numbered(16, 100), purpose, 32)
	if err != nil {
		t.Fatal(err)
	}
	if a == crypt.ChaCha20Poly1305 {
		key, err := chacha20.HChaCha20(secret, append(binary.LittleEndian.AppendUint64(nil, number), make([]byte, 8)...))
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	var key []byte
	for counter := uint32(2); counter <= 5; counter++ {
		in := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, counter), number)
		out := make([]byte, 16)
		block.Encrypt(out, append(in, 0, 0, 0, 0))
		key = append(key, out[:8]...)
	}
	return key
}

func obviousSeal(t *testing.T, a crypt.Algorithm, key, nonce, plain, associated []byte) (sealed, tag []byte) {
	t.Helper()
	var aead cipher.AEAD
	var err error
	if a == crypt.ChaCha20Poly1305 {
		aead, err = chacha20poly1305.New(key)
	} else {
		block, _ := aes.NewCipher(key)
		aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := aead.Seal(nil, nonce, plain, associated)
	return out[:len(plain)], out[len(plain):]
}

func TestSealPage_IsTheFormatOfTheDocument(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		for _, pages := range []int{1, 3} {
			plain, got := plainRun(7, pages), sealedRun(k, 7, pages)
			key, nonce := obviousKey(t, k.Algorithm(), "rookery pages 1", 7), nonce(1)
			sealed, tag := obviousSeal(t, k.Algorithm(), key, nonce[:], plain[64:], plain[:36])
			want := bytes.Join([][]byte{plain[:36], tag, nonce[:], sealed}, nil)
			if !bytes.Equal(got, want) {
				t.Errorf("%d pages: sealed bytes differ, headers: got %x, want %x", pages, got[:64], want[:64])
			}
		}
	})
}

func TestSealRecord_IsTheFormatOfTheDocument(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		got, associated, nonce := []byte("payload of a record"), []byte("header"), nonce(9)
		key := obviousKey(t, k.Algorithm(), "rookery journal 1", 55)
		want, wantTag := obviousSeal(t, k.Algorithm(), key, nonce[:], got, associated)
		var gotTag [16]byte
		k.SealRecord(got, &gotTag, nonce, 55, associated)
		if !bytes.Equal(got, want) || !bytes.Equal(gotTag[:], wantTag) {
			t.Errorf("got %x, tag %x; want %x, tag %x", got, gotTag, want, wantTag)
		}
	})
}

func TestHeaderMAC_IsTheFormatOfTheDocument(t *testing.T) {
	secret, err := hkdf.Key(sha256.New, numbered(32, 0), numbered(16, 100), "rookery header 1", 32)
	if err != nil {
		t.Fatal(err)
	}
	header := numbered(4096, 5)
	h := hmac.New(sha256.New, secret)
	h.Write(header)
	eachAlgorithm(t, func(t *testing.T, k *crypt.Keys) {
		t.Helper()
		got := k.HeaderMAC(header)
		if want := h.Sum(nil)[:16]; !bytes.Equal(got[:], want) {
			t.Errorf("got %x, want %x", got, want)
		}
	})
}

// TestFormat_StaysTheSame: files that exist must open for ever. These are hashes of what this format writes.
func TestFormat_StaysTheSame(t *testing.T) {
	f := func(k *crypt.Keys, wantPage, wantRun, wantRecord, wantHeader string) {
		t.Helper()
		record, tag := numbered(1000, 1), [16]byte{}
		k.SealRecord(record, &tag, nonce(9), 55, []byte("header"))
		mac := k.HeaderMAC(numbered(4096, 5))
		got := []string{
			digest(sealedRun(k, 7, 1)), digest(sealedRun(k, 1<<40, 3)), digest(append(record, tag[:]...)), hex.EncodeToString(mac[:]),
		}
		if diff := cmp.Diff([]string{wantPage, wantRun, wantRecord, wantHeader}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", k.Algorithm(), diff)
		}
	}
	f(newKeys(crypt.AESGCM), "25be21038c0af71c8e6fcc45a5791fd2", "0e5516919895c835ed56dd00e255fac0",
		"e22aa0a44f3b244291d1af32b87b1405", "63e557772c98b15065d2f3eff9c9403d")
	f(newKeys(crypt.ChaCha20Poly1305), "7c7c67c54748eb2e3605e58228817c93", "50ccdaf58f79cd020a40c214df192543",
		"78a6232885df1369705b4363c53bf119", "63e557772c98b15065d2f3eff9c9403d")
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// TestFormat_AgreesWithTheDocument: the table in docs/format/encryption.md is what SealPage does.
func TestFormat_AgreesWithTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../../docs/format/encryption.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| offset | bytes | in an encrypted page |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var got []string
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		word, _, _ := strings.Cut(strings.TrimSpace(cells[2]), " ")
		got = append(got, strings.TrimSpace(cells[0])+" "+strings.TrimSpace(cells[1])+" "+strings.TrimRight(word, ",;:"))
	}
	row := func(off, bytes int, word string) string {
		return strconv.Itoa(off) + " " + strconv.Itoa(bytes) + " " + word
	}
	want := []string{
		row(0, crypt.Associated, "clear"), row(crypt.Associated, crypt.TagBytes, "tag"),
		row(crypt.Associated+crypt.TagBytes, crypt.NonceBytes, "nonce"), row(page.HeaderBytes, page.PayloadBytes, "encrypted"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("code (-) and document (+) differ:\n%s", diff)
	}
	for _, words := range []string{"`rookery pages 1`", "`rookery journal 1`", "`rookery header 1`", "| 1 | " + crypt.AESGCM.String(), "| 2 | " + crypt.ChaCha20Poly1305.String()} {
		if !strings.Contains(string(text), words) {
			t.Errorf("the document does not say %s", words)
		}
	}
}
