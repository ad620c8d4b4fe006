package storage

import (
	"encoding/binary"
	"path"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/zeebo/xxh3"
)

// Names in the directory of an environment.
const (
	dataName       = "data"
	lockName       = "lock"
	journalDirName = "journals"
	newSuffix      = ".new" // of files that are being created
)

// headerNames are written in turn, so that a torn write leaves the other one.
var headerNames = [2]string{"header.one", "header.two"}

// FormatVersion is the newest format that this code reads. Plain environments have plainVersion still, so that older programs
// read them.
const (
	FormatVersion = 2
	plainVersion  = 1
)

// headerBytes is the length of a header file: one block, written at once.
const headerBytes = journal.BlockBytes

// headerMagic begins a header file: "rookenv1", little-endian.
const headerMagic uint64 = 0x31766e656b6f6f72

// Offsets in a header file. All numbers are little-endian; bytes not named are zero. Magic, version and checksum stay
// where they are in all later versions, so that an older program can say that it cannot read a newer file.
const (
	magicOff     = 0                // u64
	versionOff   = 8                // u32, FormatVersion
	pageSizeOff  = 12               // u32, bytes of a page
	envOff       = 16               // 16 bytes, id of the environment
	sequenceOff  = 32               // u64, counts header writes; the greater one is newer
	txOff        = 40               // u64, the data file holds everything up to this transaction
	nextPageOff  = 48               // u64, pages of the data file in use
	journalOff   = 56               // u64, number of the journal in which the log goes on
	offsetOff    = 64               // u64, where in it, in bytes
	hashOff      = 72               // u64, of that transaction's record
	catalogOff   = 80               // btree.StateBytes, state of the catalog
	algorithmOff = headerBytes - 40 // u8, crypt.Algorithm of an encrypted environment, else 0
	headerMACOff = headerBytes - 24 // 16 bytes, crypt.Keys.HeaderMAC of all before it; zero in a plain environment
	checkOff     = headerBytes - 8  // u64, XXH3-64 of all before it
)

// header is the contents of a header file.
type header struct {
	mark
	version  uint32
	env      journal.EnvID
	sequence uint64

	algorithm crypt.Algorithm // zero when plain
	mac       [crypt.TagBytes]byte
}

// appendSigned appends the headerBytes bytes of h, with its MAC when there is a vault.
func appendSigned(dst []byte, h header, v *vault) []byte {
	if v != nil {
		h.mac = v.headerMAC(appendHeader(nil, h)[:headerMACOff])
	}
	return appendHeader(dst, h)
}

// appendHeader appends the headerBytes bytes of h.
func appendHeader(dst []byte, h header) []byte {
	base := len(dst)
	dst = append(dst, make([]byte, headerBytes)...)
	b := dst[base:]
	binary.LittleEndian.PutUint64(b[magicOff:], headerMagic)
	binary.LittleEndian.PutUint32(b[versionOff:], h.version)
	binary.LittleEndian.PutUint32(b[pageSizeOff:], pageBytes)
	copy(b[envOff:], h.env[:])
	binary.LittleEndian.PutUint64(b[sequenceOff:], h.sequence)
	binary.LittleEndian.PutUint64(b[txOff:], uint64(h.tx))
	binary.LittleEndian.PutUint64(b[nextPageOff:], uint64(h.nextPage))
	binary.LittleEndian.PutUint64(b[journalOff:], h.end.Journal)
	binary.LittleEndian.PutUint64(b[offsetOff:], uint64(h.end.Off))
	binary.LittleEndian.PutUint64(b[hashOff:], h.hash)
	btree.AppendState(b[catalogOff:catalogOff], h.catalog)
	b[algorithmOff] = uint8(h.algorithm)
	copy(b[headerMACOff:], h.mac[:])
	binary.LittleEndian.PutUint64(b[checkOff:], xxh3.Hash(b[:checkOff]))
	return dst
}

// damage says why bytes are no header.
type damage string

func (d damage) Error() string { return string(d) }

// decodeHeader reads what appendHeader wrote. The error is a damage, or *NewerFormatError without directory.
func decodeHeader(b []byte) (header, error) {
	if len(b) != headerBytes {
		return header{}, damage("not the length of a header")
	}
	if binary.LittleEndian.Uint64(b[magicOff:]) != headerMagic {
		return header{}, damage("not a header")
	}
	if xxh3.Hash(b[:checkOff]) != binary.LittleEndian.Uint64(b[checkOff:]) {
		return header{}, damage("the checksum does not agree")
	}
	version := binary.LittleEndian.Uint32(b[versionOff:])
	if version > FormatVersion {
		return header{}, &NewerFormatError{Found: version, Readable: FormatVersion}
	}
	if binary.LittleEndian.Uint32(b[pageSizeOff:]) != pageBytes || version == 0 {
		return header{}, damage("not a format that ever was")
	}
	catalog, _, err := btree.DecodeState(b[catalogOff:])
	if err != nil {
		return header{}, damage("the state of the catalog makes no sense")
	}
	h := header{
		version:  version,
		env:      journal.EnvID(b[envOff : envOff+16]),
		sequence: binary.LittleEndian.Uint64(b[sequenceOff:]),
		mark: mark{
			tx:       TxID(binary.LittleEndian.Uint64(b[txOff:])),
			nextPage: page.No(binary.LittleEndian.Uint64(b[nextPageOff:])),
			end: journal.Position{
				Journal: binary.LittleEndian.Uint64(b[journalOff:]),
				Off:     int64(binary.LittleEndian.Uint64(b[offsetOff:])),
			},
			hash:    binary.LittleEndian.Uint64(b[hashOff:]),
			catalog: catalog,
		},
		algorithm: crypt.Algorithm(b[algorithmOff]),
		mac:       [crypt.TagBytes]byte(b[headerMACOff:checkOff]),
	}
	if (h.algorithm != 0) != (version > plainVersion) {
		return header{}, damage("the version does not agree with the encryption")
	}
	return h, nil
}

func (o *Options) path(name string) string { return path.Join(o.Dir, name) }

func (o *Options) journalDir() string { return path.Join(o.Dir, journalDirName) }

// DataFileName is the file by which a directory is known as an environment.
const DataFileName = dataName
