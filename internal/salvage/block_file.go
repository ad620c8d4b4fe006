package salvage

import (
	"errors"
	"fmt"
	"io"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// blockFile reads a file from front to back through a window. A part of it that the disk does not give up is left out, and
// what is around it is read.
type blockFile struct {
	file      vfs.File
	sizeBytes int64
	buf       []byte
	start     int64           // of buf in the file
	bad       map[int64]error // blocks of page.SizeBytes in buf that cannot be read, by their place in the file
}

// openBlocks opens the file called name to read.
func openBlocks(fsys vfs.FS, name string) (*blockFile, error) {
	file, err := fsys.Open(name, 0)
	if err != nil {
		return nil, err
	}
	size, err := file.Size()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at %s: %w", name, err), file.Close())
	}
	return &blockFile{file: file, sizeBytes: size}, nil
}

func (f *blockFile) close() error { return f.file.Close() }

// pages is how many whole pages the file has.
func (f *blockFile) pages() page.No { return page.No(f.sizeBytes / page.SizeBytes) }

// readAt returns n bytes at off; fewer at the end of the file. They are valid until the next call. The error is the disk's.
func (f *blockFile) readAt(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), max(0, f.sizeBytes-off)))
	if n == 0 {
		return nil, nil
	}
	if off < f.start || off+int64(n) > f.start+int64(len(f.buf)) {
		f.fill(off&^(page.SizeBytes-1), n+int(off&(page.SizeBytes-1)))
	}
	for at := off &^ (page.SizeBytes - 1); len(f.bad) > 0 && at < off+int64(n); at += page.SizeBytes {
		if err := f.bad[at]; err != nil {
			return nil, err
		}
	}
	at := int(off - f.start)
	return f.buf[at : at+n : at+n], nil
}

// fill reads the window that begins at off, a multiple of page.SizeBytes, n bytes or more.
func (f *blockFile) fill(off int64, n int) {
	want := int(min(int64(max(n, windowBytes)), f.sizeBytes-off))
	if cap(f.buf) < want || cap(f.buf) > runKeepBytesMax && want <= runKeepBytesMax {
		f.buf = make([]byte, want)
	}
	f.buf, f.start, f.bad = f.buf[:want], off, nil
	if f.readFull(f.buf, off) == nil {
		return
	}
	f.bad = map[int64]error{}
	for at := 0; at < want; at += page.SizeBytes {
		block := f.buf[at:min(at+page.SizeBytes, want)]
		if err := f.readFull(block, off+int64(at)); err != nil {
			clear(block)
			f.bad[off+int64(at)] = err
		}
	}
}

// readFull fills b from off. That the file ends sooner than its size said is an error as well.
func (f *blockFile) readFull(b []byte, off int64) error {
	n, err := f.file.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// page returns page no; fewer bytes when the file ends in it, none behind its end.
func (f *blockFile) page(no page.No) ([]byte, error) { return f.run(no, 1) }

// run returns the pages of a run; see page.
func (f *blockFile) run(no page.No, pages int) ([]byte, error) {
	if no > f.pages() {
		return nil, nil
	}
	return f.readAt(int64(no)*page.SizeBytes, pages*page.SizeBytes)
}
