package storage

import (
	"fmt"
	"io"
	"sync"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/secret"
)

// Encryption says how an encrypted environment is opened.
type Encryption struct {
	// Key is the database's. It is opened while it is needed, and must not be destroyed before the environment is closed.
	Key *secret.Sealed
	// Memory is where decrypted pages are kept; several environments may share it.
	Memory *secret.Arena
	// Algorithm is for an environment that is created; others know theirs. Zero takes what suits the processor.
	Algorithm crypt.Algorithm
	// Random gives the nonces, and must be fit for keys: crypto/rand, except in tests.
	Random io.Reader
}

// KeyError reports an environment that was opened with the wrong key, without one although it is encrypted, or with one
// although it is not.
type KeyError struct {
	Dir    string
	Reason string // lower case
}

// Kind is Forbidden.
func (*KeyError) Kind() fault.Kind { return fault.Forbidden }

func (e *KeyError) Error() string { return fmt.Sprintf("environment %q: %s", e.Dir, e.Reason) }

// vault has the keys of an encrypted environment ready while somebody needs them, and wipes them after the last one.
type vault struct {
	key       *secret.Sealed
	algorithm crypt.Algorithm
	env       journal.EnvID
	random    io.Reader

	mu    sync.Mutex // guards what follows
	users int
	keys  *crypt.Keys
}

func newVault(e *Encryption, algorithm crypt.Algorithm, env journal.EnvID) *vault {
	return &vault{key: e.Key, algorithm: algorithm, env: env, random: e.Random}
}

// open returns the keys, which stay until close. Each open needs its close.
func (v *vault) open() *crypt.Keys {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.users++; v.users == 1 {
		v.keys = crypt.NewKeys(v.algorithm, v.key.Open()[:], v.env[:])
		v.key.Close()
	}
	return v.keys
}

func (v *vault) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	invariant.Assert(v.users > 0, "keys closed twice")
	if v.users--; v.users == 0 {
		v.keys.Wipe()
		v.keys = nil
	}
}

// headerMAC authenticates the bytes of a header.
func (v *vault) headerMAC(b []byte) [crypt.TagBytes]byte {
	defer v.close()
	return v.open().HeaderMAC(b)
}

// SealRecord encrypts the payload of a journal record; see journal.Cipher.
func (v *vault) SealRecord(payload []byte, tag *[crypt.TagBytes]byte, nonce [crypt.NonceBytes]byte, tx uint64, associated []byte) {
	defer v.close()
	v.open().SealRecord(payload, tag, nonce, tx, associated)
}

// OpenRecord decrypts what SealRecord encrypted; see journal.Cipher.
func (v *vault) OpenRecord(payload []byte, tag [crypt.TagBytes]byte, nonce [crypt.NonceBytes]byte, tx uint64, associated []byte) error {
	defer v.close()
	return v.open().OpenRecord(payload, tag, nonce, tx, associated)
}

// Nonce returns a random one, for a journal record.
func (v *vault) Nonce() (nonce [crypt.NonceBytes]byte, err error) {
	_, err = io.ReadFull(v.random, nonce[:])
	return nonce, err
}

// Algorithm is what records say of their encryption.
func (v *vault) Algorithm() uint8 { return uint8(v.algorithm) }

// Sealer seals what belongs to an encrypted environment but lies in files of its own beside it.
type Sealer struct{ vault *vault }

// sealerTx takes the place of a transaction in deriving the key: no transaction ever has this number.
const sealerTx = ^uint64(0)

// Sealer returns false for a plain environment: what lies beside it is in clear, too.
func (e *Env) Sealer() (s *Sealer, encrypted bool) {
	return &Sealer{vault: e.vault}, e.vault != nil
}

// Seal appends plain to dst, encrypted: a random nonce, the tag, and as many bytes as plain has. bound must be the same for Unseal.
func (s *Sealer) Seal(dst, plain, bound []byte) ([]byte, error) {
	nonce, err := s.vault.Nonce()
	if err != nil {
		return dst, err
	}
	head := len(dst) + crypt.NonceBytes
	dst = append(append(dst, nonce[:]...), make([]byte, crypt.TagBytes)...)
	at := len(dst)
	dst = append(dst, plain...)
	s.vault.SealRecord(dst[at:], (*[crypt.TagBytes]byte)(dst[head:at]), nonce, sealerTx, bound)
	return dst, nil
}

// Unseal appends what Seal was given to dst. *crypt.TamperError when sealed or bound are not what they were.
func (s *Sealer) Unseal(dst, sealed, bound []byte) ([]byte, error) {
	const head = crypt.NonceBytes + crypt.TagBytes
	if len(sealed) < head {
		return dst, &crypt.TamperError{Part: crypt.RecordPart, Number: sealerTx, Reason: crypt.BadSize}
	}
	at := len(dst)
	dst = append(dst, sealed[head:]...)
	nonce, tag := [crypt.NonceBytes]byte(sealed[:crypt.NonceBytes]), [crypt.TagBytes]byte(sealed[crypt.NonceBytes:head])
	if err := s.vault.OpenRecord(dst[at:], tag, nonce, sealerTx, bound); err != nil {
		return dst[:at], err
	}
	return dst, nil
}

// secretMemory is memory for decrypted pages.
type secretMemory struct{ arena *secret.Arena }

func (m secretMemory) take(bytes int) ([]byte, error) { return m.arena.Take(bytes) }

func (m secretMemory) give(data []byte) { m.arena.Give(data) }
