package storagetest

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/secret"
)

// Encryption encrypts with a key that is known to all tests and nonces from a fixed seed. It is never the same twice, so that
// two openings do not share their chance.
func Encryption(algorithm crypt.Algorithm, seed byte) *storage.Encryption {
	key := [secret.KeyBytes]byte{1, 2, 3}
	sealed, err := secret.Seal(&key, rand.NewChaCha8([32]byte{1}), secret.Options{})
	if err != nil {
		panic(err) // no memory for 32 bytes
	}
	return &storage.Encryption{
		Key: sealed, Memory: secret.NewArena(secret.Options{}), Algorithm: algorithm, Random: &sharedRandom{random: rand.NewChaCha8([32]byte{seed})},
	}
}

// sharedRandom is chance that several goroutines may draw from, as crypto/rand is.
type sharedRandom struct {
	mu     sync.Mutex // guards random
	random *rand.ChaCha8
}

func (s *sharedRandom) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Read(p)
}

// PlainOnly leaves a test out where the helpers make encrypted environments, because of what it counts.
func PlainOnly(t testing.TB, why string) {
	t.Helper()
	if Encrypted {
		t.Skip(why)
	}
}
