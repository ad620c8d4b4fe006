package vfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFile is fdatasync(2): data, and the length when it changed, which is all that reading back needs.
func syncFile(f *os.File) error {
	return control(f, func(fd uintptr) error {
		return retryInterrupted(func() error { return unix.Fdatasync(int(fd)) })
	})
}

// reserve is fallocate(2). It says false where the file system has no such thing.
func reserve(f *os.File, off, length int64) (bool, error) {
	err := control(f, func(fd uintptr) error {
		return retryInterrupted(func() error { return unix.Fallocate(int(fd), 0, off, length) })
	})
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return false, nil
	}
	return err == nil, err
}

// writeThrough writes past the page cache: one request to the disk a write, and no second one to flush.
type writeThrough struct {
	file      *os.File
	direct    bool // opened with O_DIRECT; see writeIndirect
	syncAfter bool // O_DSYNC was refused: each write is followed by fdatasync
}

// openWriteThrough tries the best way first. File systems say EINVAL to what they do not have (tmpfs to O_DIRECT, until
// Linux 6.6), some of them only at the first write.
func openWriteThrough(name string) (*writeThrough, error) {
	ways := []struct {
		flags             int
		direct, syncAfter bool
	}{
		{flags: unix.O_DIRECT | unix.O_DSYNC, direct: true},
		{flags: unix.O_DSYNC},
		{syncAfter: true},
	}
	var file *os.File
	var err error
	for _, way := range ways {
		file, err = openShared(name, os.O_RDWR, way.flags)
		if err == nil {
			return &writeThrough{file: file, direct: way.direct, syncAfter: way.syncAfter}, nil
		}
		if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EOPNOTSUPP) {
			break
		}
	}
	return nil, err
}

func (w *writeThrough) writeAt(p []byte, off int64) (int, error) {
	n, err := w.file.WriteAt(p, off)
	if errors.Is(err, unix.EINVAL) && w.direct {
		n, err = w.writeIndirect(p, off, n)
	}
	if err == nil && w.syncAfter {
		err = syncFile(w.file)
	}
	return n, err
}

// writeIndirect clears O_DIRECT and writes what is left of p after n bytes. O_DSYNC stays set, so that the promise stands.
func (w *writeThrough) writeIndirect(p []byte, off int64, n int) (int, error) {
	err := control(w.file, func(fd uintptr) error {
		flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		if err != nil {
			return err
		}
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags&^unix.O_DIRECT)
		return err
	})
	if err != nil {
		return n, err
	}
	more, err := w.file.WriteAt(p[n:], off+int64(n))
	return n + more, err
}

func (w *writeThrough) close() error { return w.file.Close() }
