package sortkey

import (
	"encoding/binary"
	"math"
)

// signBit is the highest bit of 64. With it turned over, negative numbers sort before the others as unsigned ones.
const signBit = 1 << 63

// AppendUint64 appends x in eight bytes.
func AppendUint64(dst []byte, x uint64) []byte { return binary.BigEndian.AppendUint64(dst, x) }

// DecodeUint64 reads what AppendUint64 wrote at the front of src. The error is a *CorruptError.
func DecodeUint64(src []byte) (x uint64, rest []byte, err error) { return decode64("uint64", src) }

// AppendInt64 appends x in eight bytes.
func AppendInt64(dst []byte, x int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(x)^signBit)
}

// DecodeInt64 reads what AppendInt64 wrote at the front of src. The error is a *CorruptError.
func DecodeInt64(src []byte) (x int64, rest []byte, err error) {
	u, rest, err := decode64("int64", src)
	if err != nil {
		return 0, src, err
	}
	return int64(u ^ signBit), rest, nil
}

// AppendFloat64 appends x in eight bytes. The order is total: -Inf, negative numbers, -0, +0, positive numbers, +Inf, and
// NaN last. Every NaN is written as the same one.
func AppendFloat64(dst []byte, x float64) []byte {
	if math.IsNaN(x) {
		x = math.NaN() // one of its forms, with the sign bit clear: it sorts behind +Inf
	}
	u := math.Float64bits(x)
	if u&signBit != 0 {
		u = ^u // a greater magnitude below zero is a lesser number
	} else {
		u |= signBit
	}
	return binary.BigEndian.AppendUint64(dst, u)
}

// DecodeFloat64 reads what AppendFloat64 wrote at the front of src. The error is a *CorruptError.
func DecodeFloat64(src []byte) (x float64, rest []byte, err error) {
	u, rest, err := decode64("float64", src)
	if err != nil {
		return 0, src, err
	}
	if u&signBit != 0 {
		u &^= signBit
	} else {
		u = ^u
	}
	x = math.Float64frombits(u)
	if math.IsNaN(x) && u != math.Float64bits(math.NaN()) {
		return 0, src, &CorruptError{What: "float64", Msg: "a NaN that is never written"}
	}
	return x, rest, nil
}

func decode64(what string, src []byte) (uint64, []byte, error) {
	if len(src) < 8 {
		return 0, src, tooShort(what)
	}
	return binary.BigEndian.Uint64(src), src[8:], nil
}
