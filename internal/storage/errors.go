package storage

import (
	"fmt"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// CorruptError reports stored bytes that are not what was written. Nothing of them was handed out.
type CorruptError struct {
	File string  // data, header, journal: which part of the environment
	Page page.No // in the data file; zero when no single page is meant
	Err  error   // what was found
}

// Kind is Corrupt.
func (*CorruptError) Kind() fault.Kind { return fault.Corrupt }

func (e *CorruptError) Error() string {
	if e.Page != 0 {
		return fmt.Sprintf("%s is damaged at page %d: %v", e.File, e.Page, e.Err)
	}
	return fmt.Sprintf("%s is damaged: %v", e.File, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// DiskFullError reports a transaction that was dropped because the disk has no room. The environment works on: reads as
// before, writes when there is room again.
type DiskFullError struct{ Err error }

// Kind is Unavailable.
func (*DiskFullError) Kind() fault.Kind { return fault.Unavailable }

func (e *DiskFullError) Error() string { return fmt.Sprintf("disk full: %v", e.Err) }

func (e *DiskFullError) Unwrap() error { return e.Err }

// noRetry hides what err wraps: a sync that failed because the disk is full failed for good all the same.
type noRetry struct{ err error }

func (e noRetry) Error() string { return e.err.Error() }

// ReaderTooOldError reports a write that was refused because page versions which old readers hold back fill
// Options.MaxUnflushedBytes. Writes go on when these readers close.
type ReaderTooOldError struct {
	HeldBytes, BoundBytes int64
	Age                   time.Duration // of the oldest snapshot in use, since it was replaced
}

// Kind is Unavailable.
func (*ReaderTooOldError) Kind() fault.Kind { return fault.Unavailable }

func (e *ReaderTooOldError) Error() string {
	return fmt.Sprintf("page versions of %d bytes wait for a reader that is %v behind; the bound is %d bytes",
		e.HeldBytes, e.Age, e.BoundBytes)
}

// TxTooLargeError reports a transaction that changed more than Options.MaxUnflushedBytes. It can only be rolled back.
type TxTooLargeError struct{ Bytes int64 }

// Kind is TooLarge.
func (*TxTooLargeError) Kind() fault.Kind { return fault.TooLarge }

func (e *TxTooLargeError) Error() string {
	return fmt.Sprintf("transaction changed %d bytes of pages, more than the bound", e.Bytes)
}

// ClosedError reports a call on an environment after Close.
type ClosedError struct{ Dir string }

// Kind is Unavailable.
func (*ClosedError) Kind() fault.Kind { return fault.Unavailable }

func (e *ClosedError) Error() string { return fmt.Sprintf("environment %q is closed", e.Dir) }

// ReadOnlyError reports a write to an environment that was opened with Options.ReadOnly.
type ReadOnlyError struct{ Dir string }

// Kind is Forbidden.
func (*ReadOnlyError) Kind() fault.Kind { return fault.Forbidden }

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("environment %q is open to read only", e.Dir)
}

// FailedError reports that the environment takes no more writes, because its disk failed or holds damaged bytes. Reads
// go on. Only opening it anew can help.
type FailedError struct {
	Dir string
	Err error // the first failure
}

// Kind is Unavailable, or Corrupt when damaged bytes were the cause.
func (e *FailedError) Kind() fault.Kind {
	if fault.Of(e.Err) == fault.Corrupt {
		return fault.Corrupt
	}
	return fault.Unavailable
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("environment %q takes no more writes: %v", e.Dir, e.Err)
}

func (e *FailedError) Unwrap() error { return e.Err }

// NewerFormatError reports files of a later version. Nothing was changed.
type NewerFormatError struct {
	Dir             string
	Found, Readable uint32 // versions
}

// Kind is Invalid.
func (*NewerFormatError) Kind() fault.Kind { return fault.Invalid }

func (e *NewerFormatError) Error() string {
	return fmt.Sprintf("environment %q has format %d, this version reads up to %d: open it with the version that wrote it",
		e.Dir, e.Found, e.Readable)
}

// KindError reports a name that stands for another kind of structure than asked for.
type KindError struct {
	Name        string
	Want, Found string
}

// Kind is Conflict.
func (*KindError) Kind() fault.Kind { return fault.Conflict }

func (e *KindError) Error() string {
	return fmt.Sprintf("%q is a %s, not a %s", e.Name, e.Found, e.Want)
}

// NameError reports a name that is empty or longer than NameBytesMax.
type NameError struct{ Bytes int }

// Kind is Invalid.
func (*NameError) Kind() fault.Kind { return fault.Invalid }

func (e *NameError) Error() string {
	return fmt.Sprintf("name of %d bytes: must have 1 to %d", e.Bytes, NameBytesMax)
}

// SwapPendingError reports that a compaction was interrupted while its result moved into the place of the environment, and
// that the environment was opened to read only: neither the old files nor the new ones can be read as they lie.
type SwapPendingError struct{ Dir string }

// Kind is Unavailable: opening it to write helps.
func (*SwapPendingError) Kind() fault.Kind { return fault.Unavailable }

func (e *SwapPendingError) Error() string {
	return fmt.Sprintf("a compaction of environment %q was interrupted while its files were moved: start the server on it once, "+
		"or run rookery compact on it, to finish that; then it can be read again", e.Dir)
}

// MissingError reports a directory without an environment, where one must be.
type MissingError struct{ Dir string }

// Kind is NotFound.
func (*MissingError) Kind() fault.Kind { return fault.NotFound }

func (e *MissingError) Error() string {
	return fmt.Sprintf("directory %q holds no environment: it has no file %q", e.Dir, dataName)
}

// UnknownStructureError reports a structure that a copy was not told how to copy. Nothing is left out silently.
type UnknownStructureError struct{ Name, StructureKind string }

// Kind is Invalid.
func (*UnknownStructureError) Kind() fault.Kind { return fault.Invalid }

func (e *UnknownStructureError) Error() string {
	return fmt.Sprintf("the %s %q is of no kind that can be copied here: it would be lost", e.StructureKind, e.Name)
}

// CopyError reports a copy that does not hold what the original holds.
type CopyError struct{ Name, Why string }

// Kind is Corrupt: the original contradicts itself, or the copy was not written as it was meant.
func (*CopyError) Kind() fault.Kind { return fault.Corrupt }

func (e *CopyError) Error() string { return fmt.Sprintf("copy of %q: %s", e.Name, e.Why) }
