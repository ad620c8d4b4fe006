package keyring

import (
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/rookerydb/rookery/internal/storage/crypt"
)

// FileName is the name of the key file in a database's directory.
const FileName = "key"

// formatVersion is the format of key files that this code writes, and the only one it reads.
const formatVersion = 1

// magic begins each key file.
const magic = "rookkey1"

// Offsets in a key file. All numbers are little-endian.
const (
	magicOff    = 0  // 8 bytes
	versionOff  = 8  // u16
	slotsOff    = 10 // u8, how many slots follow the head: 1, or 2 while the master key is being changed
	databaseOff = 16 // 16 bytes, the id of the database; zero until it is known
	headBytes   = 32

	// Of each slot, from its start.
	masterOff  = 0  // 8 bytes, the id of the master key
	nonceOff   = 8  // 24 bytes
	wrappedOff = 32 // the key, then the tag
	slotBytes  = wrappedOff + crypt.WrappedBytes

	slotsMax = 2
)

const idBytes = 16

// keyFile is a decoded key file.
type keyFile struct {
	database [idBytes]byte // zero: bound to no id yet
	slots    []slot        // at least one
}

// slot is the key under one master key.
type slot struct {
	master  [crypt.MasterIDBytes]byte
	nonce   [crypt.WrapNonceBytes]byte
	wrapped [crypt.WrappedBytes]byte
}

// appendKeyFile appends f as it is in the file.
func appendKeyFile(dst []byte, f *keyFile) []byte {
	head := make([]byte, headBytes)
	copy(head[magicOff:], magic)
	binary.LittleEndian.PutUint16(head[versionOff:], formatVersion)
	head[slotsOff] = byte(len(f.slots))
	copy(head[databaseOff:], f.database[:])
	dst = append(dst, head...)
	for i := range f.slots {
		s := &f.slots[i]
		dst = slices.Concat(dst, s.master[:], s.nonce[:], s.wrapped[:])
	}
	return dst
}

// decodeKeyFile reads what appendKeyFile wrote. Errors: *KeyFileError, *NewerFormatError.
func decodeKeyFile(b []byte, name string) (*keyFile, error) {
	if len(b) < headBytes || string(b[magicOff:versionOff]) != magic {
		return nil, &KeyFileError{Name: name, What: "it is none, or damaged"}
	}
	if version := binary.LittleEndian.Uint16(b[versionOff:]); version != formatVersion {
		return nil, &NewerFormatError{Name: name, Found: version}
	}
	n := int(b[slotsOff])
	if n == 0 || n > slotsMax || len(b) != headBytes+n*slotBytes {
		return nil, &KeyFileError{Name: name, What: "it is damaged: its length does not agree"}
	}
	f := &keyFile{database: [idBytes]byte(b[databaseOff:]), slots: make([]slot, n)}
	for i := range f.slots {
		at := b[headBytes+i*slotBytes:]
		f.slots[i] = slot{
			master:  [crypt.MasterIDBytes]byte(at[masterOff:]),
			nonce:   [crypt.WrapNonceBytes]byte(at[nonceOff:]),
			wrapped: [crypt.WrappedBytes]byte(at[wrappedOff:]),
		}
	}
	return f, nil
}

// associated is what a wrapped key is bound to: the format, the id of the database and the name of its directory.
func (f *keyFile) associated(dirName string) []byte {
	b := append([]byte(magic), formatVersion, 0)
	b = append(b, f.database[:]...)
	return append(b, dirName...)
}

// parseID reads the id of a database; empty text is zero. Ids are checked where databases are made.
func parseID(text string) (id [idBytes]byte) {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err == nil && len(b) == idBytes {
		copy(id[:], b)
	}
	return id
}

func printID(id [idBytes]byte) string { return base64.RawStdEncoding.EncodeToString(id[:]) }
