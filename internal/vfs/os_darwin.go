package vfs

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFile is F_FULLFSYNC, which os.File.Sync uses here: plain fsync leaves data in the drive's cache.
func syncFile(f *os.File) error { return f.Sync() }

// reserve asks for blocks at the end of the file. F_PREALLOCATE does not change the length, so the answer is always
// false: the caller extends. File systems without it refuse, which is no error either.
func reserve(f *os.File, off, length int64) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	more := off + length - info.Size()
	if more <= 0 {
		return true, nil
	}
	store := unix.Fstore_t{Flags: unix.F_ALLOCATEALL, Posmode: unix.F_PEOFPOSMODE, Length: more}
	err = control(f, func(fd uintptr) error {
		return retryInterrupted(func() error { return unix.FcntlFstore(fd, unix.F_PREALLOCATE, &store) })
	})
	if err != nil && isNoSpace(err) {
		return false, err
	}
	return false, nil
}

// writeThrough writes and then flushes the drive's cache: there is no flag for both at once.
type writeThrough struct {
	file *os.File
}

func openWriteThrough(name string) (*writeThrough, error) {
	file, err := openShared(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &writeThrough{file: file}, nil
}

func (w *writeThrough) writeAt(p []byte, off int64) (int, error) {
	n, err := w.file.WriteAt(p, off)
	if err == nil {
		err = syncFile(w.file)
	}
	return n, err
}

func (w *writeThrough) close() error { return w.file.Close() }
