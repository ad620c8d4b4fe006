package storage

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// fileView is the data file as snapshots read it. A file that grew gets a new one; old snapshots keep theirs.
//
// It is a mapping, or, where pages cannot be used as they lie in the file, a length: pages are then read into the frames
// of the transaction that asks.
//
// In a mapping, one bit a page remembers that its checksum was verified since it was last written, so that it is computed
// once and not at each access. A failure of the environment clears all bits: what the disk shows from then on is not taken
// on trust. A bit is set by readers and cleared by the flusher before it writes the page: no reader reads that page
// from the file then, since flushing never passes the oldest reader.
type fileView struct {
	file     *sharedFile
	pages    int64
	region   vfs.Mapping // nil when pages are read into frames
	bytes    []byte
	verified []*verifiedBits
	users    atomic.Int64 // the dataFile and snapshots
}

// verifiedPages is how many pages one block of bits covers: 512 MiB of file, so a growing file shares its blocks.
const verifiedPages = 1 << 16

type verifiedBits [verifiedPages / 64]atomic.Uint64

// newFileView shows the first pages of file, for one user. before is the view that it takes the place of, or nil.
func newFileView(file *sharedFile, pages int64, before *fileView, mapped bool) (*fileView, error) {
	v := &fileView{file: file, pages: pages}
	v.users.Store(1)
	if mapped {
		if err := v.mapFile(before); err != nil {
			return nil, err
		}
	}
	file.users.Add(1)
	return v, nil
}

func (v *fileView) mapFile(before *fileView) (err error) {
	if v.region, err = v.file.Map(v.pages * pageBytes); err != nil {
		return err
	}
	v.bytes = v.region.Bytes()
	if before != nil {
		v.verified = append(v.verified, before.verified...)
	}
	for int64(len(v.verified))*verifiedPages < v.pages {
		v.verified = append(v.verified, new(verifiedBits))
	}
	return nil
}

// page returns page no, or the whole overflow run that starts there, as the data file has it; in f when there is no mapping.
// *CorruptError when it is not what was written, or was written after transaction newest.
func (v *fileView) page(no page.No, newest TxID, f *frames) ([]byte, error) {
	if uint64(no) >= uint64(v.pages) {
		return nil, corruptPage(no, fmt.Errorf("the file has %d pages", v.pages))
	}
	if v.region == nil {
		return f.page(v, no, newest)
	}
	from := v.bytes[no*pageBytes:]
	if !v.isVerified(no) {
		if err := page.Verify(from, no); err != nil {
			return nil, corruptPage(no, err)
		}
		if err := checkAge(from, no, newest); err != nil {
			return nil, err
		}
		v.setVerified(no)
	}
	n := page.RunLen(from) * pageBytes
	return from[:n:n], nil
}

// verifyAnew looks at page no as it lies in a mapping now, whether it was verified before or not.
func (v *fileView) verifyAnew(no page.No) error {
	if v.region == nil || uint64(no) >= uint64(v.pages) {
		return nil // frames are verified whenever they are filled
	}
	if err := page.Verify(v.bytes[no*pageBytes:], no); err != nil {
		return corruptPage(no, err)
	}
	return nil
}

func checkAge(p []byte, no page.No, newest TxID) error {
	if tx := TxID(page.Tx(p)); tx > newest {
		return corruptPage(no, fmt.Errorf("written by transaction %d, read as of %d", tx, newest))
	}
	return nil
}

// read fills p with what the file has from page no on; what lies behind its end is zero.
func (v *fileView) read(p []byte, no page.No) error {
	if off := uint64(no) * pageBytes; off < uint64(len(v.bytes)) {
		clear(p[copy(p, v.bytes[off:]):])
		return nil
	}
	n, err := v.file.ReadAt(p, int64(no)*pageBytes)
	clear(p[n:])
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %d bytes at page %d: %w", len(p), no, err)
	}
	return nil
}

func corruptPage(no page.No, err error) *CorruptError {
	return &CorruptError{File: dataName, Page: no, Err: err}
}

func (v *fileView) isVerified(no page.No) bool {
	return v.verified[no/verifiedPages][no%verifiedPages/64].Load()&(1<<(no%64)) != 0
}

func (v *fileView) setVerified(no page.No) {
	v.verified[no/verifiedPages][no%verifiedPages/64].Or(1 << (no % 64))
}

// clearVerified makes the next reader verify the pages from no on.
func (v *fileView) clearVerified(no page.No, pages int) {
	if v.region == nil || planted.Is(planted.TrustOldVerdict) {
		return
	}
	for i := no; i < no+page.No(pages); i++ {
		v.verified[i/verifiedPages][i%verifiedPages/64].And(^(uint64(1) << (i % 64)))
	}
}

// forgetVerified makes the next reader of every page verify it.
func (v *fileView) forgetVerified() {
	for _, block := range v.verified {
		for i := range block {
			block[i].Store(0)
		}
	}
}

// drop ends the view with its last user. An error of that says nothing that anyone could act on: the bytes were only read.
func (v *fileView) drop() {
	if v.users.Add(-1) > 0 {
		return
	}
	if v.region != nil {
		_ = v.region.Close()
	}
	_ = v.file.release()
}

// sharedFile is the open data file. Views without a mapping read from it after the environment was closed, as long as they
// have readers.
type sharedFile struct {
	vfs.File
	users atomic.Int64 // views, and the dataFile
}

// release closes the file with its last user.
func (s *sharedFile) release() error {
	if s.users.Add(-1) > 0 {
		return nil
	}
	return s.Close()
}
