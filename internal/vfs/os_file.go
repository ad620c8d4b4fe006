package vfs

import (
	"errors"
	"fmt"
	"math"
	"os"
)

// osFile is an open file of the operating system.
//
// A WriteThrough file is opened twice: reads, mapping, length and Sync go through an ordinary descriptor, as a direct one
// would ask for alignment there too.
type osFile struct {
	file    *os.File
	through *writeThrough // nil unless opened with WriteThrough
}

func openOSFile(name string, mode Mode) (*osFile, error) {
	file, err := openShared(name, openFlags(mode), 0)
	if err != nil {
		return nil, err
	}
	f := &osFile{file: file}
	if err := f.refuseDirectory(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if mode&WriteThrough != 0 {
		if f.through, err = openWriteThrough(name); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return f, nil
}

func openFlags(mode Mode) int {
	if mode&(Write|WriteThrough) == 0 {
		return os.O_RDONLY
	}
	flags := os.O_RDWR
	if mode&Create != 0 {
		flags |= os.O_CREATE
	}
	if mode&Exclusive != 0 {
		flags |= os.O_EXCL
	}
	return flags
}

// refuseDirectory makes reading one an error at Open on every platform, as writing one is already.
func (f *osFile) refuseDirectory() error {
	info, err := f.file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("open %q: %w: it is a directory", f.file.Name(), os.ErrInvalid)
	}
	return err
}

func (f *osFile) ReadAt(p []byte, off int64) (int, error) {
	return f.file.ReadAt(p, off) // loops until p is full, the file ends, or an error
}

func (f *osFile) WriteAt(p []byte, off int64) (int, error) {
	var n int
	var err error
	if f.through != nil {
		AssertAligned(p, off)
		n, err = f.through.writeAt(p, off)
	} else {
		n, err = f.file.WriteAt(p, off) // loops over short writes and interruptions
	}
	return n, osError(err)
}

func (f *osFile) Size() (int64, error) {
	info, err := f.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f *osFile) Truncate(size int64) error {
	return osError(f.file.Truncate(size))
}

func (f *osFile) Allocate(off, length int64) error {
	reserved, err := reserve(f.file, off, length)
	if err != nil || reserved {
		return osError(err)
	}
	return f.extend(off + length)
}

// extend makes the file at least size bytes long, for file systems that reserve nothing.
func (f *osFile) extend(size int64) error {
	now, err := f.Size()
	if err != nil || now >= size {
		return err
	}
	return f.Truncate(size)
}

func (f *osFile) Sync() error {
	return osError(syncFile(f.file))
}

func (f *osFile) Map(length int64) (Mapping, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if length < 0 || length > size || length > math.MaxInt {
		return nil, &MapRangeError{Name: f.file.Name(), LengthBytes: length, SizeBytes: size}
	}
	if length == 0 {
		return emptyMapping{}, nil // no platform maps nothing
	}
	m, err := mapFile(f.file, int(length))
	if err != nil {
		return nil, fmt.Errorf("map %d bytes of %q: %w", length, f.file.Name(), err)
	}
	return m, nil
}

func (f *osFile) Close() error {
	err := f.file.Close()
	if f.through != nil {
		err = errors.Join(err, f.through.close())
	}
	return osError(err)
}

type emptyMapping struct{}

func (emptyMapping) Bytes() []byte { return nil }
func (emptyMapping) Close() error  { return nil }
