package storage

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// headers are the two header files. Each tells what the data file holds; after a crash between their writes the older one tells
// what it held before.
type headers struct {
	files  [2]vfs.File
	valid  [2]bool
	last   [2]header
	raw    [2][headerBytes]byte // as they were at open
	newest int                  // index of the newest valid one
	vault  *vault               // nil unless encrypted
}

// openHeaders reads both files. One of them may be missing or damaged: the other one is used, and the first write mends it.
func openHeaders(opts *Options, mode vfs.Mode) (*headers, error) {
	h := &headers{}
	var problems error
	for i, name := range headerNames {
		if err := h.read(i, opts, mode); err != nil {
			var newer *NewerFormatError
			var bad damage
			switch {
			case errors.As(err, &newer):
				newer.Dir = opts.Dir
				return nil, errors.Join(newer, h.close())
			case errors.As(err, &bad), errors.Is(err, fs.ErrNotExist):
				problems = errors.Join(problems, fmt.Errorf("%s: %w", name, err))
			default:
				return nil, errors.Join(fmt.Errorf("read %s: %w", name, err), h.close())
			}
		}
	}
	switch {
	case h.valid[0] && h.valid[1]:
		if h.last[1].sequence > h.last[0].sequence {
			h.newest = 1
		}
	case h.valid[1]:
		h.newest = 1
	case !h.valid[0]:
		return nil, errors.Join(&CorruptError{File: "header", Err: problems}, h.close())
	}
	return h, nil
}

// unlock compares the headers with the MACs under the keys in v. A header that does not agree is not used; when none does, it is
// the key that is wrong, or both were changed by somebody who has it not.
func (h *headers) unlock(dir string, v *vault) error {
	h.vault = v
	for i := range h.files {
		h.valid[i] = h.valid[i] && h.last[i].mac == v.headerMAC(h.raw[i][:headerMACOff])
	}
	if !h.valid[h.newest] {
		h.newest = 1 - h.newest
	}
	if !h.valid[h.newest] {
		return &KeyError{Dir: dir, Reason: "this is not the key that the environment was encrypted with"}
	}
	return nil
}

func (h *headers) read(i int, opts *Options, mode vfs.Mode) error {
	file, err := opts.FS.Open(opts.path(headerNames[i]), mode)
	if err != nil {
		return err
	}
	h.files[i] = file
	size, err := file.Size()
	if err != nil {
		return err
	}
	if size != headerBytes {
		return damage(fmt.Sprintf("%d bytes long", size))
	}
	if _, err := file.ReadAt(h.raw[i][:], 0); err != nil {
		return err
	}
	h.last[i], err = decodeHeader(h.raw[i][:])
	h.valid[i] = err == nil
	return err
}

// current is the newest header.
func (h *headers) current() header { return h.last[h.newest] }

// write puts m into the older file and returns when it is durable.
func (h *headers) write(m mark) error {
	next := h.current()
	next.mark = m
	next.sequence++
	i := 1 - h.newest
	b := vfs.AlignedBytes(headerBytes)
	if _, err := h.files[i].WriteAt(appendSigned(b[:0], next, h.vault), 0); err != nil {
		return fmt.Errorf("write %s: %w", headerNames[i], err)
	}
	if planted.Is(planted.SkipHeaderSync) {
		h.last[i], h.valid[i], h.newest = next, true, i
		return nil
	}
	if err := h.files[i].Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", headerNames[i], err)
	}
	h.last[i], h.valid[i], h.newest = next, true, i
	return nil
}

// firstJournal is the lowest journal that a recovery from either header may read.
func (h *headers) firstJournal() uint64 {
	first := h.current().end.Journal
	if other := 1 - h.newest; h.valid[other] {
		first = min(first, h.last[other].end.Journal)
	}
	return first
}

func (h *headers) close() error {
	var err error
	for _, f := range h.files {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}
