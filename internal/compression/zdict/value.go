package zdict

import "encoding/binary"

// Header is what a stored value says of itself.
type Header struct {
	Compressed bool
	Dictionary uint32 // 0 for none; always 0 when the value is plain
	RawBytes   int    // length of the value
}

// AppendPlain appends the stored form of value that is not compressed.
func AppendPlain(dst, value []byte) []byte {
	dst = append(dst, kindPlain)
	return append(dst, value...)
}

// DecodeHeader reads the header of a stored value, and returns what follows it: the value itself when it is plain.
// *CorruptError when it makes no sense. RawBytes is never more than the body could become.
func DecodeHeader(stored []byte) (h Header, body []byte, err error) {
	if len(stored) == 0 {
		return h, nil, badValue("it is empty")
	}
	switch body = stored[1:]; stored[0] {
	case kindPlain:
		return Header{RawBytes: len(body)}, body, nil
	case kindCompressed:
		return decodeCompressed(body)
	default:
		return h, nil, badValue("it is of an unknown kind")
	}
}

func decodeCompressed(body []byte) (h Header, rest []byte, err error) {
	id, n := binary.Uvarint(body)
	if n <= 0 || id > 1<<32-1 {
		return h, nil, badValue("its dictionary's id is malformed")
	}
	body = body[n:]
	raw, n := binary.Uvarint(body)
	if n <= 0 || raw == 0 || raw > RawBytesMax {
		return h, nil, badValue("its length is malformed")
	}
	body = body[n:]
	if blocks := uint64(len(body)) / blockStoredBytesMin; raw > blocks*blockBytesMax {
		return h, nil, badValue("it could not become as long as it says")
	}
	return Header{Compressed: true, Dictionary: uint32(id), RawBytes: int(raw)}, body, nil
}

// appendHeader appends the header of a compressed value.
func appendHeader(dst []byte, id uint32, rawBytes int) []byte {
	dst = append(dst, kindCompressed)
	dst = binary.AppendUvarint(dst, uint64(id))
	return binary.AppendUvarint(dst, uint64(rawBytes))
}

func badValue(why string) error { return &CorruptError{What: "compressed value", Why: why} }
