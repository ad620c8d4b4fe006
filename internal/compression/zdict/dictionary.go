package zdict

import (
	"encoding/binary"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/zeebo/xxh3"
)

// Dictionary is content that values of one name are compressed with. It never changes.
type Dictionary struct {
	ID      uint32    // from 1, for one environment; no id is ever given twice
	Name    string    // what it was trained for, a collection, at most NameBytesMax
	Trained time.Time // whole milliseconds, UTC
	Samples uint32    // values that it was trained on
	Ratio   float64   // raw bytes by stored bytes, as measured at training on values that did not train; thousandths
	Bytes   []byte    // in the format of zstd, 1 to DictionaryBytesMax
}

// AppendDictionary appends the record of d.
func AppendDictionary(dst []byte, d Dictionary) []byte {
	invariant.Assert(len(d.Name) <= NameBytesMax && len(d.Bytes) <= DictionaryBytesMax, "dictionary %d is too large", d.ID)
	start := len(dst)
	dst = append(dst, make([]byte, recordHeaderBytes)...)
	head := dst[start:]
	head[recordVersionOff] = recordVersion
	binary.LittleEndian.PutUint32(head[recordIDOff:], d.ID)
	binary.LittleEndian.PutUint64(head[recordTrainedOff:], uint64(d.Trained.UnixMilli()))
	binary.LittleEndian.PutUint32(head[recordSamplesOff:], d.Samples)
	binary.LittleEndian.PutUint32(head[recordRatioOff:], uint32(d.Ratio*1000+0.5))
	binary.LittleEndian.PutUint32(head[recordNameBytesOff:], uint32(len(d.Name)))
	binary.LittleEndian.PutUint32(head[recordDictBytesOff:], uint32(len(d.Bytes)))
	dst = append(dst, d.Name...)
	dst = append(dst, d.Bytes...)
	record := dst[start:]
	binary.LittleEndian.PutUint64(record[recordCheckOff:], checksum(record, recordCheckOff))
	return dst
}

// DecodeDictionary reads a record, which must end where src does. Bytes lie in src; the rest is copied. *CorruptError.
func DecodeDictionary(src []byte) (Dictionary, error) {
	if len(src) < recordHeaderBytes {
		return Dictionary{}, badDictionary("it is shorter than its header")
	}
	if src[recordVersionOff] != recordVersion || src[recordZeroOff]|src[recordZeroOff+1]|src[recordZeroOff+2] != 0 {
		return Dictionary{}, badDictionary("it is of an unknown version")
	}
	name := uint64(binary.LittleEndian.Uint32(src[recordNameBytesOff:]))
	bytes := uint64(binary.LittleEndian.Uint32(src[recordDictBytesOff:]))
	if name > NameBytesMax || bytes > DictionaryBytesMax || recordHeaderBytes+name+bytes != uint64(len(src)) {
		return Dictionary{}, badDictionary("its lengths do not agree")
	}
	if binary.LittleEndian.Uint64(src[recordCheckOff:]) != checksum(src, recordCheckOff) {
		return Dictionary{}, badDictionary("its checksum does not agree")
	}
	d := Dictionary{
		ID:      binary.LittleEndian.Uint32(src[recordIDOff:]),
		Trained: time.UnixMilli(int64(binary.LittleEndian.Uint64(src[recordTrainedOff:]))).UTC(),
		Samples: binary.LittleEndian.Uint32(src[recordSamplesOff:]),
		Ratio:   float64(binary.LittleEndian.Uint32(src[recordRatioOff:])) / 1000,
		Name:    string(src[recordHeaderBytes : recordHeaderBytes+name]),
		Bytes:   src[recordHeaderBytes+name:],
	}
	if d.ID == 0 {
		return Dictionary{}, badDictionary("it has no id")
	}
	return d, nil
}

// checksum is XXH3-64 of b without the 8 bytes at off.
func checksum(b []byte, off int) uint64 {
	var h xxh3.Hasher
	_, _ = h.Write(b[:off]) // never fails
	_, _ = h.Write(b[off+8:])
	return h.Sum64()
}

func badDictionary(why string) error { return &CorruptError{What: "dictionary", Why: why} }
