package errorfs

import (
	"fmt"
)

// Rule looks at an operation that is about to be done and returns the error that it shall fail with, or nil. It is called by
// one goroutine at a time and must not use the file system itself, nor wait: see WaitError.
type Rule func(Op) error

// PartialError lets a read or write do its first Bytes bytes and then fail with Err; the caller sees Err, not this.
// With Err nil the operation says that it did fewer bytes than asked and gives no error, which no file should: a test that the
// caller counts. Other operations fail with Err without being done.
type PartialError struct {
	Bytes int
	Err   error
}

func (e *PartialError) Error() string { return fmt.Sprintf("after %d bytes: %v", e.Bytes, e.Err) }

// Unwrap returns Err.
func (e *PartialError) Unwrap() error { return e.Err }

// WaitError lets the operation wait until Until gives it a result: nil lets it be done, an error fails it. Other operations
// go on meanwhile, as they would beside a slow disk.
type WaitError struct{ Until <-chan error }

func (e *WaitError) Error() string { return "waiting for a result" }

// Nth lets the operation that is number n (from 0) among those of the kinds fail with err, once. No kinds mean all.
func Nth(n int, err error, kinds ...Kind) Rule {
	return counted(err, kinds, func(i int) bool { return i == n })
}

// From lets that operation and all later ones of the kinds fail with err.
func From(n int, err error, kinds ...Kind) Rule {
	return counted(err, kinds, func(i int) bool { return i >= n })
}

func counted(err error, kinds []Kind, fails func(i int) bool) Rule {
	next := 0
	return func(op Op) error {
		if !op.In(kinds...) {
			return nil
		}
		i := next
		next++
		if fails(i) {
			return err
		}
		return nil
	}
}
