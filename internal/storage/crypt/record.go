package crypt

// SealRecord encrypts the payload of transaction tx's record in place, and writes its tag. nonce must be random, for a
// transaction that was lost in a crash comes again with the same id. associated is authenticated with it: the record's
// header as it will be, with hash and tag zero.
func (k *Keys) SealRecord(payload []byte, tag *[TagBytes]byte, nonce [NonceBytes]byte, tx uint64, associated []byte) {
	k.seal(&k.journal, tx, payload, tag[:], nonce[:], associated)
}

// OpenRecord decrypts the payload of transaction tx's record in place. *TamperError when it is not what SealRecord made
// with these keys and the same associated bytes; then payload is wiped.
func (k *Keys) OpenRecord(payload []byte, tag [TagBytes]byte, nonce [NonceBytes]byte, tx uint64, associated []byte) error {
	if !k.open(&k.journal, tx, payload, payload, tag[:], nonce[:], associated) {
		return &TamperError{Part: RecordPart, Number: tx, Reason: BadTag}
	}
	return nil
}
