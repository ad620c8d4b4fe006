package sortkey

// Kind is the marker in front of a part whose kind varies. Their numbers are the order of the kinds; the gaps leave room.
type Kind byte

// The kinds. Null, False and True are all there is of their parts; behind the others the value follows.
const (
	Null   Kind = 0x10
	False  Kind = 0x20
	True   Kind = 0x21
	Number Kind = 0x30
	String Kind = 0x40
)

// AppendKind appends the marker k.
func AppendKind(dst []byte, k Kind) []byte { return append(dst, byte(k)) }

// DecodeKind reads a marker at the front of src. The error is a *CorruptError.
func DecodeKind(src []byte) (k Kind, rest []byte, err error) {
	if len(src) == 0 {
		return 0, src, tooShort("kind")
	}
	switch k := Kind(src[0]); k {
	case Null, False, True, Number, String:
		return k, src[1:], nil
	}
	return 0, src, &CorruptError{What: "kind", Msg: "no such marker"}
}

// AppendNull appends the marker of null, which sorts before every other marker.
func AppendNull(dst []byte) []byte { return AppendKind(dst, Null) }

// AppendBool appends b in one byte, false before true. It is at the same time a marker and the value.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return AppendKind(dst, True)
	}
	return AppendKind(dst, False)
}

// DecodeBool reads what AppendBool wrote at the front of src. The error is a *CorruptError.
func DecodeBool(src []byte) (b bool, rest []byte, err error) {
	k, rest, err := DecodeKind(src)
	if err != nil {
		return false, src, err
	}
	if k != False && k != True {
		return false, src, &CorruptError{What: "bool", Msg: "the marker of another kind"}
	}
	return k == True, rest, nil
}

// DecodeNull reads what AppendNull wrote at the front of src. The error is a *CorruptError.
func DecodeNull(src []byte) (rest []byte, err error) {
	k, rest, err := DecodeKind(src)
	if err != nil {
		return src, err
	}
	if k != Null {
		return src, &CorruptError{What: "null", Msg: "the marker of another kind"}
	}
	return rest, nil
}
