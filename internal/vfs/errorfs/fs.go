package errorfs

import (
	"errors"
	"io"
	"sync"

	"github.com/rookerydb/rookery/internal/vfs"
)

// FS is a file system on another one, in which a rule decides what fails. It implements vfs.FS.
type FS struct {
	inner vfs.FS

	mu     sync.Mutex // guards all below
	rule   Rule
	count  int
	byKind [kindCount]int
}

// New returns inner with nothing failing yet.
func New(inner vfs.FS) *FS { return &FS{inner: inner} }

// Fail sets the rule, in place of the one before; nil lets nothing fail. The numbers of Op.Seq go on.
func (f *FS) Fail(rule Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rule = rule
}

// OpCount is the number of operations of the kinds so far, those that failed included. No kinds mean all.
func (f *FS) OpCount(kinds ...Kind) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(kinds) == 0 {
		return f.count
	}
	n := 0
	for _, kind := range kinds {
		n += f.byKind[kind]
	}
	return n
}

// begin numbers op and asks the rule; it waits when the rule says so.
func (f *FS) begin(op Op) error {
	err := f.ask(op)
	if wait, ok := errors.AsType[*WaitError](err); ok {
		return <-wait.Until
	}
	return err
}

func (f *FS) ask(op Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	op.Seq = f.count
	f.count++
	f.byKind[op.Kind]++
	if f.rule == nil {
		return nil
	}
	return f.rule(op)
}

// beginWhole is begin for operations that cannot be done in part.
func (f *FS) beginWhole(op Op) error {
	err := f.begin(op)
	if partial, ok := errors.AsType[*PartialError](err); ok {
		return partial.Err
	}
	return err
}

// Open implements vfs.FS.
func (f *FS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	if err := f.beginWhole(Op{Kind: Open, Name: name}); err != nil {
		return nil, err
	}
	inner, err := f.inner.Open(name, mode)
	if err != nil {
		return nil, err
	}
	return &file{fs: f, inner: inner, name: name}, nil
}

// MkdirAll implements vfs.FS.
func (f *FS) MkdirAll(dir string) error {
	if err := f.beginWhole(Op{Kind: MkdirAll, Name: dir}); err != nil {
		return err
	}
	return f.inner.MkdirAll(dir)
}

// Remove implements vfs.FS.
func (f *FS) Remove(name string) error {
	if err := f.beginWhole(Op{Kind: Remove, Name: name}); err != nil {
		return err
	}
	return f.inner.Remove(name)
}

// RemoveAll implements vfs.FS.
func (f *FS) RemoveAll(name string) error {
	if err := f.beginWhole(Op{Kind: RemoveAll, Name: name}); err != nil {
		return err
	}
	return f.inner.RemoveAll(name)
}

// Rename implements vfs.FS.
func (f *FS) Rename(oldName, newName string) error {
	if err := f.beginWhole(Op{Kind: Rename, Name: oldName, NewName: newName}); err != nil {
		return err
	}
	return f.inner.Rename(oldName, newName)
}

// List implements vfs.FS.
func (f *FS) List(dir string) ([]string, error) {
	if err := f.beginWhole(Op{Kind: List, Name: dir}); err != nil {
		return nil, err
	}
	return f.inner.List(dir)
}

// Stat implements vfs.FS.
func (f *FS) Stat(name string) (vfs.Info, error) {
	if err := f.beginWhole(Op{Kind: Stat, Name: name}); err != nil {
		return vfs.Info{}, err
	}
	return f.inner.Stat(name)
}

// SyncDir implements vfs.FS.
func (f *FS) SyncDir(dir string) error {
	if err := f.beginWhole(Op{Kind: SyncDir, Name: dir}); err != nil {
		return err
	}
	return f.inner.SyncDir(dir)
}

// Lock implements vfs.FS.
func (f *FS) Lock(name string) (io.Closer, error) {
	if err := f.beginWhole(Op{Kind: Lock, Name: name}); err != nil {
		return nil, err
	}
	return f.inner.Lock(name)
}
