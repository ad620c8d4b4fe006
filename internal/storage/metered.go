package storage

import (
	"path"
	"strings"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/vfs"
)

// newMeteredFS returns fs as the environment of o uses it.
func newMeteredFS(o *Options, io *iometrics.Recorder) vfs.FS {
	return meteredFS{FS: o.FS, dir: path.Clean(o.Dir), io: io}
}

// meteredFS is a file system that tells an environment's recorder of each write and each sync. What the operation is for follows
// from the name of the file, so nobody who writes one has to remember to tell.
type meteredFS struct {
	vfs.FS
	dir string // of the environment: events have names within it
	io  *iometrics.Recorder
}

// Open implements vfs.FS.
func (m meteredFS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := m.FS.Open(name, mode)
	if err != nil || mode&vfs.Write == 0 {
		return f, err
	}
	within := m.within(name)
	return &meteredFile{File: f, io: m.io, name: within, writes: writeKind(within)}, nil
}

// SyncDir implements vfs.FS.
func (m meteredFS) SyncDir(dir string) error {
	op := m.io.Begin(iometrics.Sync, m.within(dir), 0)
	err := m.FS.SyncDir(dir)
	op.Done(err)
	return err
}

// within is name as seen from the environment's directory.
func (m meteredFS) within(name string) string {
	if name == m.dir {
		return "."
	}
	return strings.TrimPrefix(name, m.dir+"/")
}

// writeKind says what writes to the file called name are for.
func writeKind(name string) iometrics.Kind {
	dir, base := path.Split(strings.TrimSuffix(name, newSuffix))
	switch {
	case dir == "" && base == dataName:
		return iometrics.DataWrite
	case dir == "" && (base == headerNames[0] || base == headerNames[1]):
		return iometrics.HeaderWrite
	case dir == journalDirName+"/" && name == dir+base:
		return iometrics.JournalWrite
	case dir == journalDirName+"/": // has no name of its own until it is full of zeros
		return iometrics.JournalFill
	default:
		return iometrics.OtherWrite
	}
}

// meteredFile is an open file of a meteredFS.
type meteredFile struct {
	vfs.File
	io     *iometrics.Recorder
	name   string
	writes iometrics.Kind
}

func (f *meteredFile) WriteAt(p []byte, off int64) (int, error) {
	op := f.io.Begin(f.writes, f.name, int64(len(p)))
	n, err := f.File.WriteAt(p, off)
	op.Done(err)
	return n, err
}

func (f *meteredFile) Allocate(off, length int64) error {
	kind, bytes := iometrics.DataGrow, length
	if f.writes == iometrics.JournalFill { // the zeros come next, and have the bytes
		kind, bytes = f.writes, 0
	}
	op := f.io.Begin(kind, f.name, bytes)
	err := f.File.Allocate(off, length)
	op.Done(err)
	return err
}

func (f *meteredFile) Sync() error {
	op := f.io.Begin(iometrics.Sync, f.name, 0)
	err := f.File.Sync()
	op.Done(err)
	return err
}
