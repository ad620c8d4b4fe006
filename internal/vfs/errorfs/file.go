package errorfs

import (
	"errors"

	"github.com/rookerydb/rookery/internal/vfs"
)

// file is an open file. It implements vfs.File.
type file struct {
	fs    *FS
	inner vfs.File
	name  string
}

func (h *file) ReadAt(p []byte, off int64) (int, error) {
	err := h.fs.begin(Op{Kind: ReadAt, Name: h.name, Off: off, Bytes: int64(len(p))})
	return transfer(h.inner.ReadAt, p, off, err)
}

func (h *file) WriteAt(p []byte, off int64) (int, error) {
	err := h.fs.begin(Op{Kind: WriteAt, Name: h.name, Off: off, Bytes: int64(len(p))})
	return transfer(h.inner.WriteAt, p, off, err)
}

// transfer reads or writes as much of p as failing with err leaves.
func transfer(do func([]byte, int64) (int, error), p []byte, off int64, err error) (int, error) {
	if err == nil {
		return do(p, off)
	}
	partial, ok := errors.AsType[*PartialError](err)
	if !ok {
		return 0, err
	}
	n, inner := do(p[:min(partial.Bytes, len(p))], off)
	if inner != nil {
		return n, inner
	}
	return n, partial.Err
}

func (h *file) Size() (int64, error) {
	if err := h.fs.beginWhole(Op{Kind: Size, Name: h.name}); err != nil {
		return 0, err
	}
	return h.inner.Size()
}

func (h *file) Truncate(size int64) error {
	if err := h.fs.beginWhole(Op{Kind: Truncate, Name: h.name, Bytes: size}); err != nil {
		return err
	}
	return h.inner.Truncate(size)
}

func (h *file) Allocate(off, length int64) error {
	if err := h.fs.beginWhole(Op{Kind: Allocate, Name: h.name, Off: off, Bytes: length}); err != nil {
		return err
	}
	return h.inner.Allocate(off, length)
}

func (h *file) Sync() error {
	if err := h.fs.beginWhole(Op{Kind: Sync, Name: h.name}); err != nil {
		return err
	}
	return h.inner.Sync()
}

func (h *file) Map(length int64) (vfs.Mapping, error) {
	if err := h.fs.beginWhole(Op{Kind: Map, Name: h.name, Bytes: length}); err != nil {
		return nil, err
	}
	return h.inner.Map(length)
}

// Close always closes the file beneath: close(2) gives the descriptor back when it fails, too.
func (h *file) Close() error {
	err := h.fs.beginWhole(Op{Kind: Close, Name: h.name})
	return errors.Join(err, h.inner.Close())
}
