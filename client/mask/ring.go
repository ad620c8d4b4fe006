package mask

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
)

// SecretBytes is the length of a key's secret: two keys for AES-256, as RFC 5297 wants them.
const SecretBytes = 64

// keysMax bounds a ring. Each key more is one more decryption for a text that is refused.
const keysMax = 64

// Key is a secret with a version, by which programs tell keys apart. Versions only grow.
type Key struct {
	Version uint32
	Secret  []byte // SecretBytes random bytes; keep them as a password
}

// NewSecret makes the secret of a key.
func NewSecret() []byte {
	secret := make([]byte, SecretBytes)
	_, _ = rand.Read(secret) // it never fails: see its documentation
	return secret
}

// ErrInvalid is what Unmask gives for a text that no key of the ring has made. Why is not told: it would help to guess.
var ErrInvalid = errors.New("this is no masked id")

// KeyError tells of a key that a ring cannot take.
type KeyError struct {
	Version uint32
	Want    string
}

func (e *KeyError) Error() string { return fmt.Sprintf("key %d: %s", e.Version, e.Want) }

// IDError tells of an id that cannot be masked.
type IDError struct{ Bytes int }

func (e *IDError) Error() string {
	return fmt.Sprintf("an id of %d bytes: masked ids have 1 to %d", e.Bytes, idBytesMax)
}

// Ring masks with its newest key and unmasks with all of them, so that a key can be replaced while texts of the old one are
// still about. It is immutable and safe for concurrent use.
type Ring struct {
	keys []ringKey // the newest first
}

type ringKey struct {
	version uint32
	cipher  *siv
}

// NewRing makes a ring of 1 to 64 keys in any order. The key with the highest version masks. An error is a *KeyError.
func NewRing(keys ...Key) (*Ring, error) {
	if len(keys) == 0 || len(keys) > keysMax {
		return nil, &KeyError{Want: fmt.Sprintf("a ring has 1 to %d keys, not %d", keysMax, len(keys))}
	}
	r := &Ring{}
	seen := map[uint32]bool{}
	for _, k := range keys {
		if seen[k.Version] {
			return nil, &KeyError{k.Version, "two keys have this version"}
		}
		seen[k.Version] = true
		if len(k.Secret) != SecretBytes {
			return nil, &KeyError{k.Version, fmt.Sprintf("a secret has %d bytes, not %d", SecretBytes, len(k.Secret))}
		}
		cipher, err := newSIV(k.Secret)
		if err != nil {
			return nil, &KeyError{k.Version, err.Error()}
		}
		added := ringKey{k.Version, cipher}
		if len(r.keys) > 0 && k.Version > r.keys[0].version {
			r.keys = append([]ringKey{added}, r.keys...)
		} else {
			r.keys = append(r.keys, added)
		}
	}
	return r, nil
}

// Mask makes the text of an id. It consists of letters and digits of Base58 and needs no escaping anywhere. An id of n bytes
// becomes ceil((16+16*ceil((n+1)/16))*8/log2(58)) characters: 44 up to 15 bytes, 66 up to 31. An error is an *IDError.
func (r *Ring) Mask(id string) (string, error) {
	if len(id) == 0 || len(id) > idBytesMax {
		return "", &IDError{len(id)}
	}
	k := r.keys[0]
	return encodeBase58(k.cipher.seal(pad(id), k.associated())), nil
}

// Unmask gives the id of a text, and the version of the key that made it: when that is not the newest, the text should be made
// anew. An error is ErrInvalid.
func (r *Ring) Unmask(text string) (id string, version uint32, err error) {
	sealed, ok := decodeBase58(text)
	if !ok || len(sealed) < idOff+padTo || (len(sealed)-idOff)%padTo != 0 {
		return "", 0, ErrInvalid
	}
	for _, k := range r.keys {
		padded, ok := k.cipher.open(sealed, k.associated())
		if !ok {
			continue
		}
		id, ok := unpad(padded)
		if !ok {
			break
		}
		return id, k.version, nil
	}
	return "", 0, ErrInvalid
}

// associated is what is authenticated beside the id.
func (k ringKey) associated() []byte { return binary.BigEndian.AppendUint32(nil, k.version) }

func pad(id string) []byte {
	padded := make([]byte, (len(id)/padTo+1)*padTo)
	copy(padded, id)
	padded[len(id)] = padBegins
	return padded
}

// unpad undoes pad. Only a key's owner can make what it refuses.
func unpad(padded []byte) (string, bool) {
	end := bytes.LastIndexByte(padded, padBegins)
	if end <= 0 || end > idBytesMax || len(padded)-end > padTo || len(bytes.Trim(padded[end+1:], "\x00")) > 0 {
		return "", false
	}
	return string(padded[:end]), true
}
