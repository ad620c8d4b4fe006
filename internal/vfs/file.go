package vfs

import (
	"errors"
	"fmt"
	"io"
	"path"
)

// ReadFile returns all bytes of the file called name. The caller owns them.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name, 0)
	if err != nil {
		return nil, err
	}
	data, err := readAll(f)
	return data, errors.Join(err, f.Close())
}

func readAll(f File) ([]byte, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	n, err := f.ReadAt(data, 0)
	if errors.Is(err, io.EOF) { // cut since Size, or ended exactly there: what was read is the file
		err = nil
	}
	return data[:n], err
}

// WriteFileDurable replaces the file called name by data. When it returns nil, a power cut leaves the new bytes; when it
// fails, or power is cut on the way, name holds the old bytes or the new ones, never a mixture. A file called name+".new"
// is in its way and is overwritten.
func WriteFileDurable(fsys FS, name string, data []byte) error {
	temp := name + ".new"
	if err := writeSynced(fsys, temp, data); err != nil {
		return errors.Join(fmt.Errorf("write %q: %w", temp, err), removeIfThere(fsys, temp))
	}
	if err := fsys.Rename(temp, name); err != nil {
		return fmt.Errorf("rename %q to %q: %w", temp, name, err)
	}
	if err := fsys.SyncDir(path.Dir(name)); err != nil {
		return fmt.Errorf("sync the directory of %q: %w", name, err)
	}
	return nil
}

func writeSynced(fsys FS, name string, data []byte) error {
	f, err := fsys.Open(name, Write|Create)
	if err != nil {
		return err
	}
	return errors.Join(fill(f, data), f.Close())
}

func fill(f File, data []byte) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	return f.Sync()
}

// removeIfThere clears away what a failed write left; that nothing was left is no error.
func removeIfThere(fsys FS, name string) error {
	if _, err := fsys.Stat(name); err != nil {
		return nil
	}
	return fsys.Remove(name)
}
