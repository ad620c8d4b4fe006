package flattrie

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// KeySizeError reports a key that is too long.
type KeySizeError struct{ Bytes int }

// Kind is TooLarge.
func (e *KeySizeError) Kind() fault.Kind { return fault.TooLarge }

func (e *KeySizeError) Error() string {
	return fmt.Sprintf("key of %d bytes: at most %d are allowed", e.Bytes, KeyBytesMax)
}

// FullError reports a key that does not fit because the buffer has reached its bound. The trie is as it was.
type FullError struct {
	UsedBytes, BoundBytes int
}

// Kind is TooLarge.
func (e *FullError) Kind() fault.Kind { return fault.TooLarge }

func (e *FullError) Error() string {
	return fmt.Sprintf("trie is full: %d bytes in use of at most %d", e.UsedBytes, e.BoundBytes)
}

// CorruptError reports bytes that are no sound trie.
type CorruptError struct {
	Off    int // where in the buffer
	Reason string
}

// Kind is Corrupt.
func (e *CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	return fmt.Sprintf("trie damaged at byte %d: %s", e.Off, e.Reason)
}
