package salvage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Names in the directory of an environment; docs/format/environment.md describes them and the bytes of a header.
const (
	dataName    = "data"
	lockName    = "lock"
	journalsDir = "journals"
	compactName = "compact" // what compaction makes takes the place of the environment,
	swapName    = "swap"    // once this is there
)

// headerNames are the two headers, which say the same unless one of them was being written.
var headerNames = [2]string{"header.one", "header.two"}

// What salvage reads of a header; it has no use for the rest. All numbers are little-endian.
const (
	headerBytes = 4096

	headerMagic uint64 = 0x31766e656b6f6f72 // "rookenv1"

	headerMagicOff    = 0
	headerVersionOff  = 8
	headerPageSizeOff = 12
	headerEnvOff      = 16
	headerSequenceOff = 32
	headerTxOff       = 40
	headerNextPageOff = 48
	headerChecksumOff = 4088

	headerVersionPlain     = 1
	headerVersionEncrypted = 2
)

// header is what a header says: the data file holds everything up to transaction tx, in pages below nextPage.
type header struct {
	encrypted bool
	env       journal.EnvID
	sequence  uint64
	tx        uint64
	nextPage  page.No
}

// decodeHeader reads a header file; why is what is wrong with it, or "".
func decodeHeader(b []byte) (h header, why string) {
	switch {
	case len(b) != headerBytes:
		return header{}, fmt.Sprintf("%d bytes long", len(b))
	case binary.LittleEndian.Uint64(b[headerMagicOff:]) != headerMagic:
		return header{}, "not a header"
	case xxh3.Hash(b[:headerChecksumOff]) != binary.LittleEndian.Uint64(b[headerChecksumOff:]):
		return header{}, "the checksum does not agree"
	}
	version := binary.LittleEndian.Uint32(b[headerVersionOff:])
	if version < headerVersionPlain || version > headerVersionEncrypted || binary.LittleEndian.Uint32(b[headerPageSizeOff:]) != page.SizeBytes {
		return header{}, fmt.Sprintf("format %d, which this version does not read", version)
	}
	return header{
		encrypted: version == headerVersionEncrypted,
		env:       journal.EnvID(b[headerEnvOff : headerEnvOff+16]),
		sequence:  binary.LittleEndian.Uint64(b[headerSequenceOff:]),
		tx:        binary.LittleEndian.Uint64(b[headerTxOff:]),
		nextPage:  page.No(binary.LittleEndian.Uint64(b[headerNextPageOff:])),
	}, ""
}

// readHeaders returns the newest valid header, nil when there is none, and what became of each.
func readHeaders(fsys vfs.FS, dir string) (newest *header, reports []HeaderReport) {
	for _, name := range headerNames {
		report := HeaderReport{File: name}
		b, err := vfs.ReadFile(fsys, path.Join(dir, name))
		h, why := decodeHeader(b)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			report.Problem = "missing"
		case err != nil:
			report.Problem = err.Error()
		case why != "":
			report.Problem = why
		default:
			report.Transaction = h.tx
			if newest == nil || h.sequence > newest.sequence {
				newest = &h
			}
		}
		reports = append(reports, report)
	}
	return newest, reports
}
