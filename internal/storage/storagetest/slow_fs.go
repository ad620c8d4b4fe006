package storagetest

import (
	"github.com/rookerydb/rookery/internal/vfs"
)

// SlowFS is a file system whose writes and syncs take as long as a test wants.
type SlowFS struct {
	vfs.FS
	// Delay is called before each write of so many bytes, and with 0 before each sync, of the file or directory called name. It
	// sleeps for as long as the operation shall take, and returns what it shall fail with, nil for nothing. Called by several
	// goroutines at once, without a lock.
	Delay func(name string, bytes int) error
}

// Open implements vfs.FS.
func (s *SlowFS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := s.FS.Open(name, mode)
	if err != nil {
		return nil, err
	}
	return &slowFile{File: f, fs: s, name: name}, nil
}

// SyncDir implements vfs.FS.
func (s *SlowFS) SyncDir(dir string) error {
	if err := s.Delay(dir, 0); err != nil {
		return err
	}
	return s.FS.SyncDir(dir)
}

type slowFile struct {
	vfs.File
	fs   *SlowFS
	name string
}

func (f *slowFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.Delay(f.name, len(p)); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, off)
}

func (f *slowFile) Sync() error {
	if err := f.fs.Delay(f.name, 0); err != nil {
		return err
	}
	return f.File.Sync()
}
