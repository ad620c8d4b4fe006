package compression

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage"
)

// The registry is a tree and a fixed-size tree of the environment; all numbers are big-endian. The page
// docs/format/compression.md says the same.
//
//	tree             key                     value
//	registry         "d", id (4 bytes)       record of the dictionary, see package zdict
//	                 "n", name               id of the dictionary that new values of the name are compressed with (4)
//	                 "s"                     version, 1 (1); lowest id that no registered dictionary had (4)
//	values           id                      values that need the dictionary (8); transaction that registered it (8)
const (
	registryTree = "compression.registry"
	valuesTree   = "compression.values"

	dictionaryKey = 'd'
	nameKey       = 'n'
	stateKey      = "s"

	idBytes = 4

	stateVersion = 1
	stateNextOff = 1
	stateBytes   = 5

	usageValuesOff = 0
	usageSinceOff  = 8
	usageBytes     = 16
)

// usage is what the registry knows of a dictionary beside its record.
type usage struct {
	values uint64       // that need it
	since  storage.TxID // that registered it
}

func appendUsage(dst []byte, u usage) []byte {
	dst = binary.BigEndian.AppendUint64(dst, u.values)
	return binary.BigEndian.AppendUint64(dst, uint64(u.since))
}

// decodeUsage reads a value of the fixed-size tree, whose length the tree vouches for.
func decodeUsage(b []byte) usage {
	return usage{
		values: binary.BigEndian.Uint64(b[usageValuesOff:]),
		since:  storage.TxID(binary.BigEndian.Uint64(b[usageSinceOff:])),
	}
}

func appendDictionaryKey(dst []byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, dictionaryKey), id)
}

func appendNameKey(dst []byte, name string) []byte {
	return append(append(dst, nameKey), name...)
}

func appendState(dst []byte, next uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, stateVersion), next)
}

func decodeState(b []byte) (next uint32, err error) {
	if len(b) != stateBytes || b[0] != stateVersion {
		return 0, &CorruptError{Why: "its state is of an unknown version"}
	}
	return binary.BigEndian.Uint32(b[stateNextOff:]), nil
}

func decodeID(b []byte) (uint32, error) {
	if len(b) != idBytes {
		return 0, &CorruptError{Why: "an id does not have 4 bytes"}
	}
	return binary.BigEndian.Uint32(b), nil
}
