package sortkey

import "bytes"

// A string is its bytes, in which zero becomes escape (0x00 0xFF), and then an end (0x00 0x01). The end sorts before
// every byte that a longer string could have there. (The scheme of FoundationDB's tuple layer and of CockroachDB.)
const (
	zero    = 0x00
	escaped = 0xFF
	ended   = 0x01
)

// AppendString appends s so that it sorts like bytes.Compare of the strings, whatever follows. It takes len(s)+2 bytes, and
// one more for each zero byte in s.
func AppendString[S ~string | ~[]byte](dst []byte, s S) []byte {
	for i := 0; i < len(s); i++ {
		dst = append(dst, s[i])
		if s[i] == zero {
			dst = append(dst, escaped)
		}
	}
	return append(dst, zero, ended)
}

// DecodeString reads what AppendString wrote at the front of src, and appends the string to dst. The error is a
// *CorruptError; then dst is returned as it was given.
func DecodeString(dst, src []byte) (s, rest []byte, err error) {
	s, rest = dst, src
	for {
		i := bytes.IndexByte(rest, zero)
		if i < 0 || i+1 == len(rest) {
			return dst, src, tooShort("string")
		}
		mark := rest[i+1]
		switch mark {
		case ended:
			return append(s, rest[:i]...), rest[i+2:], nil
		case escaped:
			s = append(s, rest[:i+1]...)
		default:
			return dst, src, &CorruptError{What: "string", Msg: "a zero byte is neither escaped nor the end"}
		}
		rest = rest[i+2:]
	}
}
