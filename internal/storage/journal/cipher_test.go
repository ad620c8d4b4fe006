package journal_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/storage/journal"
)

// xorCipher stands for a real one: it changes every byte, and its tag is the nonce.
type xorCipher struct{}

func (xorCipher) Algorithm() uint8 { return 1 }

func (xorCipher) Nonce() ([journal.NonceBytes]byte, error) {
	return [journal.NonceBytes]byte{1, 2, 3}, nil
}

func (xorCipher) SealRecord(payload []byte, tag *[journal.TagBytes]byte, nonce [journal.NonceBytes]byte, _ uint64, _ []byte) {
	for i := range payload {
		payload[i] ^= 0x55
	}
	copy(tag[:], nonce[:])
}

func (c xorCipher) OpenRecord(payload []byte, tag [journal.TagBytes]byte, nonce [journal.NonceBytes]byte, tx uint64, associated []byte) error {
	c.SealRecord(payload, &tag, nonce, tx, associated)
	return nil
}

// TestDecoder_TakesWhatItsCipherSealedOnly: a record in clear is none of an encrypted log, nor the other way round.
func TestDecoder_TakesWhatItsCipherSealedOnly(t *testing.T) {
	payload := []byte("a payload")
	plain, _, _ := journal.AppendRecord(nil, sampleHeader, payload, never, nil)
	sealed, _, err := journal.AppendRecord(nil, sampleHeader, payload, never, xorCipher{})
	if err != nil {
		t.Fatal(err)
	}
	f := func(c journal.Cipher, record []byte, want bool) {
		t.Helper()
		d := journal.Decoder{Cipher: c}
		got, err := d.Decode(record)
		if (err == nil) != want || (want && string(got.Payload) != string(payload)) {
			t.Errorf("got %q, %v, want accepted %v", got.Payload, err, want)
		}
	}
	f(nil, plain, true)
	f(xorCipher{}, sealed, true)
	f(xorCipher{}, plain, false)
	f(nil, sealed, false)
}
