package journal

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/planted"
)

// Sizes of what an encrypted record has besides.
const (
	TagBytes   = 16
	NonceBytes = 12
)

// Cipher encrypts and decrypts the payloads of records, each with the key of its transaction.
type Cipher interface {
	// Algorithm is what records say of their encryption; not zero.
	Algorithm() uint8
	// Nonce returns one that was never used before, as far as chance can tell.
	Nonce() ([NonceBytes]byte, error)
	// SealRecord encrypts payload in place and sets tag, which also covers associated.
	SealRecord(payload []byte, tag *[TagBytes]byte, nonce [NonceBytes]byte, tx uint64, associated []byte)
	// OpenRecord decrypts payload in place; an error when anything is not as it was sealed.
	OpenRecord(payload []byte, tag [TagBytes]byte, nonce [NonceBytes]byte, tx uint64, associated []byte) error
}

// encrypt encrypts the payload behind a header that is complete but for hash, tag, nonce and algorithm, and writes the last three.
func encrypt(head, payload []byte, tx uint64, c Cipher) error {
	nonce, err := c.Nonce()
	if err != nil {
		return err
	}
	copy(head[nonceOff:], nonce[:])
	head[cipherOff] = c.Algorithm()
	var tag [TagBytes]byte
	c.SealRecord(payload, &tag, nonce, tx, head) // hash and tag are zero in it still
	copy(head[tagOff:], tag[:])
	return nil
}

// decrypt returns the payload in clear, as it lies in the file or in memory of d.
func (d *Decoder) decrypt(head, payload []byte) ([]byte, error) {
	algorithm := head[cipherOff]
	switch {
	case algorithm == 0 && (d.Cipher == nil || planted.Is(planted.AcceptPlain)):
		return payload, nil
	case algorithm == 0:
		return nil, &DecodeError{Reason: "the payload is not encrypted, but should be"}
	case d.Cipher == nil:
		return nil, &DecodeError{Reason: "the payload is encrypted"}
	case algorithm != d.Cipher.Algorithm():
		return nil, &DecodeError{Reason: "the payload is encrypted in another way"}
	}
	associated := [HeaderBytes]byte(head)
	clear(associated[hashOff:versionOff])
	clear(associated[tagOff : tagOff+TagBytes])
	tag, nonce := [TagBytes]byte(head[tagOff:nonceOff]), [NonceBytes]byte(head[nonceOff:cipherOff])
	if cap(d.plain) < len(payload) {
		clear(d.plain[:cap(d.plain)])
		d.plain = make([]byte, len(payload))
	}
	plain := d.plain[:copy(d.plain[:cap(d.plain)], payload)]
	if err := d.Cipher.OpenRecord(plain, tag, nonce, binary.LittleEndian.Uint64(head[txOff:]), associated[:]); err != nil {
		return nil, &DecodeError{Reason: "the payload is not what was encrypted"}
	}
	return plain, nil
}
