package vfs

import (
	"errors"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// openShared lets others read, write, rename and remove the file while it is open, as the other platforms do.
func openShared(name string, flags int, attributes uint32) (*os.File, error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	access := uint32(windows.GENERIC_READ)
	if flags&os.O_RDWR != 0 {
		access |= windows.GENERIC_WRITE
	}
	share := uint32(windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE)
	attributes |= windows.FILE_ATTRIBUTE_NORMAL
	handle, err := windows.CreateFile(path, access, share, nil, disposition(flags), attributes, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}

func disposition(flags int) uint32 {
	switch {
	case flags&os.O_EXCL != 0:
		return windows.CREATE_NEW
	case flags&os.O_CREATE != 0:
		return windows.OPEN_ALWAYS
	}
	return windows.OPEN_EXISTING
}

// rename is durable when it returns, as there is no syncing of directories here.
func rename(oldName, newName string) error {
	from, err := windows.UTF16PtrFromString(oldName)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: oldName, New: newName, Err: err}
	}
	to, err := windows.UTF16PtrFromString(newName)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: oldName, New: newName, Err: err}
	}
	err = windows.MoveFileEx(from, to, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: oldName, New: newName, Err: err}
	}
	return nil
}

// syncDir only looks whether dir is there: NTFS logs its names itself, in order, and rename writes through.
func syncDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = &os.PathError{Op: "sync", Path: dir, Err: windows.ERROR_DIRECTORY}
	}
	return err
}

func syncFile(f *os.File) error { return f.Sync() }

// reserve says false: setting the length reserves the clusters on NTFS.
func reserve(*os.File, int64, int64) (bool, error) { return false, nil }

func lockFile(f *os.File) (held bool, err error) {
	err = control(f, func(handle uintptr) error {
		const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
		return windows.LockFileEx(windows.Handle(handle), flags, 0, 1, 0, &windows.Overlapped{})
	})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

func isNoSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// writeThrough has FILE_FLAG_WRITE_THROUGH: NTFS hands each write to the disk with "force unit access".
type writeThrough struct {
	file *os.File
}

func openWriteThrough(name string) (*writeThrough, error) {
	file, err := openShared(name, os.O_RDWR, windows.FILE_FLAG_WRITE_THROUGH)
	if err != nil {
		return nil, err
	}
	return &writeThrough{file: file}, nil
}

func (w *writeThrough) writeAt(p []byte, off int64) (int, error) { return w.file.WriteAt(p, off) }

func (w *writeThrough) close() error { return w.file.Close() }

// windowsMapping is a view of a section object.
type windowsMapping struct {
	bytes []byte
	once  sync.Once
	err   error
}

func mapFile(f *os.File, length int) (Mapping, error) {
	m := &windowsMapping{}
	err := control(f, func(handle uintptr) error {
		size := uint64(length)
		section, err := windows.CreateFileMapping(windows.Handle(handle), nil, windows.PAGE_READONLY,
			uint32(size>>32), uint32(size), nil)
		if err != nil {
			return err
		}
		address, err := windows.MapViewOfFile(section, windows.FILE_MAP_READ, 0, 0, uintptr(length))
		if err == nil {
			m.bytes = viewBytes(address, length)
		}
		return errors.Join(err, windows.CloseHandle(section)) // the view keeps the section alive
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// viewBytes makes a slice of a view's address. The address is no Go memory, so the usual rule for uintptr does not bite.
func viewBytes(address uintptr, length int) []byte {
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), length)
}

func (m *windowsMapping) Bytes() []byte { return m.bytes }

func (m *windowsMapping) Close() error {
	m.once.Do(func() { m.err = windows.UnmapViewOfFile(uintptr(unsafe.Pointer(unsafe.SliceData(m.bytes)))) })
	return m.err
}

// isShared cannot be told from a mode here: rights are in access lists.
func isShared(os.FileMode) bool { return false }
