package salvage

import (
	"errors"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// KeyBytes is the length of a database key.
const KeyBytes = crypt.KeyBytes

// WithKey returns what Options.Encryption wants, for a database whose key is known. Which of the ciphers was used is found
// out by trying: headers, which name it, may be lost.
func WithKey(key [KeyBytes]byte) func(env [16]byte) (Opener, error) {
	return func(env [16]byte) (Opener, error) {
		k := &keyring{}
		for _, a := range []crypt.Algorithm{crypt.AESGCM, crypt.ChaCha20Poly1305} {
			keys := crypt.NewKeys(a, key[:], env[:])
			k.keys = append(k.keys, keys)
			k.records = append(k.records, &journal.Decoder{Cipher: recordCipher{keys}})
		}
		return k, nil
	}
}

// keyring opens pages with the keys of all ciphers. The first that opens a page is tried first from then on.
type keyring struct {
	keys    []*crypt.Keys
	fixed   bool // keys[0] opened a page
	records []*journal.Decoder
}

// OpenPage implements Opener.
func (k *keyring) OpenPage(dst, src []byte, no page.No) (err error) {
	for i, keys := range k.keys {
		if err = keys.OpenPage(dst, src, no); err == nil {
			k.keys[0], k.keys[i] = k.keys[i], k.keys[0]
			k.fixed = true
			return nil
		}
		if k.fixed {
			return err
		}
	}
	return err
}

// OpenRecord implements Opener. A record names its cipher.
func (k *keyring) OpenRecord(src []byte) (r journal.Record, err error) {
	for _, d := range k.records {
		if r, err = d.Decode(src); err == nil {
			return r, nil
		}
	}
	return r, err
}

// recordCipher opens records, and makes none.
type recordCipher struct{ *crypt.Keys }

func (c recordCipher) Algorithm() uint8 { return uint8(c.Keys.Algorithm()) }

func (c recordCipher) Nonce() ([journal.NonceBytes]byte, error) {
	return [journal.NonceBytes]byte{}, errReadOnly
}

var errReadOnly = errors.New("salvage writes no journals")

// Close wipes the keys, and what was decrypted.
func (k *keyring) Close() error {
	for _, d := range k.records {
		d.Wipe()
	}
	for _, keys := range k.keys {
		keys.Wipe()
	}
	return nil
}
