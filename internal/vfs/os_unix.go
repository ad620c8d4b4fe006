//go:build linux || darwin

package vfs

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

func openShared(name string, flags, extra int) (*os.File, error) {
	return os.OpenFile(name, flags|extra, 0o600)
}

// isShared says whether mode gives group or others anything.
func isShared(mode os.FileMode) bool { return mode.Perm()&0o077 != 0 }

func rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// syncDir syncs the directory itself: the only way POSIX knows to make its names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lockFile tries to take flock(2), which belongs to the open file: a second Lock of one process is refused as well.
func lockFile(f *os.File) (held bool, err error) {
	err = control(f, func(fd uintptr) error {
		return retryInterrupted(func() error { return unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
	})
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func isNoSpace(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// retryInterrupted repeats call while a signal interrupts it: Go's own signals do so on some file systems.
func retryInterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// unixMapping is memory from mmap(2).
type unixMapping struct {
	bytes []byte
	once  sync.Once
	err   error
}

func mapFile(f *os.File, length int) (Mapping, error) {
	m := &unixMapping{}
	err := control(f, func(fd uintptr) (err error) {
		m.bytes, err = unix.Mmap(int(fd), 0, length, unix.PROT_READ, unix.MAP_SHARED)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *unixMapping) Bytes() []byte { return m.bytes }

func (m *unixMapping) Close() error {
	m.once.Do(func() { m.err = unix.Munmap(m.bytes) })
	return m.err
}
