package zdict

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Sealer encrypts what lies beside an encrypted environment. bound is not encrypted, and must be the same at both ends.
// Both methods append to dst, and may be called by several goroutines at once.
type Sealer interface {
	Seal(dst, plain, bound []byte) ([]byte, error)
	// Unseal returns an error when sealed or bound are not what they were.
	Unseal(dst, sealed, bound []byte) ([]byte, error)
}

// Copies is what the files beside the environment say.
type Copies struct {
	Next         uint32       // no dictionary from this id on was ever made; 0 is as good as 1
	Dictionaries []Dictionary // by id
}

// CopyNames returns the names of the two files in the directory of an environment.
func CopyNames() [2]string { return [2]string{"dictionaries.one", "dictionaries.two"} }

// AppendCopies appends the file that holds c, encrypted by sealer unless that is nil. The error is the sealer's.
func AppendCopies(dst []byte, c Copies, sealer Sealer) ([]byte, error) {
	body := binary.LittleEndian.AppendUint32(nil, c.Next)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(c.Dictionaries)))
	for _, d := range c.Dictionaries {
		start := len(body)
		body = AppendDictionary(append(body, make([]byte, lengthBytes)...), d)
		binary.LittleEndian.PutUint32(body[start:], uint32(len(body)-start-lengthBytes))
	}
	start := len(dst)
	dst = append(dst, make([]byte, copiesHeaderBytes)...)
	head := dst[start:]
	copy(head[copiesMagicOff:], copiesMagic)
	binary.LittleEndian.PutUint32(head[copiesVersionOff:], copiesVersion)
	if sealer == nil {
		dst = append(dst, body...)
	} else {
		binary.LittleEndian.PutUint32(head[copiesFlagsOff:], flagSealed)
		bound := slices.Clone(head[:copiesBoundBytes])
		var err error
		if dst, err = sealer.Seal(dst, body, bound); err != nil {
			return dst[:start], err
		}
		clear(body)
	}
	file := dst[start:]
	binary.LittleEndian.PutUint64(file[copiesBodyOff:], uint64(len(file)-copiesHeaderBytes))
	binary.LittleEndian.PutUint64(file[copiesCheckOff:], checksum(file, copiesCheckOff))
	invariant.Assert(len(file) <= CopiesBytesMax, "copies of dictionaries have %d bytes", len(file))
	return dst, nil
}

// DecodeCopies reads a whole file. What it returns does not lie in file. *CorruptError; *SealedError when sealer is nil and
// the file is encrypted, or the other way round.
func DecodeCopies(file []byte, sealer Sealer) (Copies, error) {
	if len(file) < copiesHeaderBytes || string(file[:len(copiesMagic)]) != copiesMagic {
		return Copies{}, badCopies("they do not begin as they must")
	}
	if binary.LittleEndian.Uint64(file[copiesCheckOff:]) != checksum(file, copiesCheckOff) {
		return Copies{}, badCopies("the checksum does not agree")
	}
	flags := binary.LittleEndian.Uint32(file[copiesFlagsOff:])
	body := file[copiesHeaderBytes:]
	switch {
	case binary.LittleEndian.Uint32(file[copiesVersionOff:]) != copiesVersion || flags&^flagSealed != 0:
		return Copies{}, badCopies("they are of an unknown version")
	case binary.LittleEndian.Uint64(file[copiesBodyOff:]) != uint64(len(body)):
		return Copies{}, badCopies("the length does not agree")
	case (flags == flagSealed) != (sealer != nil):
		return Copies{}, &SealedError{Sealed: flags == flagSealed}
	case sealer == nil:
		return decodeBody(slices.Clone(body))
	}
	plain, err := sealer.Unseal(nil, body, file[:copiesBoundBytes])
	if err != nil {
		return Copies{}, badCopies("they cannot be decrypted: " + err.Error())
	}
	return decodeBody(plain)
}

// decodeBody keeps body.
func decodeBody(body []byte) (Copies, error) {
	if len(body) < bodyHeaderBytes {
		return Copies{}, badCopies("the body is too short")
	}
	c := Copies{Next: binary.LittleEndian.Uint32(body[bodyNextOff:])}
	count := binary.LittleEndian.Uint32(body[bodyCountOff:])
	body = body[bodyHeaderBytes:]
	for range count { // each takes some of body, so that a false count ends soon
		if len(body) < lengthBytes {
			return Copies{}, badCopies("a dictionary is missing")
		}
		n := uint64(binary.LittleEndian.Uint32(body))
		body = body[lengthBytes:]
		if n > uint64(len(body)) {
			return Copies{}, badCopies("a dictionary is cut off")
		}
		d, err := DecodeDictionary(body[:n:n])
		if err != nil {
			return Copies{}, err
		}
		c.Dictionaries = append(c.Dictionaries, d)
		body = body[n:]
	}
	if len(body) > 0 {
		return Copies{}, badCopies("something follows the last dictionary")
	}
	return c, nil
}

// MergeCopies returns all that both files know, by id. Where they differ, which only a crash between two writes of the
// files leaves, the one that is further on is believed.
func MergeCopies(a, b Copies) Copies {
	if b.Next > a.Next {
		a, b = b, a
	}
	merged := Copies{Next: a.Next, Dictionaries: slices.Concat(a.Dictionaries, b.Dictionaries)}
	slices.SortStableFunc(merged.Dictionaries, func(a, b Dictionary) int { return cmp.Compare(a.ID, b.ID) })
	merged.Dictionaries = slices.CompactFunc(merged.Dictionaries, func(a, b Dictionary) bool { return a.ID == b.ID })
	return merged
}

func badCopies(why string) error {
	return &CorruptError{What: "file with copies of dictionaries", Why: why}
}
