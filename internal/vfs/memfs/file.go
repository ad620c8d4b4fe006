package memfs

import (
	"io"
	"io/fs"
	"slices"

	"github.com/rookerydb/rookery/internal/vfs"
)

// file is an open file. It implements vfs.File.
type file struct {
	fs     *FS
	node   *node
	mode   vfs.Mode
	closed bool
}

func (h *file) ReadAt(p []byte, off int64) (int, error) {
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	if err := h.check("read", off); err != nil {
		return 0, err
	}
	if off >= h.node.size {
		return 0, io.EOF
	}
	n := copy(p, h.node.now.bytes[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *file) WriteAt(p []byte, off int64) (int, error) {
	if h.mode&vfs.WriteThrough != 0 {
		vfs.AssertAligned(p, off)
	}
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.checkWritable("write", off); err != nil || len(p) == 0 {
		return 0, err
	}
	fits, full := h.fitting(p, off)
	if len(fits) == 0 {
		return 0, full
	}
	op := h.op(Write)
	op.Off, op.Bytes, op.Through = off, int64(len(fits)), h.mode&vfs.WriteThrough != 0
	op.data = fits
	if h.keepsData(op.Through) {
		op.data = slices.Clone(fits)
	}
	if err := h.fs.do(op); err != nil {
		return 0, err
	}
	return len(fits), full
}

// fitting is as much of p as there is room for, in whole blocks when not all of it, and the error of a full disk.
func (h *file) fitting(p []byte, off int64) ([]byte, error) {
	end := off + int64(len(p))
	if h.fs.free() >= end-h.node.size {
		return p, nil
	}
	room := max(h.node.size+max(h.fs.free(), 0)-off, 0) / blockBytes * blockBytes
	return p[:min(room, int64(len(p)))], pathError("write", h.node.path(), vfs.ErrNoSpace)
}

// keepsData says whether anything will look at the bytes of a write after it returned.
func (h *file) keepsData(through bool) bool {
	if h.fs.recording || h.fs.opCount == h.fs.dieAt {
		return true
	}
	return h.fs.disk.crashable && !(through && len(h.node.writes) == 0)
}

func (h *file) Size() (int64, error) {
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	return h.node.size, h.check("stat", 0)
}

func (h *file) Truncate(size int64) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.checkWritable("truncate", size); err != nil {
		return err
	}
	if size == h.node.size {
		return nil
	}
	if size-h.node.size > max(h.fs.free(), 0) {
		return pathError("truncate", h.node.path(), vfs.ErrNoSpace)
	}
	op := h.op(Truncate)
	op.Bytes = size
	return h.fs.do(op)
}

// Allocate only extends: memory needs no reservation.
func (h *file) Allocate(off, length int64) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.checkWritable("allocate", min(off, length)); err != nil {
		return err
	}
	if off+length-h.node.size > max(h.fs.free(), 0) {
		return pathError("allocate", h.node.path(), vfs.ErrNoSpace)
	}
	op := h.op(Allocate)
	op.Off, op.Bytes = off, length
	return h.fs.do(op)
}

func (h *file) Sync() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("sync", 0); err != nil {
		return err
	}
	return h.fs.do(h.op(Sync))
}

// Map returns the bytes of the file themselves: what is written later shows, until the file grows. See the package.
func (h *file) Map(length int64) (vfs.Mapping, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("map", 0); err != nil {
		return nil, err
	}
	if length < 0 || length > h.node.size {
		return nil, &vfs.MapRangeError{Name: h.node.path(), LengthBytes: length, SizeBytes: h.node.size}
	}
	h.node.now.own()
	return &mapping{bytes: h.node.now.bytes[:length:length]}, nil
}

func (h *file) Close() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("close", 0); err != nil {
		return err
	}
	h.closed = true
	h.node.handles--
	h.fs.forget(h.node)
	return nil
}

func (h *file) op(kind Kind) Op {
	return Op{Kind: kind, Name: h.node.path(), node: h.node.id}
}

func (h *file) check(verb string, off int64) error {
	if h.closed {
		return pathError(verb, h.node.path(), fs.ErrClosed)
	}
	if off < 0 {
		return pathError(verb, h.node.path(), fs.ErrInvalid)
	}
	return nil
}

func (h *file) checkWritable(verb string, off int64) error {
	if err := h.check(verb, off); err != nil {
		return err
	}
	if h.mode&(vfs.Write|vfs.WriteThrough) == 0 {
		return pathError(verb, h.node.path(), fs.ErrPermission)
	}
	return nil
}

type mapping struct{ bytes []byte }

func (m *mapping) Bytes() []byte { return m.bytes }

func (m *mapping) Close() error {
	m.bytes = nil
	return nil
}
