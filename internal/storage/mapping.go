package storage

import (
	"fmt"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// mapping is the data file as snapshots read it. A file that grew gets a new one; old snapshots keep theirs.
//
// One bit a page remembers that its checksum was verified since it was last written, so that it is computed once and not
// at each access. A failure of the environment clears all bits: what the disk shows from then on is not taken on trust. A bit is set by readers and cleared by the flusher before it writes the page: no reader reads that page
// from the file then, since flushing never passes the oldest reader.
type mapping struct {
	region   vfs.Mapping
	bytes    []byte
	verified []*verifiedBits
	users    atomic.Int64 // the dataFile and snapshots
}

// verifiedPages is how many pages one block of bits covers: 512 MiB of file, so a growing file shares its blocks.
const verifiedPages = 1 << 16

type verifiedBits [verifiedPages / 64]atomic.Uint64

// newMapping maps the first pages of file, for one user. before is the mapping that it takes the place of, or nil.
func newMapping(file vfs.File, pages int64, before *mapping) (*mapping, error) {
	region, err := file.Map(pages * pageBytes)
	if err != nil {
		return nil, err
	}
	m := &mapping{region: region, bytes: region.Bytes()}
	m.users.Store(1)
	if before != nil {
		m.verified = append(m.verified, before.verified...)
	}
	for int64(len(m.verified))*verifiedPages < pages {
		m.verified = append(m.verified, new(verifiedBits))
	}
	return m, nil
}

// pages is the length of the mapping.
func (m *mapping) pages() int64 { return int64(len(m.bytes)) / pageBytes }

// page returns page no, or the whole overflow run that starts there, as the data file has it. *CorruptError when it is
// not what was written, or was written after transaction newest.
func (m *mapping) page(no page.No, newest TxID) ([]byte, error) {
	if uint64(no) >= uint64(len(m.bytes))/pageBytes {
		return nil, corruptPage(no, fmt.Errorf("the file has %d pages", m.pages()))
	}
	from := m.bytes[no*pageBytes:]
	if !m.isVerified(no) {
		if err := page.Verify(from, no); err != nil {
			return nil, corruptPage(no, err)
		}
		if tx := TxID(page.Tx(from)); tx > newest {
			return nil, corruptPage(no, fmt.Errorf("written by transaction %d, read as of %d", tx, newest))
		}
		m.setVerified(no)
	}
	n := page.RunLen(from) * pageBytes
	return from[:n:n], nil
}

func corruptPage(no page.No, err error) *CorruptError {
	return &CorruptError{File: dataName, Page: no, Err: err}
}

func (m *mapping) isVerified(no page.No) bool {
	return m.verified[no/verifiedPages][no%verifiedPages/64].Load()&(1<<(no%64)) != 0
}

func (m *mapping) setVerified(no page.No) {
	m.verified[no/verifiedPages][no%verifiedPages/64].Or(1 << (no % 64))
}

// clearVerified makes the next reader verify the pages from no on.
func (m *mapping) clearVerified(no page.No, pages int) {
	for i := no; i < no+page.No(pages); i++ {
		m.verified[i/verifiedPages][i%verifiedPages/64].And(^(uint64(1) << (i % 64)))
	}
}

// forgetVerified makes the next reader of every page verify it.
func (m *mapping) forgetVerified() {
	for _, block := range m.verified {
		for i := range block {
			block[i].Store(0)
		}
	}
}

// drop ends the mapping with its last user. An error of that says nothing that anyone could act on: the bytes were only read.
func (m *mapping) drop() {
	if m.users.Add(-1) == 0 {
		_ = m.region.Close()
	}
}
