package salvage

import (
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/vfs"
)

// tempFile is a file beside the output for what does not fit into memory. It is made when it is first written, and removed
// by close.
type tempFile struct {
	fs   vfs.FS
	name string
	file vfs.File
	end  int64 // bytes
}

// reserve returns the place of n bytes at the end.
func (f *tempFile) reserve(n int) (off int64) {
	off = f.end
	f.end += int64(n)
	return off
}

func (f *tempFile) write(b []byte, off int64) error {
	if f.file == nil {
		file, err := f.fs.Open(f.name, vfs.Write|vfs.Create)
		if err != nil {
			return fmt.Errorf("make temporary file: %w", err)
		}
		f.file = file
	}
	if _, err := f.file.WriteAt(b, off); err != nil {
		return fmt.Errorf("write temporary file: %w", err)
	}
	return nil
}

func (f *tempFile) read(b []byte, off int64) error {
	if n, err := f.file.ReadAt(b, off); n < len(b) {
		return fmt.Errorf("read temporary file: %w", err)
	}
	return nil
}

func (f *tempFile) close() error {
	if f.file == nil {
		return nil
	}
	err := errors.Join(f.file.Close(), f.fs.Remove(f.name))
	f.file = nil
	return err
}
