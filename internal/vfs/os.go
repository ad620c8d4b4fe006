package vfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// OS returns the file system of this machine. Names are its paths, absolute or relative to the working directory.
func OS() FS { return osFS{} }

type osFS struct{}

func (osFS) Open(name string, mode Mode) (File, error) {
	f, err := openOSFile(filepath.FromSlash(name), mode)
	if err != nil {
		return nil, osError(err)
	}
	return f, nil
}

// MkdirAll syncs the parent of each directory that it makes, outermost first.
func (s osFS) MkdirAll(dir string) error {
	dir = filepath.FromSlash(dir)
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		return fmt.Errorf("make directory %q: %w: a file is in its place", dir, os.ErrExist)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := s.MkdirAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return osError(err)
	}
	return s.SyncDir(parent)
}

func (osFS) Remove(name string) error {
	return osError(os.Remove(filepath.FromSlash(name)))
}

func (osFS) RemoveAll(name string) error {
	return osError(os.RemoveAll(filepath.FromSlash(name)))
}

func (osFS) Rename(oldName, newName string) error {
	return osError(rename(filepath.FromSlash(oldName), filepath.FromSlash(newName)))
}

func (osFS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.FromSlash(dir)) // sorted by name
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, nil
}

func (osFS) Stat(name string) (Info, error) {
	info, err := os.Stat(filepath.FromSlash(name))
	if err != nil {
		return Info{}, err
	}
	if info.IsDir() {
		return Info{IsDir: true}, nil
	}
	return Info{SizeBytes: info.Size(), Shared: isShared(info.Mode())}, nil
}

func (osFS) SyncDir(dir string) error {
	return osError(syncDir(filepath.FromSlash(dir)))
}

func (osFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(filepath.FromSlash(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, osError(err)
	}
	held, err := lockFile(f)
	if err == nil && !held {
		err = &LockedError{Name: name}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil // closing the file gives the lock back
}

// osError wraps err so that a full disk is ErrNoSpace on every platform; other errors and nil pass.
func osError(err error) error {
	if err == nil || !isNoSpace(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNoSpace, err)
}

// control calls fn with the file's descriptor or handle, which stays valid during the call.
func control(f *os.File, fn func(fd uintptr) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if raw.Control(func(fd uintptr) { inner = fn(fd) }) != nil { // only ever says that the file is closed
		return &os.PathError{Op: "use", Path: f.Name(), Err: os.ErrClosed}
	}
	return inner
}
