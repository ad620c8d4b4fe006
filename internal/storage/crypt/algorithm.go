package crypt

import (
	"fmt"
	"strings"

	"github.com/rookerydb/rookery/internal/fault"
	"golang.org/x/sys/cpu"
)

// Algorithm is an authenticated cipher. Its number is stored in files; zero is none.
type Algorithm uint8

// The algorithms.
const (
	AESGCM           Algorithm = 1 // AES-256-GCM (NIST SP 800-38D)
	ChaCha20Poly1305 Algorithm = 2 // RFC 8439
)

// Preferred returns the faster one on this machine: AES where the processor has instructions for it and for GCM's
// multiplication. Without these AES would also be open to who can measure the cache.
func Preferred() Algorithm {
	x86 := cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ && cpu.X86.HasSSE41
	arm := cpu.ARM64.HasAES && cpu.ARM64.HasPMULL
	s390x := cpu.S390X.HasAES && cpu.S390X.HasAESGCM
	if x86 || arm || s390x {
		return AESGCM
	}
	return ChaCha20Poly1305
}

// Known says whether a is an algorithm that this code can use.
func (a Algorithm) Known() bool { return a == AESGCM || a == ChaCha20Poly1305 }

// String returns the usual name.
func (a Algorithm) String() string {
	switch a {
	case AESGCM:
		return "AES-256-GCM"
	case ChaCha20Poly1305:
		return "ChaCha20-Poly1305"
	default:
		return fmt.Sprintf("algorithm %d", uint8(a))
	}
}

// ParseAlgorithm reads what String writes for known algorithms, in any case; else *AlgorithmError.
func ParseAlgorithm(text string) (Algorithm, error) {
	for _, a := range []Algorithm{AESGCM, ChaCha20Poly1305} {
		if strings.EqualFold(text, a.String()) {
			return a, nil
		}
	}
	return 0, &AlgorithmError{Text: text}
}

// AlgorithmError reports the name of a cipher that we do not have.
type AlgorithmError struct{ Text string }

// Kind is Invalid.
func (*AlgorithmError) Kind() fault.Kind { return fault.Invalid }

func (e *AlgorithmError) Error() string {
	return fmt.Sprintf("%q is no algorithm: use %v or %v", e.Text, AESGCM, ChaCha20Poly1305)
}
