package salvage

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs"
)

// What tests in package salvage_test look at from outside.

// Header is what is read of a header file.
type Header struct {
	Env      [16]byte
	Sequence uint64
	Tx       uint64
	NextPage page.No
}

// DecodeHeader is decodeHeader.
func DecodeHeader(b []byte) (Header, string) {
	h, why := decodeHeader(b)
	return Header{Env: h.env, Sequence: h.sequence, Tx: h.tx, NextPage: h.nextPage}, why
}

// SealHeader puts the checksum into a header.
func SealHeader(b []byte) []byte {
	binary.LittleEndian.PutUint64(b[headerChecksumOff:], xxh3.Hash(b[:headerChecksumOff]))
	return b
}

// UseOf tells which of the pages are in use, once those in seen have gone by, which are sound and in order. What it is asked
// for is a page number and the page's bytes, nil for those of a damaged page.
func UseOf(seen [][]byte, no page.No, data []byte) string {
	var p place
	for _, b := range seen {
		p.note(page.Number(b), b)
	}
	return [...]string{unknown: "unknown", inUse: "in use", unused: "unused"}[p.of(no, data)]
}

// TempFile says where a ledger puts what does not fit into memory.
type TempFile struct {
	FS   vfs.FS
	Name string
}

// Version is a row in a ledger.
type Version struct {
	ID        string
	Etag      int64
	Tombstone bool
	Unused    bool
}

// Settle returns what becomes of each version: "", "document" or "deleted".
func Settle(versions []Version, rowsMax int, temp TempFile) ([]string, error) {
	l := &ledger{max: rowsMax, temp: tempFile{fs: temp.FS, name: temp.Name}}
	for i, v := range versions {
		kind, use := uint8(docrow.DocumentKind), inUse
		if v.Tombstone {
			kind = docrow.TombstoneKind
		}
		if v.Unused {
			use = unused
		}
		b := row.Append(nil, kind, []byte(v.ID), nil, binary.BigEndian.AppendUint64(nil, uint64(v.Etag)))
		r, _, err := row.Decode(b)
		if err != nil {
			return nil, err
		}
		if err := l.add(found{ordinal: int64(i), row: &r, use: use}); err != nil {
			return nil, err
		}
	}
	verdicts, err := l.settle(int64(len(versions)))
	if err != nil {
		return nil, err
	}
	names := map[verdict]string{document: "document", possiblyDeleted: "deleted"}
	became := make([]string, len(versions))
	for i := range versions {
		became[i] = names[verdicts.of(int64(i))]
	}
	return became, l.close()
}
